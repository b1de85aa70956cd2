/**
 * Owns what the visitor has said and the log does not show yet. Pure.
 *
 * An entry is written before it is sent and stays until its `client_turn_id` is in the log, so a
 * message survives a lost request, a reload and a restart of the server; the id keeps a repetition
 * from being answered twice.
 */
import { object, parseObject, list, text } from "../protocol/reading";
import { isAcknowledged, type ConversationView } from "./conversation";

/** A message, or a decision on a proposal, on its way. */
export interface OutboxEntry {
  readonly clientTurnId: string;
  /** The message; empty for a decision. */
  readonly message: string;
  readonly actionId: string | null;
  readonly decision: "confirm" | "decline" | null;
  /** ISO 8601: when the visitor sent it. */
  readonly at: string;
}

/** Entries, oldest first. */
export type Outbox = readonly OutboxEntry[];

/** The entry for a message. */
export function messageEntry(message: string, clientTurnId: string, at: Date): OutboxEntry {
  return { clientTurnId, message, actionId: null, decision: null, at: at.toISOString() };
}

/** The entry for a decision. */
export function decisionEntry(
  actionId: string,
  decision: "confirm" | "decline",
  clientTurnId: string,
  at: Date,
): OutboxEntry {
  return { clientTurnId, message: "", actionId, decision, at: at.toISOString() };
}

/** The outbox without what the log shows. */
export function withoutAcknowledged(outbox: Outbox, view: ConversationView): Outbox {
  const rest = outbox.filter((entry) => !isAcknowledged(view, entry.clientTurnId));
  return rest.length === outbox.length ? outbox : rest;
}

/** The outbox without one entry. */
export function without(outbox: Outbox, clientTurnId: string): Outbox {
  return outbox.filter((entry) => entry.clientTurnId !== clientTurnId);
}

/** What may follow the visitor into a new conversation: messages; decisions belong to the old. */
export function messagesOnly(outbox: Outbox): Outbox {
  return outbox.filter((entry) => entry.actionId === null);
}

/** The outbox as it is stored. */
export function writeOutbox(outbox: Outbox): string {
  return JSON.stringify({ entries: outbox });
}

/** The outbox that was stored; empty if there is none that can be read. */
export function readOutbox(stored: string | null): Outbox {
  const entries = list(parseObject(stored ?? "")?.entries, (value): OutboxEntry => {
    const entry = object(value);
    const decision = entry.decision === "confirm" || entry.decision === "decline";
    return {
      clientTurnId: text(entry.clientTurnId),
      message: text(entry.message),
      actionId: decision ? text(entry.actionId) : null,
      decision: decision ? (entry.decision as "confirm" | "decline") : null,
      at: text(entry.at),
    };
  });
  return entries.filter((entry) => entry.clientTurnId !== "");
}
