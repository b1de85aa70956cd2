/** Owns the thread: greeting, turns, staff messages, and what is still on its way. */
import type { NoticeView, StaffView, ThreadItem } from "../conversation/conversation";
import type { OutboxEntry } from "../conversation/outbox";
import type { SessionState } from "../state";
import type { ChatActions, Surroundings } from "./actions";
import { h, Slot } from "./dom";
import { face } from "./icons";
import type { CitationPopover } from "./popover";
import { EndKeeper } from "./scroll";
import { fullTime, relativeTime } from "./times";
import { chip, questionBubble, statusLine, TurnElement } from "./turn";

/** The greeting of a conversation in which nothing was said. */
export const GREETING =
  "How can I help? Ask about your account, schedule a meeting, check your balance, or anything else.";

interface Entry {
  readonly element: HTMLElement;
  readonly turn: TurnElement | null;
}

/** Shows everything that was said, newest last. */
export class Thread {
  readonly element = h("div", {
    class: "thread",
    role: "log",
    // The announcer speaks; without this a log reads out every delta.
    "aria-live": "off",
    "aria-label": "Conversation with Heidi",
    tabindex: "0",
  });
  readonly #suggestions = new Slot(h("div", { class: "suggestions" }));
  readonly #items = h("div", { class: "items" });
  readonly #pending = new Slot(h("div", { class: "items" }));
  readonly #entries = new Map<string, Entry>();
  readonly keeper: EndKeeper;
  #lastId: string | null = null;

  constructor(
    private readonly actions: ChatActions,
    private readonly surroundings: Surroundings,
    private readonly popover: CitationPopover,
    onEnd: (isSeen: boolean) => void,
  ) {
    const avatar = h("div", { class: "avatar", "aria-hidden": "true" }, face());
    const bubble = h("div", { class: "bubble" }, h("div", { class: "prose" }, h("p", {}, GREETING)));
    const column = h("div", { class: "column" }, bubble, this.#suggestions.element);
    const greeting = h("div", { class: "answer-row greeting" }, avatar, column);
    this.element.append(greeting, this.#items, this.#pending.element);
    this.keeper = new EndKeeper(this.element, onEnd);
  }

  /** Show a state. */
  update(state: SessionState): void {
    const { items } = state.conversation;
    const isFresh = items.length === 0 && state.outbox.length === 0;
    this.#suggestions.render([isFresh, state.suggestions], () =>
      isFresh ? state.suggestions.map((question) => chip(question, this.actions)) : null,
    );
    this.#dropOthers(items);
    items.forEach((item) => this.#show(item, item === items.at(-1), state));
    const messages = state.outbox.filter((entry) => entry.actionId === null);
    const isLive = state.link.phase === "live";
    const isAnswered = state.conversation.staffName === null;
    this.#pending.render([state.outbox, isLive, items.at(-1), isAnswered], () =>
      messages.flatMap((entry, index) => {
        if (isLive && !isAnswered) return [questionRow(entry)];
        return pendingElements(entry, isLive, isRunning(items), index);
      }),
    );
    this.#holdBeginning(items.at(-1), isLive, messages.length > 0);
    this.keeper.grown();
  }

  /** Time has passed. */
  tick(now: number): void {
    for (const { turn } of this.#entries.values()) turn?.tick(now);
  }

  /** What begins before the visitor's eyes is read from its beginning; history from its end. */
  #holdBeginning(last: ThreadItem | undefined, isLive: boolean, isWaiting: boolean): void {
    if (isWaiting) this.keeper.hold(null);
    else if (last && last.id !== this.#lastId && isLive) {
      this.keeper.hold(this.#entries.get(last.id)?.element ?? null);
    }
    this.#lastId = isWaiting ? null : (last?.id ?? null);
  }

  #show(item: ThreadItem, isLast: boolean, state: SessionState): void {
    const entry = this.#entries.get(item.id) ?? this.#add(item);
    if (item.kind !== "turn") return;
    const actionId = item.proposal?.actionId;
    entry.turn?.update(item, {
      isLast: isLast && state.outbox.length === 0,
      isStopping: state.stoppingTurnId === item.id,
      isSignedIn: state.customerName !== null,
      deciding: state.outbox.find((one) => one.actionId === actionId)?.decision ?? null,
      isSettled: actionId !== undefined && state.settledActions.includes(actionId),
    });
  }

  #add(item: ThreadItem): Entry {
    const turn =
      item.kind === "turn"
        ? new TurnElement(item, this.actions, this.surroundings, this.popover)
        : null;
    const element = turn?.element ?? otherElement(item as StaffView | NoticeView);
    const entry = { element, turn };
    this.#entries.set(item.id, entry);
    this.#items.append(element);
    return entry;
  }

  #dropOthers(items: readonly ThreadItem[]): void {
    const ids = new Set(items.map((item) => item.id));
    for (const [id, { element }] of this.#entries) {
      if (ids.has(id)) continue;
      element.remove();
      this.#entries.delete(id);
    }
  }
}

function isRunning(items: readonly ThreadItem[]): boolean {
  return items.some((item) => item.kind === "turn" && item.phase === "running");
}

function pendingElements(
  entry: OutboxEntry,
  isLive: boolean,
  isAnswering: boolean,
  index: number,
): HTMLElement[] {
  const question = questionRow(entry);
  if (isLive && !isAnswering && index === 0) {
    const avatar = h("div", { class: "avatar", "aria-hidden": "true" }, face());
    const column = h("div", { class: "column" }, h("div", { class: "status" }, statusLine("")));
    return [question, h("div", { class: "answer-row" }, avatar, column)];
  }
  const words = isLive
    ? "Sent as soon as Heidi has finished"
    : "Not sent yet: goes out when the connection is back";
  question.classList.add("is-waiting");
  return [question, h("p", { class: "waiting-note" }, words)];
}

function questionRow(entry: OutboxEntry): HTMLElement {
  return h("div", { class: "question-row" }, questionBubble(entry.message));
}

function otherElement(item: StaffView | NoticeView): HTMLElement {
  return item.kind === "staff" ? staffElement(item) : h("p", { class: "came" }, item.text);
}

function staffElement(item: StaffView): HTMLElement {
  const initials = item.staffName
    .split(/\s+/)
    .map((word) => word[0] ?? "")
    .join("")
    .slice(0, 2);
  const avatar = h("div", { class: "avatar staff", "aria-hidden": "true" }, initials.toUpperCase());
  const time = h("time", { datetime: item.at, title: fullTime(item.at) });
  time.textContent = relativeTime(item.at, Date.now());
  const name = h("p", { class: "speaker" }, h("strong", {}, item.staffName), " · Support team · ", time);
  const bubble = h("div", { class: "bubble" }, h("div", { class: "prose is-plain" }, h("p", { dir: "auto" }, item.text)));
  const column = h("div", { class: "column" }, name, bubble);
  return h("article", { class: "turn staff-message" }, h("div", { class: "answer-row" }, avatar, column));
}
