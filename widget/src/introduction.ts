/** Owns telling the server who the customer of this page is, once for each conversation it is in. */
import { pause } from "./beginning";
import type { Identity } from "./identity";
import type { Memory } from "./memory";
import type { HeidiClient, NewConversation } from "./protocol/client";
import { Problem } from "./protocol/problems";

const IDENTIFY_WITHIN_MS = 3_000;

/** The customer's introduction in the conversation that the page is in. */
export class Introduction {
  #isDone = false;
  #isCustomers = false;
  #identified: () => void = () => undefined;
  readonly #identification = new Promise<void>((resolve) => (this.#identified = resolve));

  constructor(
    private readonly client: HeidiClient,
    private readonly memory: Memory,
    private readonly identity: Identity,
  ) {}

  /** Whether this page has been the customer's in this conversation. */
  get isCustomers(): boolean {
    return this.#isCustomers;
  }

  /** The page has said who the customer is, or that it is nobody: it may be told anew. */
  identified(): void {
    this.#identified();
    this.#isDone = false;
  }

  /** Wait a little for the page: without the customer's identity theirs would count as lost. */
  async awaited(): Promise<void> {
    if (!this.memory.isCustomers || this.identity.isProvided) return;
    await Promise.race([this.#identification, pause(IDENTIFY_WITHIN_MS)]);
  }

  /** Tell the server; the customer's name, or null if there was nothing to tell. */
  async make(conversation: NewConversation): Promise<string | null> {
    if (this.#isDone || (await this.identity.token()) === null) return null;
    this.#isDone = true;
    const wasCustomers = this.memory.isCustomers;
    // Noted before it is known: the page may be left before the server's answer comes.
    this.memory.isCustomers = true;
    try {
      const name = await this.client.introduce(conversation);
      this.#isCustomers = true;
      return name;
    } catch (error) {
      this.#isDone = false;
      if (error instanceof Problem) this.memory.isCustomers = wasCustomers;
      throw error;
    }
  }

  /** Forget who the customer is, and have their token refused. */
  giveUp(conversation: NewConversation | null): void {
    const token = this.identity.current;
    this.identity.forget();
    // Unheard, the token still ends with its few minutes.
    if (token) this.client.signOut(token, conversation).catch(() => undefined);
  }

  /** The page is in another conversation, or in none. */
  reset(): void {
    this.#isDone = false;
    this.#isCustomers = false;
  }
}
