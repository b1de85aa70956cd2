/** Owns the parsing of an answer into blocks: paragraphs, lists, tables, headings, quotes, code. Pure. */
import { parseInline } from "./inline";
import { withoutMarkers } from "./markers";
import { readTable, startsTable } from "./table";
import type { Block } from "./tree";

const MAX_DEPTH = 5;
const FENCE = /^ {0,3}(```+|~~~+)/;
const HEADING = /^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$/;
const QUOTE = /^ {0,3}>\s?/;
const ITEM = /^( *)([-*+]|\d{1,4}[.)])\s+(.*)$/;

/** The blocks of a text. What is no known block is a paragraph: HTML stays text. */
export function parseBlocks(source: string, depth = 0): Block[] {
  const lines = source.split(/\r\n|\r|\n/);
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    if (line.trim() === "") {
      at += 1;
      continue;
    }
    const [block, next] = readBlock(lines, at, depth);
    blocks.push(block);
    at = next;
  }
  return blocks;
}

/** The block that begins at a line, and the number of the line after it. */
function readBlock(lines: readonly string[], at: number, depth: number): [Block, number] {
  const line = lines[at] ?? "";
  const heading = HEADING.exec(line);
  if (heading) return [{ kind: "heading", children: parseInline(heading[1] ?? "") }, at + 1];
  if (FENCE.test(line)) return readCode(lines, at);
  if (depth < MAX_DEPTH && QUOTE.test(line)) return readQuote(lines, at, depth);
  if (depth < MAX_DEPTH && ITEM.test(line)) return readList(lines, at, depth);
  if (startsTable(lines, at)) return readTable(lines, at);
  return readParagraph(lines, at, depth);
}

function readCode(lines: readonly string[], at: number): [Block, number] {
  const fence = FENCE.exec(lines[at] ?? "")?.[1] ?? "```";
  let end = at + 1;
  while (end < lines.length && !(lines[end] ?? "").trimStart().startsWith(fence)) end += 1;
  const text = withoutMarkers(lines.slice(at + 1, end).join("\n"));
  return [{ kind: "code", text }, end + 1];
}

function readQuote(lines: readonly string[], at: number, depth: number): [Block, number] {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end] ?? "")) end += 1;
  const source = lines.slice(at, end).map((line) => line.replace(QUOTE, "")).join("\n");
  return [{ kind: "quote", children: parseBlocks(source, depth + 1) }, end];
}

function readList(lines: readonly string[], at: number, depth: number): [Block, number] {
  const [, firstIndent = "", firstMark = "-"] = ITEM.exec(lines[at] ?? "") ?? [];
  const isOrdered = /\d/.test(firstMark);
  const items: string[][] = [];
  let next = at;
  for (; next < lines.length; next += 1) {
    const line = lines[next] ?? "";
    const [, indent = "", mark = "", content = ""] = ITEM.exec(line) ?? [];
    if (mark && indent.length <= firstIndent.length + 1) {
      if (/\d/.test(mark) !== isOrdered) break;
      items.push([content]);
    } else if (continuesItem(lines, next, firstIndent.length)) {
      items.at(-1)?.push(line.slice(Math.min(firstIndent.length + 2, leading(line))));
    } else break;
  }
  const start = isOrdered ? Number.parseInt(firstMark, 10) : 1;
  const parsed = items.map((item) => parseBlocks(item.join("\n"), depth + 1));
  return [{ kind: "list", isOrdered, start, items: parsed }, next];
}

/** Whether a line that begins no item belongs to the item before it. */
function continuesItem(lines: readonly string[], at: number, indent: number): boolean {
  const line = lines[at] ?? "";
  if (line.trim() !== "") {
    return leading(line) > indent || ((lines[at - 1] ?? "").trim() !== "" && !startsBlock(line));
  }
  const following = lines[at + 1] ?? "";
  const item = ITEM.exec(following);
  return item !== null || (following.trim() !== "" && leading(following) > indent);
}

function readParagraph(lines: readonly string[], at: number, depth: number): [Block, number] {
  let end = at + 1;
  while (end < lines.length) {
    const line = lines[end] ?? "";
    if (line.trim() === "" || (depth < MAX_DEPTH && startsBlock(line))) break;
    if (startsTable(lines, end)) break;
    end += 1;
  }
  const source = lines.slice(at, end).map((line) => line.trimStart()).join("\n");
  return [{ kind: "paragraph", children: parseInline(source.trimEnd()) }, end];
}

function startsBlock(line: string): boolean {
  return [FENCE, HEADING, QUOTE, ITEM].some((pattern) => pattern.test(line));
}

function leading(line: string): number {
  return line.length - line.trimStart().length;
}
