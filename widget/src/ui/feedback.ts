/** Owns what stands below an answer: its time, copy, and thumbs with an optional comment. */
import { h } from "./dom";
import { icon, type IconName } from "./icons";

const COMMENT_LIMIT = 1_000;

/** Thumbs up and down; a thumb down asks what was wrong. */
export class Feedback {
  readonly element = h("div", { class: "feedback" });
  readonly form = h("form", { class: "comment", hidden: true });
  readonly #up = toggle("up", "Good answer", () => this.#rate("up"));
  readonly #down = toggle("thumbDown", "Bad answer", () => this.#rate("down"));
  readonly #comment = h("textarea", {
    rows: "2",
    maxlength: String(COMMENT_LIMIT),
    placeholder: "What was wrong? (optional)",
    "aria-label": "What was wrong? (optional)",
  });

  constructor(private readonly rate: (rating: "up" | "down", comment?: string) => void) {
    this.element.append(this.#up, this.#down);
    const send = h("button", { type: "submit", class: "primary" }, "Send");
    const skip = h("button", { type: "button", class: "secondary" }, "Skip");
    skip.addEventListener("click", () => this.#closeForm());
    this.form.append(this.#comment, h("div", { class: "buttons" }, send, skip));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const comment = this.#comment.value.trim();
      if (comment) this.rate("down", comment);
      this.#closeForm();
    });
  }

  /** Show the rating that the log holds. */
  update(rating: "up" | "down" | null): void {
    this.#up.setAttribute("aria-pressed", String(rating === "up"));
    this.#down.setAttribute("aria-pressed", String(rating === "down"));
  }

  #rate(rating: "up" | "down"): void {
    this.update(rating);
    this.rate(rating);
    this.form.hidden = rating === "up";
    if (rating === "down") this.#comment.focus();
  }

  #closeForm(): void {
    this.form.hidden = true;
    this.#down.focus();
  }
}

/** A button that copies a text and says so. */
export function copyButton(text: () => string): HTMLElement {
  const button = toggle("copy", "Copy answer", async () => {
    if (!(await copy(text()))) return;
    button.replaceChildren(icon("check"));
    button.setAttribute("aria-label", "Copied");
    setTimeout(() => {
      button.replaceChildren(icon("copy"));
      button.setAttribute("aria-label", "Copy answer");
    }, 1_600);
  });
  button.removeAttribute("aria-pressed");
  return button;
}

/** Give a text to the clipboard; whether that worked. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not permitted, or a page without https.
    return false;
  }
}

function toggle(name: IconName, label: string, onClick: () => void): HTMLElement {
  return h(
    "button",
    {
      type: "button",
      class: "tool",
      "aria-label": label,
      title: label,
      "aria-pressed": "false",
      on: { click: onClick },
    },
    icon(name),
  );
}
