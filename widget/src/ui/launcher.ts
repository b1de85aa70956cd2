/** Owns the round button in the corner of the page. */
import { h } from "./dom";
import { face, icon } from "./icons";

/** Opens and closes the panel; a dot says that something is unread. */
export class Launcher {
  readonly element = h("button", {
    type: "button",
    class: "launcher",
    "aria-haspopup": "dialog",
    "aria-expanded": "false",
    "aria-label": "Ask Heidi",
  });
  readonly #dot = h("span", { class: "dot", hidden: true });

  constructor(onClick: () => void) {
    const wave = h("span", { class: "wave", "aria-hidden": "true" }, "👋");
    const open = h("span", { class: "launcher-open" }, face(), wave);
    this.element.append(open, h("span", { class: "launcher-close" }, icon("down")), this.#dot);
    this.element.addEventListener("click", onClick);
  }

  /** Show whether the panel is open and whether something is unread. */
  update(isOpen: boolean, isUnread: boolean): void {
    const label = isUnread ? "Ask Heidi, new message" : "Ask Heidi";
    this.element.setAttribute("aria-expanded", String(isOpen));
    this.element.setAttribute("aria-label", isOpen ? "Close Heidi" : label);
    this.#dot.hidden = !isUnread;
  }
}
