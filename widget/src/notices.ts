/** Owns what the bubble says when the server refused something or was not reached. Pure. */
import type { OutboxEntry } from "./conversation/outbox";
import { Problem } from "./protocol/problems";
import type { SessionState } from "./state";

/** A message goes back to be edited; a decision that was refused is not offered again. */
export function refused(
  state: SessionState,
  entry: OutboxEntry,
  problem: Problem,
): Partial<SessionState> {
  const settled = entry.actionId ? [entry.actionId] : [];
  return {
    settledActions: [...state.settledActions, ...settled],
    notice: { text: problem.words, until: null },
    returned: entry.message || null,
  };
}

/** The server wants nothing more for a while. */
export function limited(problem: Problem): Partial<SessionState> {
  const until = Date.now() + problem.retryAfterS * 1000;
  return { notice: { text: problem.detail, until } };
}

/** A request failed that is not tried again by itself. */
export function failed(error: unknown): Partial<SessionState> {
  const text = error instanceof Problem ? error.words : "That did not reach the server.";
  return { notice: { text, until: null } };
}
