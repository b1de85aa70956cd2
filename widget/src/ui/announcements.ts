/**
 * Owns what a screen reader is told while an answer grows: whole sentences, not every delta. Pure.
 */
import { parseBlocks } from "../markdown/blocks";
import type { Block, Inline } from "../markdown/tree";

/** What to say now, and up to where the text has been said. */
export interface Announcement {
  readonly words: string;
  readonly saidTo: number;
}

const SENTENCE_END = /[.!?…:](?=["')\]]*\s)|\n/g;

/** The finished sentences of `text` after `saidTo`; all the rest once the answer is over. */
export function nextAnnouncement(text: string, saidTo: number, isOver: boolean): Announcement {
  const rest = text.slice(saidTo);
  const ends = Array.from(rest.matchAll(SENTENCE_END), (match) => match.index + match[0].length);
  const length = isOver ? rest.length : (ends.at(-1) ?? 0);
  return { words: plainText(rest.slice(0, length)), saidTo: saidTo + length };
}

/** A formatted text without its formatting. */
export function plainText(source: string): string {
  return parseBlocks(source).map(blockText).join(" ").replace(/\s+/g, " ").trim();
}

function blockText(block: Block): string {
  switch (block.kind) {
    case "paragraph":
    case "heading":
      return block.children.map(inlineText).join("");
    case "code":
      return block.text;
    case "quote":
      return block.children.map(blockText).join(" ");
    case "table":
      return [block.header, ...block.rows].map(rowText).join(" ");
    case "list":
      return block.items.map((item) => item.map(blockText).join(" ")).join(" ");
  }
}

function rowText(cells: readonly (readonly Inline[])[]): string {
  return `${cells.map((cell) => cell.map(inlineText).join("")).join(", ")}.`;
}

function inlineText(piece: Inline): string {
  switch (piece.kind) {
    case "text":
    case "code":
      return piece.text;
    case "break":
      return " ";
    case "cite":
      return "";
    default:
      return piece.children.map(inlineText).join("");
  }
}
