/**
 * Owns the visitor's side of a conversation: what the bubble shows is this state and nothing else.
 * Joins the parts (client, connection, delivery, identity, memory); knows no element of the page.
 */
import { joinOrBegin } from "./beginning";
import { Connection } from "./connection/connection";
import type { Link } from "./connection/machine";
import { EMPTY, fold, foldAll, runningTurn } from "./conversation/conversation";
import { decisionEntry, messageEntry, type OutboxEntry } from "./conversation/outbox";
import { Delivery } from "./delivery";
import { readEarlier } from "./earlier";
import { held } from "./holding";
import type { Identity, IdentityProvider } from "./identity";
import { newId } from "./identifiers";
import { Introduction } from "./introduction";
import type { Memory, MemoryPart } from "./memory";
import { failed, limited, refused } from "./notices";
import { Parking } from "./parking";
import type { HeidiClient, NewConversation, Summary } from "./protocol/client";
import { parseEvent } from "./protocol/events";
import { Problem, Unreachable } from "./protocol/problems";
import type { SseMessage } from "./protocol/sse";
import { FRESH, type SessionState } from "./state";

/** What the session is made from. */
export interface SessionParts {
  readonly client: HeidiClient;
  readonly memory: Memory;
  readonly identity: Identity;
  /** Whether the page can't be seen now. */
  isHidden(): boolean;
  /** Something broke that is a mistake of ours. */
  onError(error: unknown): void;
}

const MAX_FRESH_STARTS = 3;
const OTHER_TAB_FIRST_MS = 1_500;

/** One visitor's conversation, across reloads and reconnections. */
export class Session {
  #state = FRESH;
  #ref: NewConversation | null = null;
  #isLoaded = false;
  #isSetAside = false;
  #freshStarts = 0;
  readonly #listeners = new Set<(state: SessionState) => void>();
  readonly #connection: Connection;
  readonly #delivery: Delivery;
  readonly #introduction: Introduction;
  readonly #parking: Parking;

