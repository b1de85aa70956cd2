/**
 * Owns the holding of a conversation: its visitor token, which the server replaces from time to time
 * (docs/http-api.md). All tabs share one token in memory; each request reads it anew, and a successor
 * is stored before it is used.
 */
import type { Memory } from "./memory";
import { claimsOf } from "./protocol/claims";
import type { NewConversation } from "./protocol/client";
import { number } from "./protocol/reading";

/** The conversation with the latest token that any tab was handed. */
export function held(begun: NewConversation, memory: Memory): NewConversation {
  let latest = begun.token;
  return {
    ...begun,
    get token() {
      latest = memory.find(begun.id)?.token ?? latest;
      return latest;
    },
    renew(token) {
      const stored = memory.find(begun.id);
      // Answers overtake each other: an older successor must not replace a newer one.
      if (!stored || generation(token) <= generation(stored.token)) return;
      memory.renew(begun.id, token);
    },
  };
}

function generation(token: string): number {
  return number(claimsOf(token).gen);
}
