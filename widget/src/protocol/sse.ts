/**
 * Owns the parsing of a `text/event-stream` body: bytes in, messages out, wherever the network cut
 * them (WHATWG HTML, section 9.2.6). `EventSource` can't be used: it sends no headers.
 */

/** One dispatched message of a stream. */
export interface SseMessage {
  /** The last `id:` seen so far; empty when there was none. */
  readonly id: string;
  /** The `event:` field, or `message`. */
  readonly event: string;
  /** The `data:` lines, joined by line feeds. */
  readonly data: string;
}

/** Parses one stream; keeps what is unfinished between two pieces. */
export class SseParser {
  readonly #decoder = new TextDecoder("utf-8");
  #rest = "";
  #skipsLineFeed = false;
  #id = "";
  #event = "";
  #data: string[] = [];

  /** The messages that these bytes complete. */
  push(bytes: Uint8Array): SseMessage[] {
    let text = this.#decoder.decode(bytes, { stream: true });
    if (text && this.#skipsLineFeed) {
      if (text.startsWith("\n")) text = text.slice(1);
      this.#skipsLineFeed = false;
    }
    const lines = (this.#rest + text).split(/\r\n|\r|\n/);
    // A carriage return may be half of a pair: the line ends here, a line feed that follows is its.
    if (text.endsWith("\r")) this.#skipsLineFeed = true;
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.#line(line) ?? []);
  }

  #line(line: string): SseMessage | null {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    return null;
  }

  #dispatch(): SseMessage | null {
    const data = this.#data.join("\n");
    const isEmpty = this.#data.length === 0;
    const message = { id: this.#id, event: this.#event || "message", data };
    this.#data = [];
    this.#event = "";
    return isEmpty ? null : message;
  }
}
