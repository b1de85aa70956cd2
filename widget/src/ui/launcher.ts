/** Owns the round button in the corner of the page. */
import { h } from "./dom";
import { face, icon, wave } from "./icons";

const MOST_COUNTED = 9;

/** Opens and closes the panel; a badge says how much is unread. */
export class Launcher {
  readonly element = h("button", {
    type: "button",
    class: "launcher",
    "aria-haspopup": "dialog",
    "aria-expanded": "false",
    "aria-label": "Ask Heidi",
  });
  readonly #badge = h("span", { class: "badge", "aria-hidden": "true", hidden: true });

  constructor(onClick: () => void) {
    const open = h("span", { class: "launcher-open", "aria-hidden": "true" }, face(), wave());
    this.element.append(open, h("span", { class: "launcher-close" }, icon("down")), this.#badge);
    this.element.addEventListener("click", onClick);
  }

  /** Show whether the panel is open and how many messages are unread. */
  update(isOpen: boolean, unread: number): void {
    const news = unread === 1 ? ", new message" : `, ${unread} new messages`;
    const label = unread > 0 ? `Ask Heidi${news}` : "Ask Heidi";
    this.element.setAttribute("aria-expanded", String(isOpen));
    this.element.setAttribute("aria-label", isOpen ? "Close Heidi" : label);
    this.#badge.hidden = unread === 0;
    this.#badge.textContent = unread > MOST_COUNTED ? `${MOST_COUNTED}+` : String(unread);
  }
}
