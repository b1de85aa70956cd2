/** Owns the reading of one stream until it ends, fails or falls silent. */
import { Unreachable } from "../protocol/problems";
import { SseParser, type SseMessage } from "../protocol/sse";

/** Heartbeats come every 15 s; after two that are missing the line counts as dead. */
export const SILENCE_MS = 40_000;

/**
 * Read a stream to its end, handing over every message.
 *
 * Raises `Unreachable` when the stream breaks or no byte came for `silenceMs`.
 */
export async function readTail(
  stream: ReadableStream<Uint8Array>,
  onMessage: (message: SseMessage) => void,
  silenceMs: number = SILENCE_MS,
): Promise<void> {
  const parser = new SseParser();
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await withDeadline(reader.read().catch(broken), silenceMs);
      if (done) return;
      for (const message of parser.push(value)) onMessage(message);
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

function broken(error: unknown): never {
  throw new Unreachable(String(error));
}

/** The promise's value, or `Unreachable` when it takes longer than `ms`. */
export async function withDeadline<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unreachable("Nothing came in time.")), ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
