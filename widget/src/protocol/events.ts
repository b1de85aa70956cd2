/** Owns the events of a conversation's log as a visitor is sent them (docs/http-api.md). */
import { readCard, type Card } from "./cards";
import { list, number, object, pair, parseObject, text, textOrNull, type Json } from "./reading";

/** A span of the answer and the briefing that supports it; offsets count code points. */
export interface Citation {
  readonly number: number;
  readonly start: number;
  readonly end: number;
  readonly title: string;
  readonly path: string;
  readonly date: string;
  readonly sourceName: string;
  readonly sourceUrl: string;
  readonly quote: string;
}

/** A write that waits for the visitor's decision. */
export interface Proposal {
  readonly actionId: string;
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
  readonly confirmLabel: string;
  readonly expiresAt: string;
}

/** How a proposal ended. */
export type Decision = "confirmed" | "declined" | "expired" | "superseded";

/** What happened, by type. Unknown types are kept, so that their number still counts. */
export type EventBody =
  | {
      readonly type: "turn.started";
      readonly message: string;
      readonly clientTurnId: string;
      readonly actionId: string | null;
    }
  | { readonly type: "status"; readonly text: string }
  | { readonly type: "tool.call"; readonly label: string }
  | { readonly type: "tool.result"; readonly card: Card | null }
  | { readonly type: "identity.required"; readonly reason: string }
  | { readonly type: "confirmation.required"; readonly proposal: Proposal }
  | {
      readonly type: "confirmation.resolved";
      readonly actionId: string;
      readonly decision: Decision;
    }
  | { readonly type: "text.delta"; readonly text: string }
  | { readonly type: "citation"; readonly citation: Citation }
  | {
      readonly type: "suggestions";
      readonly questions: readonly string[];
      readonly briefings: readonly (readonly [string, string])[];
    }
  | { readonly type: "turn.completed"; readonly outcome: string }
  | { readonly type: "turn.failed"; readonly message: string }
  | { readonly type: "turn.interrupted"; readonly reason: string }
  | { readonly type: "turn.passed_on" }
  | { readonly type: "staff.message"; readonly staffName: string; readonly text: string }
  | { readonly type: "staff.joined" | "staff.left"; readonly staffName: string }
  | { readonly type: "conversation.paused"; readonly reason: string }
  | { readonly type: "conversation.resumed" }
  | { readonly type: "feedback"; readonly rating: "up" | "down" }
  | { readonly type: "other" };

/** One entry of the log. */
export interface ChatEvent {
  readonly seq: number;
  readonly turnId: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly body: EventBody;
}

const BODIES: Readonly<Record<string, (data: Json) => EventBody>> = {
  "turn.started": (data) => ({
    type: "turn.started",
    message: text(data.message),
    clientTurnId: text(data.client_turn_id),
    actionId: textOrNull(data.action_id),
  }),
  status: (data) => ({ type: "status", text: text(data.text) }),
  "tool.call": (data) => ({ type: "tool.call", label: text(data.label) }),
  "tool.result": (data) => ({ type: "tool.result", card: readCard(data.card) }),
  "identity.required": (data) => ({ type: "identity.required", reason: text(data.reason) }),
  "confirmation.required": (data) => ({
    type: "confirmation.required",
    proposal: readProposal(data),
  }),
  "confirmation.resolved": (data) => ({
    type: "confirmation.resolved",
    actionId: text(data.action_id),
    decision: text(data.decision) as Decision,
  }),
  "text.delta": (data) => ({ type: "text.delta", text: text(data.text) }),
  citation: (data) => ({ type: "citation", citation: readCitation(data) }),
  suggestions: (data) => ({
    type: "suggestions",
    questions: list(data.questions, text),
    briefings: list(data.briefings, pair),
  }),
  "turn.completed": (data) => ({ type: "turn.completed", outcome: text(data.outcome) }),
  "turn.failed": (data) => ({ type: "turn.failed", message: text(data.message) }),
  "turn.interrupted": (data) => ({ type: "turn.interrupted", reason: text(data.reason) }),
  "turn.passed_on": () => ({ type: "turn.passed_on" }),
  "staff.joined": (data) => ({ type: "staff.joined", staffName: text(data.staff_name) }),
  "staff.left": (data) => ({ type: "staff.left", staffName: text(data.staff_name) }),
  "staff.message": (data) => ({
    type: "staff.message",
    staffName: text(data.staff_name),
    text: text(data.text),
  }),
  "conversation.paused": (data) => ({ type: "conversation.paused", reason: text(data.reason) }),
  "conversation.resumed": () => ({ type: "conversation.resumed" }),
  feedback: (data) => ({ type: "feedback", rating: data.rating === "down" ? "down" : "up" }),
};

/** The event that a JSON value describes, or null if it is none (no number, no type). */
export function readEvent(value: unknown): ChatEvent | null {
  const data = object(value);
  const seq = number(data.seq);
  if (!Number.isInteger(seq) || seq < 1 || typeof data.type !== "string") return null;
  const readBody = Object.hasOwn(BODIES, data.type) ? BODIES[data.type] : undefined;
  return {
    seq,
    turnId: textOrNull(data.turn_id),
    at: text(data.at),
    body: readBody ? readBody(data) : { type: "other" },
  };
}

/** The event in the data of a stream's message, or null if it holds none. */
export function parseEvent(data: string): ChatEvent | null {
  return readEvent(parseObject(data));
}

function readProposal(data: Json): Proposal {
  return {
    actionId: text(data.action_id),
    title: text(data.title),
    rows: list(data.rows, pair),
    confirmLabel: text(data.confirm_label) || "Confirm",
    expiresAt: text(data.expires_at),
  };
}

function readCitation(data: Json): Citation {
  return {
    number: number(data.number),
    start: number(data.start),
    end: number(data.end),
    title: text(data.title),
    path: text(data.path),
    date: text(data.date),
    sourceName: text(data.source_name),
    sourceUrl: text(data.source_url),
    quote: text(data.quote),
  };
}
