/** Owns the note beside the launcher: an offer of help, or the beginning of what is unread. */
import { h } from "./dom";
import { face, icon, wave } from "./icons";
import { GREETING } from "./thread";

const PREVIEW_CHARACTERS = 110;

/** Who has said what since the visitor last looked. */
export interface Preview {
  readonly speaker: string;
  readonly text: string;
}

/** A small card that opens the panel, or goes away for good. */
export class Nudge {
  readonly element = h("div", { class: "nudge", hidden: true });
  readonly #words = h("button", { type: "button", class: "nudge-words" });
  #shown = "";

  constructor(onOpen: () => void, onDismiss: () => void) {
    const dismiss = { type: "button", class: "tool", "aria-label": "Dismiss message", title: "Dismiss message" };
    const close = h("button", { ...dismiss, on: { click: () => onDismiss() } }, icon("close"));
    this.#words.addEventListener("click", () => onOpen());
    const avatar = h("div", { class: "avatar", "aria-hidden": "true" }, face());
    this.element.append(avatar, this.#words, close);
    this.offer();
    this.hide();
  }

  /** Offer help. */
  offer(): void {
    this.#show("offer", h("strong", {}, "Ask Heidi", " ", wave()), ` — ${GREETING}`);
  }

  /** Show the beginning of what is unread. */
  preview({ speaker, text }: Preview): void {
    const short = text.length > PREVIEW_CHARACTERS ? `${text.slice(0, PREVIEW_CHARACTERS)}…` : text;
    this.#show(`${speaker} ${short}`, h("strong", {}, speaker), ` ${short}`);
  }

  /** Show nothing. */
  hide(): void {
    this.element.hidden = true;
    this.#shown = "";
  }

  #show(what: string, ...words: (Node | string)[]): void {
    this.element.hidden = false;
    if (this.#shown === what) return;
    this.#shown = what;
    this.#words.replaceChildren(...words);
  }
}
