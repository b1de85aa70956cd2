/** Owns the view of one turn: a fold of its events. Pure. */
import type { Card } from "../protocol/cards";
import type { ChatEvent, Citation, Decision, Proposal } from "../protocol/events";

/** One message and what has been answered so far. */
export interface TurnView {
  readonly kind: "turn";
  readonly id: string;
  readonly clientTurnId: string;
  /** What the visitor wrote; empty when a decision started the turn. */
  readonly message: string;
  /** The question is the one before, asked again by the server once the visitor signed in. */
  readonly isRepeat: boolean;
  readonly startedAt: string;
  readonly phase: "running" | "completed" | "failed" | "interrupted";
  readonly outcome: string;
  /** What Heidi is doing right now. */
  readonly status: string;
  readonly text: string;
  readonly citations: readonly Citation[];
  readonly cards: readonly PlacedCard[];
  readonly proposal: Proposal | null;
  readonly decision: Decision | null;
  readonly signInReason: string;
  readonly questions: readonly string[];
  readonly briefings: readonly (readonly [string, string])[];
  /** Why the turn failed or was interrupted, in words. */
  readonly failure: string;
  readonly rating: "up" | "down" | null;
}

/** A card and whether the answer's text had begun when it came. */
export interface PlacedCard {
  readonly card: Card;
  readonly isAfterText: boolean;
}

/** The view of a turn that has just begun; null if the event does not begin one. */
export function beginTurn(event: ChatEvent, previous: TurnView | undefined): TurnView | null {
  if (event.body.type !== "turn.started" || event.turnId === null) return null;
  const { message, clientTurnId } = event.body;
  return {
    kind: "turn",
    id: event.turnId,
    clientTurnId,
    message,
    isRepeat: previous?.outcome === "sign_in_required" && previous.message === message,
    startedAt: event.at,
    phase: "running",
    outcome: "",
    status: "",
    text: "",
    citations: [],
    cards: [],
    proposal: null,
    decision: null,
    signInReason: "",
    questions: [],
    briefings: [],
    failure: "",
    rating: null,
  };
}

/** The turn after one more of its events. */
export function foldTurn(turn: TurnView, event: ChatEvent): TurnView {
  const body = event.body;
  switch (body.type) {
    case "status":
      return { ...turn, status: body.text };
    case "tool.call":
      return { ...turn, status: body.label || turn.status };
    case "tool.result":
      return body.card ? { ...turn, cards: [...turn.cards, place(body.card, turn)] } : turn;
    case "identity.required":
      return { ...turn, signInReason: body.reason || "Please sign in to go on." };
    case "confirmation.required":
      return { ...turn, proposal: body.proposal, decision: null };
    case "text.delta":
      return { ...turn, text: turn.text + body.text };
    case "citation":
      return { ...turn, citations: [...turn.citations, body.citation] };
    case "suggestions":
      return { ...turn, questions: body.questions, briefings: body.briefings };
    case "feedback":
      return { ...turn, rating: body.rating };
    default:
      return endTurn(turn, event);
  }
}

function endTurn(turn: TurnView, event: ChatEvent): TurnView {
  const body = event.body;
  switch (body.type) {
    case "turn.completed":
      return { ...turn, phase: "completed", outcome: body.outcome, status: "" };
    case "turn.failed":
      return { ...turn, phase: "failed", failure: body.message, status: "" };
    case "turn.interrupted":
      return { ...turn, phase: "interrupted", failure: body.reason, status: "" };
    case "turn.passed_on":
      return { ...turn, phase: "completed", outcome: "passed_on", status: "" };
    default:
      return turn;
  }
}

function place(card: Card, turn: TurnView): PlacedCard {
  // Choices follow the words that introduce them, whichever came first.
  return { card, isAfterText: card.kind === "slots" || turn.text !== "" };
}
