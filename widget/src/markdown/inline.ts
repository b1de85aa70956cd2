/** Owns the parsing of a line: code, bold, emphasis, links, citation numbers. Pure. */
import { MARKER, withoutMarkers } from "./markers";
import type { Inline } from "./tree";

const MAX_DEPTH = 6;
const ESCAPE = /\\([\\`*_{}[\]()#+\-.!>~|])/y;
const CODE = /(`+)([^`]|[^`][^]*?[^`])\1(?!`)/y;
const IMAGE = /!\[([^[\]]{0,500})\]\([^()\s]{0,2000}(?:\s+"[^"]{0,500}")?\)/y;
const LINK = /\[([^[\]]{1,500})\]\(<?([^()\s<>]{1,2000})>?(?:\s+"[^"]{0,500}")?\)/y;
const CITE = /\uE000(\d+)\uE001/y;
const LINE_BREAK = /(?: {2,}|\\)?\n/y;
const DELIMITERS = ["**", "__", "*", "_"] as const;

/** The pieces of a text. */
export function parseInline(source: string, depth = 0): Inline[] {
  return new InlineParser(source, depth).parse();
}

class InlineParser {
  #at = 0;
  #plain = "";
  readonly #pieces: Inline[] = [];
  /** Delimiters known to have no partner ahead: keeps hostile input from taking quadratic time. */
  readonly #unpaired = new Set<string>();

  constructor(
    private readonly source: string,
    private readonly depth: number,
  ) {}

  parse(): Inline[] {
    while (this.#at < this.source.length) {
      if (!this.#special()) this.#plain += this.source[this.#at++];
    }
    this.#flush();
    return this.#pieces;
  }

  #special(): boolean {
    switch (this.source[this.#at]) {
      case "\\":
        return this.#escape() || this.#break();
      case "`":
        return this.#code();
      case "!":
        return this.#image();
      case "[":
        return this.#link();
      case "\uE000":
        return this.#cite();
      case " ":
      case "\n":
        return this.#break();
      case "*":
      case "_":
        return DELIMITERS.some((delimiter) => this.#span(delimiter));
      default:
        return false;
    }
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.source);
    if (match) this.#at += match[0].length;
    return match;
  }

  #escape(): boolean {
    const match = this.#match(ESCAPE);
    if (match) this.#plain += match[1];
    return match !== null;
  }

  #break(): boolean {
    const match = this.#match(LINE_BREAK);
    if (match) this.#push({ kind: "break" });
    return match !== null;
  }

  #code(): boolean {
    if (this.#unpaired.has("`")) return false;
    const match = this.#match(CODE);
    if (!match) {
      if (this.source.indexOf("`", this.#at + 1) < 0) this.#unpaired.add("`");
      return false;
    }
    const text = match[2] ?? "";
    this.#push({ kind: "code", text: withoutMarkers(text).trim() });
    for (const [, number] of text.matchAll(MARKER)) this.#push(cite(number));
    return true;
  }

  /** Images are never loaded: an address can carry data out. Their description stays. */
  #image(): boolean {
    const match = this.#match(IMAGE);
    if (match) this.#plain += withoutMarkers(match[1] ?? "");
    return match !== null;
  }

  #link(): boolean {
    if (this.depth >= MAX_DEPTH) return false;
    const match = this.#match(LINK);
    if (!match) return false;
    const [, label = "", href = ""] = match;
    const children = parseInline(label, MAX_DEPTH);
    this.#push({ kind: "link", href: withoutMarkers(href), children });
    for (const [, number] of href.matchAll(MARKER)) this.#push(cite(number));
    return true;
  }

  #cite(): boolean {
    const match = this.#match(CITE);
    if (match) this.#push(cite(match[1]));
    return match !== null;
  }

  #span(delimiter: string): boolean {
    const { source } = this;
    const start = this.#at + delimiter.length;
    if (this.depth >= MAX_DEPTH || this.#unpaired.has(delimiter)) return false;
    if (!source.startsWith(delimiter, this.#at) || /^\s?$/.test(source[start] ?? "")) return false;
    if (delimiter.startsWith("_") && /\w/.test(source[this.#at - 1] ?? "")) return false;
    const end = this.#closing(delimiter, start);
    if (end < 0) return false;
    const kind = delimiter.length === 2 ? "strong" : "emphasis";
    this.#push({ kind, children: parseInline(source.slice(start, end), this.depth + 1) });
    this.#at = end + delimiter.length;
    return true;
  }

  #closing(delimiter: string, start: number): number {
    const { source } = this;
    for (let end = source.indexOf(delimiter, start + 1); end >= 0; ) {
      const isLeftOpen = /\s/.test(source[end - 1] ?? "");
      const isDouble = delimiter.length === 1 && source[end + 1] === delimiter;
      const isInWord = delimiter.startsWith("_") && /\w/.test(source[end + delimiter.length] ?? "");
      if (!isLeftOpen && !isDouble && !isInWord) return end;
      end = source.indexOf(delimiter, end + (isDouble ? 2 : 1));
    }
    this.#unpaired.add(delimiter);
    return -1;
  }

  #push(piece: Inline): void {
    this.#flush();
    this.#pieces.push(piece);
  }

  #flush(): void {
    if (this.#plain) this.#pieces.push({ kind: "text", text: this.#plain });
    this.#plain = "";
  }
}

function cite(number: string | undefined): Inline {
  return { kind: "cite", number: Number(number) };
}