  constructor(private readonly parts: SessionParts) {
    this.#connection = new Connection({
      load: () => this.#load(),
      open: (signal) => this.#open(signal),
      resume: () => this.#resumeOnServer(),
      onMessage: (message) => this.#onMessage(message),
      onChange: (link) => this.#onLink(link),
      onGone: (problem) => this.#onGone(problem),
      onError: (error) => parts.onError(error),
    });
    this.#delivery = new Delivery(parts.client, parts.memory, {
      destination: () => (this.#canSend() ? this.#ref : null),
      onChange: () => this.#set({ outbox: this.#delivery.outbox }),
      onRefused: (entry, problem) => this.#onRefused(entry, problem),
      onLimited: (problem) => this.#set(limited(problem)),
      onGone: (problem) => this.#onGone(problem),
      onPaused: () => this.#connection.tell("paused"),
    });
    this.#introduction = new Introduction(parts.client, parts.memory, parts.identity);
    this.#parking = new Parking({
      isHidden: () => parts.isHidden(),
      isBusy: () => this.#state.outbox.length > 0 || !!runningTurn(this.#state.conversation),
      park: () => this.#state.link.phase === "live" && this.#connection.tell("stop"),
    });
    const { hasEarlier } = parts.memory;
    this.#state = { ...FRESH, hasEarlier, outbox: this.#delivery.outbox };
  }

  /** What to show now. */
  get state(): SessionState {
    return this.#state;
  }

  /** Be told of every new state. */
  subscribe(listener: (state: SessionState) => void): void {
    this.#listeners.add(listener);
  }

  /** Join the stored conversation, if there is one. Otherwise nothing is requested. */
  wake(): void {
    if (this.parts.memory.conversation && !this.parts.isHidden()) this.#connection.tell("start");
  }

  /** The visitor opened the panel: join, or begin a conversation. */
  begin(): void {
    this.#connection.tell("start");
  }

  /** Ask a question. */
  send(message: string): void {
    this.#set({ notice: null, returned: null });
    this.#delivery.add(messageEntry(message, newId(), new Date()));
    this.#connection.tell("start");
  }

  /** Confirm or decline a proposal. */
  decide(actionId: string, decision: "confirm" | "decline"): void {
    if (this.#state.outbox.some((entry) => entry.actionId === actionId)) return;
    this.#set({ notice: null });
    this.#delivery.add(decisionEntry(actionId, decision, newId(), new Date()));
  }

  /** Stop the answer that is being written. */
  stop(): void {
    const turn = runningTurn(this.#state.conversation);
    if (!turn || !this.#ref) return;
    this.#set({ stoppingTurnId: turn.id });
    this.#attempt(this.parts.client.cancel(this.#ref, turn.id), () =>
      this.#set({ stoppingTurnId: null }),
    );
  }

  /** Judge an answer. */
  rate(turnId: string, rating: "up" | "down", comment = ""): void {
    if (this.#ref) this.#attempt(this.parts.client.rate(this.#ref, turnId, rating, comment));
  }

  /** Give a meeting's calendar file to `save`. */
  saveMeeting(meetingId: string, save: (file: Blob, name: string) => void): void {
    if (!this.#ref) return;
    const file = this.parts.client.meetingFile(this.#ref, meetingId);
    this.#attempt(file.then((blob) => save(blob, `${meetingId}.ics`)));
  }

  /** Leave this conversation and begin another one; what was not sent goes back to be edited. */
  startNew(): void {
    const unsent = this.#state.outbox.findLast((entry) => entry.message !== "");
    this.#leaveConversation();
    this.#set({ returned: unsent?.message ?? null });
    this.#connection.restart();
  }

  /** What can be gone back to, the latest first; what is of no use any more is forgotten. */
  async earlier(): Promise<readonly Summary[]> {
    const { client, memory } = this.parts;
    return readEarlier(client, memory, () => this.#set({ hasEarlier: memory.hasEarlier }));
  }

  /** Leave this conversation and go back to an earlier one. */
  reopen(id: string): void {
    const { memory } = this.parts;
    const wanted = memory.earlier.find((one) => one.id === id);
    if (!wanted) return;
    this.#leaveConversation();
    memory.earlier = memory.earlier.filter((one) => one.id !== id);
    memory.conversation = wanted;
    this.#set({ hasEarlier: memory.hasEarlier });
    this.#connection.restart();
  }

  /** Learn who the customer is. */
  async identify(provider: IdentityProvider): Promise<void> {
    const token = await this.parts.identity.provide(provider);
    this.#introduction.identified();
    if (token && this.#isSetAside) this.#connection.tell("start");
    if (token) await this.#introduce();
    else this.#set({ customerName: null });
  }

  /** Forget the customer and what was said, in all tabs, and let their tokens be refused. */
  signOut(isOpen: boolean): void {
    this.#giveUpIdentity();
    this.parts.memory.announceSignOut(Date.now());
    this.parts.memory.draft = "";
    this.#delivery.clear();
    this.parts.memory.earlier = [];
    this.#forget();
    this.#connection.tell("stop");
    if (isOpen) this.#connection.tell("start");
  }

  /** End a pause. */
  resume(): void {
    this.#connection.tell("resume");
  }

  /** Join again now. */
  retry(): void {
    this.#connection.tell("retry");
  }

  /** Show a sentence above the composer, or none. */
  notify(text: string | null): void {
    this.#set({ notice: text === null ? null : { text, until: null } });
  }

  /** The refused message has gone back to the composer. */
  takeReturned(): void {
    this.#set({ returned: null });
  }

  /** The bubble is taken off the page. */
  leave(): void {
    this.#parking.end();
    this.#connection.tell("stop");
  }

  /** The browser lost its network. */
  offline(): void {
    this.#connection.tell("lost");
  }

  /** The browser is online again, or the page can be seen again. */
  nudge(): void {
    this.#parking.end();
    this.#connection.tell("nudge");
    this.wake();
  }

  /** The page can't be seen. */
  hide(): void {
    this.#parking.begin();
  }

  /** Another tab changed what is remembered. */
  onMemory(part: MemoryPart | null, isOpen: boolean): void {
    if (part === "outbox") this.#delivery.reload();
    if (part === "resumed") this.#connection.tell("resumed");
    if (part === "left") this.#giveUpIdentity();
    if (part === "earlier") this.#set({ hasEarlier: this.parts.memory.hasEarlier });
    if (part !== "conversation") return;
    const stored = this.parts.memory.conversation;
    if (stored?.id === this.#ref?.id) return;
    this.#reset();
    this.#connection.tell("stop");
    if (stored) this.wake();
    else if (isOpen) setTimeout(() => this.parts.isHidden() || this.begin(), OTHER_TAB_FIRST_MS);
  }

  #giveUpIdentity(): void {
    this.#introduction.giveUp(this.#ref);
    this.#set({ customerName: null });
  }

  async #load(): Promise<"ready" | "paused"> {
    if (this.#isLoaded && this.#ref) return "ready";
    await this.#introduction.awaited();
    const { client, memory } = this.parts;
    const ref = held(await joinOrBegin(client, memory), memory);
    const isOther = ref.id !== this.#ref?.id;
    this.#ref = ref;
    const transcript = await client.transcript(ref);
    if (this.#ref !== ref) throw new Unreachable("The conversation was replaced meanwhile.");
    this.#isLoaded = true;
    const conversation = foldAll(transcript.events, isOther ? EMPTY : this.#state.conversation);
    this.#delivery.acknowledge(conversation);
    const { linkHosts } = transcript;
    this.#set({ conversation, linkHosts, suggestions: ref.suggestions });
    return transcript.isPaused ? "paused" : "ready";
  }

  async #open(signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    if (!this.#ref) throw new Unreachable("There is no conversation to follow.");
    const { lastSeq } = this.#state.conversation;
    try {
      return await this.parts.client.tail(this.#ref, lastSeq, signal);
    } catch (error) {
      if (error instanceof Problem && error.code === "malformed-last-event-id") this.#unload();
      throw error;
    }
  }

  /** The server knows less than we do, as after a restored backup: read everything anew. */
  #unload(): void {
    this.#isLoaded = false;
    this.#set({ conversation: EMPTY });
  }

  #onMessage(message: SseMessage): void {
    const event = parseEvent(message.data);
    if (!event) return;
    const conversation = fold(this.#state.conversation, event);
    if (conversation === this.#state.conversation) return;
    this.#freshStarts = 0;
    this.#delivery.acknowledge(conversation);
    this.#set({ conversation });
    if (event.body.type === "conversation.paused") this.#connection.tell("paused");
    if (!runningTurn(conversation)) {
      if (this.#state.stoppingTurnId) this.#set({ stoppingTurnId: null });
      void this.#delivery.flush();
    }
  }

  #onLink(link: Link): void {
    this.#set({ link });
    if (link.phase !== "live") return;
    this.#delivery.restart();
    void this.#introduce();
  }

  async #introduce(): Promise<void> {
    if (!this.#isLoaded || !this.#ref) return;
    try {
      const name = await this.#introduction.make(this.#ref);
      if (name === null) return;
      this.#isSetAside = false;
      this.#set({ customerName: name });
    } catch (error) {
      if (error instanceof Problem && error.isGone) this.#onGone(error);
    }
  }

  async #resumeOnServer(): Promise<void> {
    if (!this.#ref) return;
    await this.parts.client.resume(this.#ref);
    this.parts.memory.announceResumed(Date.now());
  }

  #canSend(): boolean {
    return this.#state.link.phase === "live" && !runningTurn(this.#state.conversation);
  }

  #onGone(problem: Problem): void {
    if (problem.code === "identity-required") {
      // The page can't say now who the customer is; that is no reason to give the conversation up.
      if (this.parts.identity.hasFailed) return this.#connection.tell("lost");
      const isBystander = (this.#isLoaded || this.#isSetAside) && !this.#introduction.isCustomers;
      if (isBystander) return this.#stepAside();
      // Whoever signs in as the customer later can go back to it.
      this.parts.memory.leaveConversation();
    }
    this.#startAfresh();
  }

  /** The customer has signed in in another tab, and this page does not know of it yet. */
  #stepAside(): void {
    this.#reset();
    this.#isSetAside = true;
    this.#connection.tell("stop");
    this.notify("You have signed in in another tab. Reload this page to go on here.");
  }

  #startAfresh(): void {
    this.#freshStarts += 1;
    this.#forget();
    if (this.#freshStarts <= MAX_FRESH_STARTS) return this.#connection.restart();
    this.#connection.tell("stop");
    this.#set({ notice: { text: "Heidi can't be reached. Please reload the page.", until: null } });
  }

  /** Let go of the conversation; it can be gone back to if something was said in it. */
  #leaveConversation(): void {
    this.#freshStarts = 0;
    this.#delivery.clear();
    const { memory } = this.parts;
    if (this.#state.conversation.items.length > 0) memory.leaveConversation();
    this.#forget();
  }

  #forget(): void {
    this.parts.memory.forgetConversation();
    this.#delivery.moveOn();
    this.#reset();
  }

  #reset(): void {
    this.#ref = null;
    this.#isLoaded = false;
    this.#introduction.reset();
    const { link } = this.#state;
    const { hasEarlier } = this.parts.memory;
    this.#set({ ...FRESH, link, hasEarlier, outbox: this.#delivery.outbox });
  }

  #onRefused(entry: OutboxEntry, problem: Problem): void {
    this.#set(refused(this.#state, entry, problem));
    void this.#delivery.flush();
  }

  #attempt(request: Promise<unknown>, undo: () => void = () => undefined): void {
    request.catch((error: unknown) => {
      undo();
      this.#set(failed(error));
    });
  }

  #set(change: Partial<SessionState>): void {
    this.#state = { ...this.#state, ...change };
    try {
      for (const listener of this.#listeners) listener(this.#state);
    } catch (error) {
      this.parts.onError(error);
    }
  }
}
