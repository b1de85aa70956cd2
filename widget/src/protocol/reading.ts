/** Owns the careful reading of JSON that came from outside: wrong types become empty values. */

/** A JSON object of unknown content. */
export type Json = Readonly<Record<string, unknown>>;

/** The value as an object; an empty one if it is none. */
export function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

/** The value as text; numbers and truth values are spelled out, all else is empty. */
export function text(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** The value as text, or null when it is absent. */
export function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : text(value);
}

/** The value as a number; 0 if it is none. */
export function number(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** The value as a list of what `read` makes of each element. */
export function list<T>(value: unknown, read: (element: unknown) => T): T[] {
  return Array.isArray(value) ? value.map(read) : [];
}

/** A list of two texts: label and value, title and path. */
export function pair(value: unknown): readonly [string, string] {
  const [first, second] = list(value, text);
  return [first ?? "", second ?? ""];
}

/** The object that a JSON text holds, or null if it holds none. */
export function parseObject(source: string): Json | null {
  try {
    const value: unknown = JSON.parse(source);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Json)
      : null;
  } catch {
    return null;
  }
}
