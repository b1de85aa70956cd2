/** Owns where the numbers of citations stand in an answer's text. Pure. */
import type { Citation } from "../protocol/events";

/** Encloses a number in marked text: private-use characters that no answer contains. */
const OPEN = "\uE000";
const CLOSE = "\uE001";

/** A marker, with the number as its group. */
export const MARKER = /\uE000(\d+)\uE001/g;

/** The marker of a number. */
export function marker(number: number): string {
  return `${OPEN}${number}${CLOSE}`;
}

/** The text without its markers. */
export function withoutMarkers(text: string): string {
  return text.replace(MARKER, "");
}

/**
 * The text with a marker at the end of every cited span.
 *
 * Where the answer itself writes `[n]` for a citation n, that place is taken instead.
 */
export function placeMarkers(text: string, citations: readonly Citation[]): string {
  const clean = text.replace(/[\uE000\uE001]/g, "\uFFFD");
  const numbers = new Set(citations.map((citation) => citation.number));
  const written = new Set(
    Array.from(clean.matchAll(WRITTEN), (match) => Number(match[1])).filter((n) => numbers.has(n)),
  );
  const placed = insert(clean, endings(clean, citations, written));
  return placed.replace(WRITTEN, (literal, n: string) =>
    written.has(Number(n)) ? marker(Number(n)) : literal,
  );
}

const WRITTEN = /\[(\d{1,3})\](?![(:])/g;

/** Numbers by the offset (code points) at which they stand, each once per offset. */
function endings(
  text: string,
  citations: readonly Citation[],
  written: ReadonlySet<number>,
): Map<number, number[]> {
  const characters = Array.from(text);
  const byOffset = new Map<number, number[]>();
  for (const { number, end } of citations) {
    if (written.has(number)) continue;
    let offset = Math.max(0, Math.min(end, characters.length));
    while (offset > 0 && /\s/.test(characters[offset - 1] ?? "")) offset -= 1;
    const numbers = byOffset.get(offset) ?? [];
    if (!numbers.includes(number)) byOffset.set(offset, [...numbers, number]);
  }
  return byOffset;
}

function insert(text: string, byOffset: ReadonlyMap<number, readonly number[]>): string {
  if (byOffset.size === 0) return text;
  const pieces: string[] = [];
  let offset = 0;
  for (const character of text) {
    pieces.push(...(byOffset.get(offset) ?? []).map(marker), character);
    offset += 1;
  }
  pieces.push(...(byOffset.get(offset) ?? []).map(marker));
  return pieces.join("");
}
