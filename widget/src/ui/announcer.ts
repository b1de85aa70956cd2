/** Owns the live region: hears every state, says finished sentences politely. */
import type { ConversationView, ThreadItem } from "../conversation/conversation";
import { nextAnnouncement } from "./announcements";
import { h } from "./dom";

const KEPT_MS = 4_000;

/** Speaks for the newest entry of the thread. */
export class Announcer {
  readonly element = h("div", { class: "visually-hidden", role: "status", "aria-live": "polite" });
  #id: string | null = null;
  #saidTo = 0;
  #isOver = true;

  /** Say what is new. History is not read out: only what comes while the panel is there. */
  update(conversation: ConversationView, isLive: boolean): void {
    const item = conversation.items.at(-1);
    if (!item) return;
    if (item.id !== this.#id) this.#begin(item, isLive);
    if (this.#isOver) return;
    if (item.kind === "staff") return this.#say(`${item.staffName} says: ${item.text}`, true);
    if (item.kind === "notice") return this.#say(`${item.text}.`, true);
    const isOver = item.phase !== "running";
    const { words, saidTo } = nextAnnouncement(item.text, this.#saidTo, isOver);
    this.#saidTo = saidTo;
    const whySignIn = item.text === "" ? item.signInReason : null;
    const requests = isOver ? [whySignIn, item.proposal?.title, item.failure] : [];
    this.#say([words, ...requests].filter(Boolean).join(" "), isOver);
  }

  #begin(item: ThreadItem, isLive: boolean): void {
    this.#id = item.id;
    this.#saidTo = 0;
    this.#isOver = !isLive && !(item.kind === "turn" && item.phase === "running");
    this.element.replaceChildren();
  }

  #say(words: string, isOver: boolean): void {
    this.#isOver = isOver;
    if (!words) return;
    const line = h("p", {}, words);
    this.element.append(line);
    // Once heard it would only be met a second time by who reads on.
    setTimeout(() => line.remove(), KEPT_MS);
  }
}
