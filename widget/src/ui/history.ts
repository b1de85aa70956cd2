/** Owns the list of earlier conversations, shown instead of the thread. */
import type { Summary } from "../protocol/client";
import { h, type Child } from "./dom";
import { icon } from "./icons";
import { fullTime, relativeTime } from "./times";

/** What the list needs and tells. */
export interface HistoryPorts {
  /** What can be gone back to, the latest first; fails when the server can't be asked. */
  earlier(): Promise<readonly Summary[]>;
  /** Go back to a conversation. */
  reopen(id: string): void;
}

/** Earlier conversations by title and time. */
export class History {
  readonly element = h("div", { class: "history", hidden: true, role: "region" });
  readonly #back: HTMLElement;
  readonly #content = h("div", { class: "history-content" });
  readonly #status = h("p", { class: "visually-hidden", role: "status" });
  /** Counts the readings: an answer that comes after the list was closed is not shown. */
  #reading = 0;

  constructor(
    private readonly ports: HistoryPorts,
    private readonly onLeave: () => void,
  ) {
    const label = "Back to the conversation";
    const props = { type: "button", class: "tool", "aria-label": label, title: label };
    this.#back = h("button", { ...props, on: { click: () => onLeave() } }, icon("back"));
    const title = h("h3", { id: "history-title" }, "Earlier conversations");
    this.element.setAttribute("aria-labelledby", title.id);
    this.element.append(h("div", { class: "history-head" }, this.#back, title));
    this.element.append(this.#content, this.#status);
  }

  /** Show the list, as the server has it now. */
  async open(): Promise<void> {
    this.element.hidden = false;
    this.#back.focus();
    this.#reading += 1;
    const reading = this.#reading;
    this.#show("Looking for your conversations", h("span", { class: "dots" }, h("i"), h("i"), h("i")));
    const found = await this.ports.earlier().catch(() => null);
    if (reading !== this.#reading) return;
    if (found === null) this.#showFailure();
    else if (found.length === 0) this.#show("There are none that you can see now.");
    else this.#showList(found);
  }

  /** Hide the list; false if it was hidden. */
  close(): boolean {
    if (this.element.hidden) return false;
    this.#reading += 1;
    this.element.hidden = true;
    return true;
  }

  #show(words: string, ...more: Child[]): void {
    this.#status.textContent = words;
    this.#content.replaceChildren(h("p", { class: "history-words" }, ...more, words));
  }

  #showFailure(): void {
    this.#show("They can't be loaded right now.");
    const again = { type: "button", class: "secondary", on: { click: () => void this.open() } };
    this.#content.append(h("button", again, icon("retry"), "Retry"));
  }

  #showList(found: readonly Summary[]): void {
    this.#status.textContent = `${found.length} earlier conversations`;
    this.#content.replaceChildren(h("ul", {}, ...found.map((one) => this.#row(one))));
  }

  #row({ id, title, at }: Summary): HTMLElement {
    const onClick = (): void => {
      this.onLeave();
      this.ports.reopen(id);
    };
    const time = h("time", { datetime: at, title: fullTime(at) }, relativeTime(at, Date.now()));
    const words = h("span", { class: "history-title", dir: "auto" }, title || "Conversation");
    const props = { type: "button", class: "history-row", on: { click: onClick } };
    return h("li", {}, h("button", props, words, time));
  }
}
