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
      const stored = memory.conversation;
      if (stored?.id === begun.id) latest = stored.token;
      return latest;
    },
    renew(token) {
      const stored = memory.conversation;
      // Answers overtake each other: an older successor must not replace a newer one.
      if (stored?.id !== begun.id || generation(token) <= generation(stored.token)) return;
      memory.conversation = { ...stored, token };
    },
  };
}

function generation(token: string): number {
  return number(claimsOf(token).gen);
}
