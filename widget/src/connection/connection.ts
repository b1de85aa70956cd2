/**
 * Owns the one connection of a bubble: runs the state machine and does what its states ask for.
 * What a conversation is and what its events mean is not its business.
 */
import { Problem, Unreachable } from "../protocol/problems";
import type { SseMessage } from "../protocol/sse";
import { IDLE, step, type Link, type LinkInput } from "./machine";
import { readTail, withDeadline } from "./tail";

/** What the connection needs from its conversation. */
export interface ConnectionPorts {
  /** Make sure that the conversation exists and its history is known. */
  load(): Promise<"ready" | "paused">;
  /** Open the stream after what is known. */
  open(signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** End a pause. */
  resume(): Promise<void>;
  /** A message of the stream came. */
  onMessage(message: SseMessage): void;
  /** The state changed. */
  onChange(link: Link): void;
  /** The conversation can't be used any more. */
  onGone(problem: Problem): void;
  /** Something broke that is a mistake of ours. */
  onError(error: unknown): void;
}

const OPEN_TIMEOUT_MS = 20_000;

/** Joins, rejoins, pauses and resumes. */
export class Connection {
  #link: Link = IDLE;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #abort: AbortController | null = null;

  constructor(
    private readonly ports: ConnectionPorts,
    private readonly random: () => number = Math.random,
  ) {}

  /** Where it stands. */
  get link(): Link {
    return this.#link;
  }

  /** Tell it that something happened. */
  tell(input: LinkInput): void {
    const before = this.#link;
    const circumstances = { now: Date.now(), chance: this.random() };
    const link = step(before, input, circumstances);
    if (link === before) return;
    this.#link = link;
    this.#act(link);
    this.ports.onChange(link);
  }

  /** Drop the stream and join again at once, for another conversation. */
  restart(): void {
    this.tell("stop");
    this.tell("start");
  }

  #act(link: Link): void {
    clearTimeout(this.#timer);
    if (link.phase === "live") return;
    this.#abort?.abort();
    this.#abort = null;
    if (link.phase === "connecting" || link.phase === "rejoining") void this.#join();
    if (link.phase === "resuming") void this.#resume();
    if (link.phase === "waiting") {
      this.#timer = setTimeout(() => this.tell("due"), link.retryAt - Date.now());
    }
  }

  async #join(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const state = await this.ports.load();
      if (abort.signal.aborted) return;
      if (state === "paused") return this.tell("paused");
      const stream = await withDeadline(this.ports.open(abort.signal), OPEN_TIMEOUT_MS);
      if (abort.signal.aborted) return void stream.cancel().catch(() => undefined);
      this.tell("opened");
      let isAskedAgain = false;
      await readTail(stream, (message) => {
        isAskedAgain = message.event === "rejoin";
        if (!abort.signal.aborted && !isAskedAgain) this.ports.onMessage(message);
      });
      if (!abort.signal.aborted) this.tell(isAskedAgain ? "ended" : "lost");
    } catch (error) {
      if (!abort.signal.aborted) this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (error instanceof Problem && error.isGone) return this.ports.onGone(error);
    if (error instanceof Problem && error.code === "conversation-paused") return this.tell("paused");
    if (!(error instanceof Problem || error instanceof Unreachable)) this.ports.onError(error);
    this.tell("lost");
  }

  async #resume(): Promise<void> {
    try {
      await this.ports.resume();
      this.tell("resumed");
    } catch (error) {
      if (error instanceof Problem && error.isGone) return this.ports.onGone(error);
      this.tell("resume-refused");
    }
  }
}
