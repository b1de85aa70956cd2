/**
 * Owns what outlives a page: the names and tokens of this conversation and of earlier ones, the
 * outbox, the draft and what has been read, in localStorage under the server's origin; and whether
 * the panel is open, by tab. The customer's identity token is never stored.
 */
import { readOutbox, writeOutbox, type Outbox } from "./conversation/outbox";
import type { NewConversation } from "./protocol/client";
import { list, object, parseObject, text, type Json } from "./protocol/reading";

/** The part of `Storage` that is used; a `Map` behind it serves where storage is forbidden. */
export type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The parts that are shared by the tabs. */
export type MemoryPart =
  | "conversation"
  | "earlier"
  | "outbox"
  | "draft"
  | "read"
  | "customer"
  | "resumed"
  | "left"
  | "nudged";

/** Most conversations that a browser remembers besides the one that it is in. */
const MAX_EARLIER = 20;

/** Remembers for one origin of Heidi. */
export class Memory {
  constructor(
    readonly origin: string,
    private readonly local: Store,
    private readonly session: Store,
  ) {}

  /** The conversation that this browser has with Heidi. */
  get conversation(): NewConversation | null {
    return readConversation(parseObject(this.#get("conversation") ?? ""));
  }

  set conversation(conversation: NewConversation | null) {
    this.#set("conversation", conversation && JSON.stringify(conversation));
  }

  /** Conversations that were left, the latest first; what was said in them only the server knows. */
  get earlier(): readonly NewConversation[] {
    const stored = parseObject(this.#get("earlier") ?? "");
    return list(stored?.conversations, (one) => readConversation(object(one))).filter(
      (one) => one !== null,
    );
  }

  set earlier(conversations: readonly NewConversation[]) {
    const kept = conversations.slice(0, MAX_EARLIER);
    this.#set("earlier", kept.length ? JSON.stringify({ conversations: kept }) : null);
  }

  /** Whether there are conversations to go back to. */
  get hasEarlier(): boolean {
    return this.earlier.length > 0;
  }

  /** A conversation with its latest token, be it the one that this browser is in or an earlier one. */
  find(id: string): NewConversation | null {
    const { conversation } = this;
    if (conversation?.id === id) return conversation;
    return this.earlier.find((one) => one.id === id) ?? null;
  }

  /** Store the successor of a conversation's token. */
  renew(id: string, token: string): void {
    const { conversation } = this;
    if (conversation?.id === id) this.conversation = { ...conversation, token };
    else this.earlier = this.earlier.map((one) => (one.id === id ? { ...one, token } : one));
  }

  /** Leave the conversation without forgetting it. */
  leaveConversation(): void {
    const { conversation } = this;
    const others = this.earlier.filter((one) => one.id !== conversation?.id);
    this.earlier = conversation ? [conversation, ...others] : others;
    this.forgetConversation();
  }

  /** Whether the visitor was offered help once already. */
  get wasNudged(): boolean {
    return this.#get("nudged") !== null;
  }

  set wasNudged(wasNudged: boolean) {
    this.#set("nudged", wasNudged ? "1" : null);
  }

  /** What is not in the log yet. */
  get outbox(): Outbox {
    return readOutbox(this.#get("outbox"));
  }

  set outbox(outbox: Outbox) {
    this.#set("outbox", outbox.length ? writeOutbox(outbox) : null);
  }

  /** What the visitor is writing. */
  get draft(): string {
    return this.#get("draft") ?? "";
  }

  set draft(draft: string) {
    this.#set("draft", draft || null);
  }

  /** Number of the last event that was on screen. */
  get readSeq(): number {
    return Number(this.#get("read")) || 0;
  }

  set readSeq(seq: number) {
    this.#set("read", seq ? String(seq) : null);
  }

  /** Whether a customer has spoken in the conversation: it can't be read before they identify. */
  get isCustomers(): boolean {
    return this.#get("customer") !== null;
  }

  set isCustomers(isCustomers: boolean) {
    this.#set("customer", isCustomers ? "1" : null);
  }

  /** Whether the panel is open in this tab. */
  get isOpen(): boolean {
    return this.session.getItem(this.#key("open")) !== null;
  }

  set isOpen(isOpen: boolean) {
    if (isOpen) this.session.setItem(this.#key("open"), "1");
    else this.session.removeItem(this.#key("open"));
  }

  /** Tell the other tabs that a pause has ended. */
  announceResumed(at: number): void {
    this.#set("resumed", String(at));
  }

  /** Tell the other tabs that the customer has signed out. */
  announceSignOut(at: number): void {
    this.#set("left", String(at));
  }

  /** Forget the conversation and what belongs to it. */
  forgetConversation(): void {
    this.conversation = null;
    this.readSeq = 0;
    this.isCustomers = false;
  }

  /** The part that a storage event of another tab is about, or null if it is not ours. */
  partOf(key: string | null): MemoryPart | null {
    const prefix = this.#key("");
    return key?.startsWith(prefix) ? (key.slice(prefix.length) as MemoryPart) : null;
  }

  #key(part: string): string {
    return `heidi:${this.origin}:${part}`;
  }

  #get(part: MemoryPart): string | null {
    return this.local.getItem(this.#key(part));
  }

  #set(part: MemoryPart, value: string | null): void {
    if (this.#get(part) === value) return;
    if (value === null) this.local.removeItem(this.#key(part));
    else this.local.setItem(this.#key(part), value);
  }
}

function readConversation(stored: Json | null): NewConversation | null {
  if (!stored || !text(stored.id) || !text(stored.token)) return null;
  return {
    id: text(stored.id),
    token: text(stored.token),
    greeting: text(stored.greeting),
    suggestions: list(stored.suggestions, text),
  };
}

/** A store that never fails: the browser's if it can be used, otherwise one that ends with the page. */
export function usableStore(open: () => Storage): Store {
  const fallback = new Map<string, string>();
  let storage: Storage | null = null;
  try {
    storage = open();
    storage.getItem("heidi");
  } catch {
    storage = null;
  }
  return {
    getItem: (key) => fallback.get(key) ?? storage?.getItem(key) ?? null,
    setItem: (key, value) => {
      try {
        if (!storage) throw new Error("No storage.");
        storage.setItem(key, value);
        fallback.delete(key);
      } catch {
        fallback.set(key, value);
      }
    },
    removeItem: (key) => {
      fallback.delete(key);
      storage?.removeItem(key);
    },
  };
}
