/** Reads the golden streams that pytest reads too. */
import { readFileSync } from "node:fs";
import { parseEvent, type ChatEvent } from "../src/protocol/events";
import { SseParser, type SseMessage } from "../src/protocol/sse";

export const STREAMS = [
  "abstention",
  "booking",
  "interrupted",
  "news-answer",
  "sign-in",
  "staff-and-pause",
  "staff-takes-over",
  "wire-forms",
] as const;

export type StreamName = (typeof STREAMS)[number];

/** The bytes of a golden stream. */
export function bytesOf(name: StreamName): Uint8Array {
  const path = new URL(`../../tests/fixtures/streams/${name}.sse`, import.meta.url);
  return new Uint8Array(readFileSync(path));
}

/** The messages in pieces of a stream. */
export function messagesOf(...pieces: Uint8Array[]): SseMessage[] {
  const parser = new SseParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

/** The events of a golden stream. */
export function eventsOf(name: StreamName): ChatEvent[] {
  return messagesOf(bytesOf(name)).flatMap(({ data }) => parseEvent(data) ?? []);
}
