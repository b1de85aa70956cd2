/** Owns the view of a conversation: a fold of its log, without repetition. Pure. */
import type { ChatEvent } from "../protocol/events";
import { beginTurn, foldTurn, type TurnView } from "./turn";

/** What a person of the staff said. */
export interface StaffView {
  readonly kind: "staff";
  readonly id: string;
  readonly staffName: string;
  readonly text: string;
  readonly at: string;
}

/** Somebody came or went. */
export interface NoticeView {
  readonly kind: "notice";
  readonly id: string;
  readonly text: string;
}

/** One entry of the thread. */
export type ThreadItem = TurnView | StaffView | NoticeView;

/** All that the log says so far. */
export interface ConversationView {
  readonly lastSeq: number;
  /** Number of the last event that said something to the visitor: the measure of "unread". */
  readonly lastSpokenSeq: number;
  /** Numbers of the events that began a message to the visitor. */
  readonly spokenSeqs: readonly number[];
  readonly isPaused: boolean;
  /** Who speaks instead of Heidi; null while she answers. */
  readonly staffName: string | null;
  readonly items: readonly ThreadItem[];
}

/** A conversation in which nothing happened. */
export const EMPTY: ConversationView = {
  lastSeq: 0,
  lastSpokenSeq: 0,
  spokenSeqs: [],
  isPaused: false,
  staffName: null,
  items: [],
};

const SPOKEN = new Set(["text.delta", "staff.message", "staff.joined", "confirmation.required"]);

/** The view after one more event; the same view if the event has been seen. */
export function fold(view: ConversationView, event: ChatEvent): ConversationView {
  if (event.seq <= view.lastSeq) return view;
  const begins = beginsMessage(view, event);
  return {
    ...view,
    lastSeq: event.seq,
    lastSpokenSeq: SPOKEN.has(event.body.type) ? event.seq : view.lastSpokenSeq,
    spokenSeqs: begins ? [...view.spokenSeqs, event.seq] : view.spokenSeqs,
    ...changes(view, event),
  };
}

/** The view after many events. */
export function foldAll(
  events: readonly ChatEvent[],
  view: ConversationView = EMPTY,
): ConversationView {
  return events.reduce(fold, view);
}

/** The turn that is being answered, or null. */
export function runningTurn(view: ConversationView): TurnView | null {
  const turn = lastTurn(view);
  return turn?.phase === "running" ? turn : null;
}

/** Whether a message or decision with this id is in the log. */
export function isAcknowledged(view: ConversationView, clientTurnId: string): boolean {
  return view.items.some((item) => item.kind === "turn" && item.clientTurnId === clientTurnId);
}

/** How many messages began, or went on, after what was read; `readSeq` is the last event seen. */
export function unreadCount(view: ConversationView, readSeq: number): number {
  if (view.lastSpokenSeq <= readSeq) return 0;
  return Math.max(1, view.spokenSeqs.filter((seq) => seq > readSeq).length);
}

function beginsMessage(view: ConversationView, event: ChatEvent): boolean {
  if (!SPOKEN.has(event.body.type)) return false;
  const turn = event.turnId === null ? undefined : lastTurn(view);
  return turn === undefined || (turn.text === "" && turn.proposal === null);
}

function changes(view: ConversationView, event: ChatEvent): Partial<ConversationView> {
  const body = event.body;
  switch (body.type) {
    case "turn.started": {
      const turn = beginTurn(event, lastTurn(view));
      return turn ? { items: [...view.items, turn] } : {};
    }
    case "staff.message": {
      const { staffName, text } = body;
      const id = `staff-${event.seq}`;
      return { items: [...view.items, { kind: "staff", id, staffName, text, at: event.at }] };
    }
    case "staff.joined":
      return come(view, event, `${body.staffName} from our team has joined`, body.staffName);
    case "staff.left":
      return come(view, event, `${body.staffName} has left. Heidi answers again`, null);
    case "conversation.paused":
      return { isPaused: true };
    case "conversation.resumed":
      return { isPaused: false };
    case "confirmation.resolved": {
      const { actionId, decision } = body;
      return replaceTurn(
        view,
        (turn) => turn.proposal?.actionId === actionId,
        (turn) => ({ ...turn, decision }),
      );
    }
    default:
      return replaceTurn(
        view,
        (turn) => turn.id === event.turnId,
        (turn) => foldTurn(turn, event),
      );
  }
}

function come(
  view: ConversationView,
  event: ChatEvent,
  text: string,
  staffName: string | null,
): Partial<ConversationView> {
  const notice: NoticeView = { kind: "notice", id: `notice-${event.seq}`, text };
  return { staffName, items: [...view.items, notice] };
}

function replaceTurn(
  view: ConversationView,
  matches: (turn: TurnView) => boolean,
  change: (turn: TurnView) => TurnView,
): Partial<ConversationView> {
  const index = view.items.findLastIndex((item) => item.kind === "turn" && matches(item));
  const turn = view.items[index];
  if (turn?.kind !== "turn") return {};
  return { items: view.items.with(index, change(turn)) };
}

function lastTurn(view: ConversationView): TurnView | undefined {
  return view.items.findLast((item) => item.kind === "turn");
}
