/**
 * Owns the way of messages and decisions to the server: one after the other, each until the log
 * shows it, the server refuses it for good, or it has to wait.
 */
import { messagesOnly, without, withoutAcknowledged } from "./conversation/outbox";
import type { Outbox, OutboxEntry } from "./conversation/outbox";
import type { ConversationView } from "./conversation/conversation";
import type { ConversationRef, HeidiClient } from "./protocol/client";
import { Problem } from "./protocol/problems";
import type { Memory } from "./memory";

/** What the delivery needs to know and to tell. */
export interface DeliveryPorts {
  /** Where to send, or null while there is no live connection or an answer is running. */
  destination(): ConversationRef | null;
  /** The outbox changed. */
  onChange(): void;
  /** The server refused an entry for good. */
  onRefused(entry: OutboxEntry, problem: Problem): void;
  /** The server asks to wait. */
  onLimited(problem: Problem): void;
  /** The conversation can't be used any more. */
  onGone(problem: Problem): void;
  /** The conversation is paused. */
  onPaused(): void;
}

const RETRY_BASE_MS = 1_000;
const RETRY_CAP_MS = 30_000;

/** Sends what is in the outbox. */
export class Delivery {
  #outbox: Outbox;
  /** Accepted by the server and not yet in the log. */
  readonly #accepted = new Set<string>();
  #isSending = false;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly client: HeidiClient,
    private readonly memory: Memory,
    private readonly ports: DeliveryPorts,
  ) {
    this.#outbox = memory.outbox;
  }

  /** What is not in the log yet. */
  get outbox(): Outbox {
    return this.#outbox;
  }

  /** Take an entry and send it as soon as possible. */
  add(entry: OutboxEntry): void {
    this.#save([...this.memory.outbox, entry]);
    void this.flush();
  }

  /** Drop what the log shows. */
  acknowledge(view: ConversationView): void {
    const rest = withoutAcknowledged(this.#outbox, view);
    if (rest === this.#outbox) return;
    this.#failures = 0;
    this.#save(withoutAcknowledged(this.memory.outbox, view));
  }

  /** Another tab changed the outbox. */
  reload(): void {
    this.#outbox = this.memory.outbox;
    this.ports.onChange();
  }

  /** The conversation is replaced: messages follow, decisions don't. */
  moveOn(): void {
    this.#accepted.clear();
    this.#save(messagesOnly(this.memory.outbox));
  }

  /** Drop everything. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#accepted.clear();
    this.#save([]);
  }

  /** The connection was made anew: what was accepted by a server that is gone is sent again. */
  restart(): void {
    this.#accepted.clear();
    void this.flush();
  }

  /** Send the oldest entry, if it can be sent now and was not accepted already. */
  async flush(): Promise<void> {
    const destination = this.ports.destination();
    const entry = this.#outbox[0];
    if (this.#isSending || !destination || !entry) return;
    if (this.#accepted.has(entry.clientTurnId)) return;
    clearTimeout(this.#timer);
    this.#isSending = true;
    try {
      await this.#send(destination, entry);
      this.#accepted.add(entry.clientTurnId);
    } catch (error) {
      this.#failed(entry, error);
    } finally {
      this.#isSending = false;
    }
  }

  async #send(ref: ConversationRef, entry: OutboxEntry): Promise<void> {
    const { actionId, decision, clientTurnId, message } = entry;
    if (actionId && decision) await this.client.decide(ref, actionId, decision, clientTurnId);
    else await this.client.ask(ref, message, clientTurnId);
  }

  #failed(entry: OutboxEntry, error: unknown): void {
    if (!(error instanceof Problem)) return this.#retryLater();
    if (error.code === "conversation-paused") return this.ports.onPaused();
    // A settled action also answers 404 or 403 when it is another customer's; the card says so.
    if (error.isGone && !entry.actionId) return this.ports.onGone(error);
    if (error.isTemporary && error.status === 429) {
      this.ports.onLimited(error);
      return this.#retryIn(error.retryAfterS * 1000);
    }
    if (error.isTemporary) return this.#retryLater();
    this.#save(without(this.memory.outbox, entry.clientTurnId));
    this.ports.onRefused(entry, error);
  }

  #retryLater(): void {
    this.#failures += 1;
    this.#retryIn(Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** (this.#failures - 1)));
  }

  #retryIn(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), delayMs);
  }

  #save(outbox: Outbox): void {
    this.memory.outbox = outbox;
    this.#outbox = outbox;
    this.ports.onChange();
  }
}
