/** Owns the parsing of tables as GitHub writes them: a header, a line of dashes, rows. Pure. */
import { parseInline } from "./inline";
import type { Table } from "./tree";

/** A character that no answer contains. */
const ESCAPED_BAR = "\uE002";
const DASHES = /^:?-+:?$/;

/** Whether a table begins at a line: its header has as many cells as the dashes below it. */
export function startsTable(lines: readonly string[], at: number): boolean {
  const [header = "", below = ""] = lines.slice(at, at + 2);
  if (!header.includes("|") || !below.includes("-")) return false;
  const dashes = cellsOf(below);
  return dashes.every((cell) => DASHES.test(cell)) && cellsOf(header).length === dashes.length;
}

/** The table that begins at a line, and the number of the line after it. */
export function readTable(lines: readonly string[], at: number): [Table, number] {
  const header = cellsOf(lines[at] ?? "");
  let end = at + 2;
  while (end < lines.length && (lines[end] ?? "").includes("|")) end += 1;
  const rows = lines.slice(at + 2, end).map((line) => {
    const cells = cellsOf(line);
    return header.map((_, column) => parseInline(cells[column] ?? ""));
  });
  return [{ kind: "table", header: header.map((cell) => parseInline(cell)), rows }, end];
}

/** The cells of a line, with or without bars at its ends; an escaped bar is part of its cell. */
function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\|/, "").replaceAll("\\|", ESCAPED_BAR);
  const cells = inner.split("|").map((cell) => cell.trim().replaceAll(ESCAPED_BAR, "|"));
  if (cells.length > 1 && cells.at(-1) === "") cells.pop();
  return cells;
}
