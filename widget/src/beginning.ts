/** Owns how a visitor gets a conversation: the stored one, or a new one, once for all tabs. */
import type { Memory } from "./memory";
import type { HeidiClient, NewConversation } from "./protocol/client";
import { Problem } from "./protocol/problems";

/** The conversation of this browser; begun if there is none. */
export async function joinOrBegin(client: HeidiClient, memory: Memory): Promise<NewConversation> {
  return memory.conversation ?? exclusively(() => begin(client, memory));
}

/** Let some time pass. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function begin(client: HeidiClient, memory: Memory): Promise<NewConversation> {
  // Another tab may have been quicker.
  if (memory.conversation) return memory.conversation;
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const begun = client.create(timeZone || "UTC", navigator.language || "en");
  // A browser may know zones that the server does not.
  const conversation = await begun.catch((error: unknown) => {
    if (error instanceof Problem && error.code === "invalid-input") return client.create("UTC", "en");
    throw error;
  });
  memory.conversation = conversation;
  return conversation;
}

/** Two tabs that begin at once shall begin one conversation. Locks are missing without https. */
async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  const locks = (navigator as Partial<Navigator>).locks;
  return locks ? locks.request("heidi-begin", work) : work();
}
