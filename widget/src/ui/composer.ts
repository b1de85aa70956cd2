/** Owns the box that the visitor writes in, and the button that sends or stops. */
import { h } from "./dom";
import { icon } from "./icons";

/** Characters of a message that the server takes. */
export const MESSAGE_LIMIT = 4_000;

const WARN_FROM = 3_600;
const MAX_HEIGHT_PX = 150;

/** What the composer tells. */
export interface ComposerPorts {
  onSend(message: string): void;
  onStop(): void;
  onDraft(draft: string): void;
}

/** Grows with the text; Enter sends, Shift+Enter begins a line. */
export class Composer {
  readonly element = h("form", { class: "composer" });
  readonly #box = h("textarea", {
    rows: "1",
    placeholder: "Ask a question…",
    "aria-label": "Your message",
    dir: "auto",
    enterkeyhint: "send",
    autocomplete: "off",
  });
  readonly #counter = h("span", { class: "counter", "aria-hidden": "true", hidden: true });
  // Apart from the counter, which would be read out at every key.
  readonly #warning = h("span", { class: "visually-hidden", role: "status" });
  readonly #button = h("button", { type: "submit", class: "send" });
  #isRunning: boolean | null = null;

  constructor(private readonly ports: ComposerPorts) {
    this.#box.addEventListener("input", () => this.#changed());
    this.#box.addEventListener("keydown", (event) => this.#onKey(event));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#stops) ports.onStop();
      else this.#send();
    });
    this.element.append(this.#box, this.#counter, this.#warning, this.#button);
    this.update(false, false);
  }

  /** What is being written. */
  get draft(): string {
    return this.#box.value;
  }

  set draft(draft: string) {
    this.#box.value = draft;
    this.#show();
  }

  /** Show whether an answer is being written, and whether stopping it was asked for. */
  update(isRunning: boolean, isStopping: boolean): void {
    this.#isRunning = isRunning;
    this.#show();
    if (this.#stops) this.#button.disabled = isStopping;
  }

  /** Put the cursor in the box. */
  focus(): void {
    this.#box.focus({ preventScroll: true });
  }

  /** With nothing written, the button stops the answer; a written message waits for its end. */
  get #stops(): boolean {
    return this.#isRunning === true && this.#box.value.trim() === "";
  }

  #changed(): void {
    this.#show();
    this.ports.onDraft(this.#box.value);
  }

  #onKey(event: KeyboardEvent): void {
    // Enter that ends the input of a composed character sends nothing.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#send();
  }

  #send(): void {
    const message = this.#box.value.trim();
    if (!message || this.#length > MESSAGE_LIMIT) return;
    this.draft = "";
    this.ports.onDraft("");
    this.ports.onSend(message);
  }

  get #length(): number {
    return Array.from(this.#box.value).length;
  }

  #show(): void {
    const name = this.#stops ? "Stop" : "Send";
    if (this.#button.getAttribute("aria-label") !== name) {
      this.#button.setAttribute("aria-label", name);
      this.#button.title = name;
      this.#button.replaceChildren(icon(this.#stops ? "stop" : "send"));
    }
    const isOver = this.#length > MESSAGE_LIMIT;
    const isEmpty = this.#box.value.trim() === "";
    this.#button.disabled = !this.#stops && (isEmpty || isOver);
    this.#counter.hidden = this.#length < WARN_FROM;
    const advice = isOver ? " · shorten it to send" : "";
    this.#counter.textContent = `${this.#length} / ${MESSAGE_LIMIT}${advice}`;
    const warning = isOver ? `Too long: a message has at most ${MESSAGE_LIMIT} characters.` : "";
    if (this.#warning.textContent !== warning) this.#warning.textContent = warning;
    this.#counter.classList.toggle("is-over", isOver);
    this.#box.setAttribute("aria-invalid", String(isOver));
    this.#grow();
  }

  #grow(): void {
    this.#box.style.height = "auto";
    const height = Math.min(this.#box.scrollHeight, MAX_HEIGHT_PX);
    if (height > 0) this.#box.style.height = `${height}px`;
  }
}
