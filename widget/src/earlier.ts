/**
 * Owns the reading of earlier conversations. The browser keeps their names and tokens only: their
 * titles come from the server, which tells a customer's to nobody else.
 */
import { held } from "./holding";
import type { Memory } from "./memory";
import type { HeidiClient, NewConversation, Summary } from "./protocol/client";
import { Problem } from "./protocol/problems";

/** Refused for good: the token is used up, or the conversation was deleted. */
const USELESS = new Set([401, 404]);

/**
 * What can be gone back to, the latest first. What is of no use any more is forgotten, which
 * `onForgotten` is told of; another customer's is left out.
 */
export async function readEarlier(
  client: HeidiClient,
  memory: Memory,
  onForgotten: () => void,
): Promise<readonly Summary[]> {
  const useless = new Set<string>();
  const read = async (one: NewConversation): Promise<Summary | null> => {
    try {
      return await client.summary(held(one, memory));
    } catch (error) {
      if (!(error instanceof Problem) || error.isTemporary) throw error;
      if (USELESS.has(error.status)) useless.add(one.id);
      return null;
    }
  };
  const found = await Promise.all(memory.earlier.map(read));
  if (useless.size > 0) {
    memory.earlier = memory.earlier.filter((one) => !useless.has(one.id));
    onForgotten();
  }
  const told = found.filter((one) => one !== null);
  return told.toSorted((one, other) => other.at.localeCompare(one.at));
}
