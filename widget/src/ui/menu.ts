/** Owns the menu of the panel: what is needed now and then. */
import { containsFocus, h } from "./dom";
import { icon, type IconName } from "./icons";

/** One thing to choose. */
export interface MenuItem {
  readonly icon: IconName;
  readonly label: string;
  choose(): void;
}

/** A button and the list that it shows. */
export class Menu {
  readonly element = h("div", { class: "menu" });
  readonly #button = h(
    "button",
    {
      type: "button",
      class: "tool",
      "aria-label": "More",
      title: "More",
      "aria-expanded": "false",
      "aria-controls": "more",
    },
    icon("more"),
  );
  readonly #list = h("ul", { class: "menu-list", id: "more", hidden: true });

  /** `items` gives what can be chosen at the moment. */
  constructor(private readonly items: () => readonly MenuItem[]) {
    this.element.append(this.#button, this.#list);
    this.#button.addEventListener("click", () => (this.#list.hidden ? this.#open() : this.close()));
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.element.addEventListener("focusout", (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null)) this.close();
    });
  }

  /** Close the list; false if it was closed. */
  close(): boolean {
    if (this.#list.hidden) return false;
    if (containsFocus(this.#list)) this.#button.focus();
    this.#list.hidden = true;
    this.#button.setAttribute("aria-expanded", "false");
    return true;
  }

  #open(): void {
    this.#list.replaceChildren(...this.items().map((item) => this.#row(item)));
    this.#list.hidden = false;
    this.#button.setAttribute("aria-expanded", "true");
    // Safari gives a clicked button no focus; without it nothing would close the list.
    this.#buttons[0]?.focus();
  }

  #row(item: MenuItem): HTMLElement {
    const onClick = (): void => {
      this.close();
      item.choose();
    };
    const props = { type: "button", on: { click: onClick } };
    return h("li", {}, h("button", props, icon(item.icon), h("span", {}, item.label)));
  }

  get #buttons(): HTMLElement[] {
    return Array.from(this.#list.querySelectorAll("button"));
  }

  #onKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    if (this.#list.hidden) return this.#open();
    const buttons = this.#buttons;
    const at = buttons.findIndex((button) => containsFocus(button));
    buttons.at((at + step) % buttons.length)?.focus();
  }
}
