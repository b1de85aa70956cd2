/**
 * Owns the making of elements from a formatted answer. Text becomes text nodes, never markup:
 * nothing here reads HTML, so nothing in an answer can be HTML.
 */
import { h } from "../ui/dom";
import { safeHref } from "./links";
import type { Block, Inline, Table } from "./tree";

const TIED = "tied";
/** Its end, where it is too long for a line. */
const LAST_WORD = /\S{1,20}$/;

/** What a link needs from its surroundings. */
export interface LinkContext {
  /** Relative links lead here. */
  readonly base: string;
  /** Whether a link opens in this tab. */
  isHere(href: string): boolean;
}

/** What rendering needs from its surroundings. */
export interface RenderContext extends LinkContext {
  /** The address that a link of the text leads to; null: its words alone are shown. */
  allow(href: string): string | null;
  /** The element of a citation's number; null if there is no such citation. */
  cite(number: number): Node | null;
}

/** The element of a block. */
export function renderBlock(block: Block, context: RenderContext): HTMLElement {
  switch (block.kind) {
    case "paragraph":
      return h("p", { dir: "auto" }, ...renderInlines(block.children, context));
    case "heading":
      return h("p", { class: "heading", dir: "auto" }, ...renderInlines(block.children, context));
    case "code":
      return h("pre", { tabindex: "0" }, h("code", {}, block.text));
    case "quote":
      return h("blockquote", {}, ...block.children.map((child) => renderBlock(child, context)));
    case "table":
      return renderTable(block, context);
    case "list": {
      const items = block.items.map((item) => renderItem(item, context));
      if (!block.isOrdered) return h("ul", {}, ...items);
      return h("ol", { start: String(block.start) }, ...items);
    }
  }
}

/** A link that the server made a field of; its text alone if it leads to no web page. */
export function renderLink(href: string, context: LinkContext, ...children: Node[]): Node {
  return linkTo(safeHref(href, context.base), context, children);
}

function linkTo(safe: string | null, context: LinkContext, children: Node[]): Node {
  if (safe === null) return h("span", {}, ...children);
  const target = context.isHere(safe) ? {} : { target: "_blank" };
  return h("a", { href: safe, rel: "noopener noreferrer nofollow", ...target }, ...children);
}

function renderTable({ header, rows }: Table, context: RenderContext): HTMLElement {
  const row = (tag: "th" | "td", cells: readonly (readonly Inline[])[]): HTMLElement =>
    h("tr", {}, ...cells.map((cell) => h(tag, { dir: "auto" }, ...renderInlines(cell, context))));
  const head = h("thead", {}, row("th", header));
  const body = h("tbody", {}, ...rows.map((cells) => row("td", cells)));
  // Reachable by key, because a wide one scrolls.
  return h("div", { class: "wide", tabindex: "0" }, h("table", {}, head, body));
}

function renderItem(item: readonly Block[], context: RenderContext): HTMLElement {
  const [only, ...others] = item;
  // A one-paragraph item is set tightly, without a paragraph of its own.
  if (only?.kind === "paragraph") {
    const rest = others.map((block) => renderBlock(block, context));
    return h("li", { dir: "auto" }, ...renderInlines(only.children, context), ...rest);
  }
  return h("li", {}, ...item.map((block) => renderBlock(block, context)));
}

function renderInlines(pieces: readonly Inline[], context: RenderContext): Node[] {
  const nodes: Node[] = [];
  for (const piece of pieces) {
    const node = renderInline(piece, context);
    if (node && piece.kind === "cite") tie(nodes, node);
    else if (node) nodes.push(node);
  }
  return nodes;
}

/** Add the number of a citation, which stays on the line of the word that it follows. */
function tie(nodes: Node[], number: Node): void {
  const before = nodes.at(-1);
  if (before instanceof HTMLElement && before.className === TIED) return before.append(number);
  const word = before instanceof Text ? (LAST_WORD.exec(before.data)?.[0] ?? "") : "";
  if (before instanceof Text) before.data = before.data.slice(0, before.data.length - word.length);
  nodes.push(h("span", { class: TIED }, word, number));
}

function renderInline(piece: Inline, context: RenderContext): Node | null {
  switch (piece.kind) {
    case "text":
      return document.createTextNode(piece.text);
    case "code":
      return h("code", {}, piece.text);
    case "strong":
      return h("strong", {}, ...renderInlines(piece.children, context));
    case "emphasis":
      return h("em", {}, ...renderInlines(piece.children, context));
    case "link":
      return linkTo(context.allow(piece.href), context, renderInlines(piece.children, context));
    case "cite":
      return context.cite(piece.number);
    case "break":
      return h("br");
  }
}
