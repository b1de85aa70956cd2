/** Owns the element of an answer's text and of the list of its sources. */
import { parseBlocks } from "../markdown/blocks";
import { allowedHref, type LinkPolicy } from "../markdown/links";
import { placeMarkers } from "../markdown/markers";
import { renderBlock, renderLink, type RenderContext } from "../markdown/render";
import type { Block } from "../markdown/tree";
import type { Citation } from "../protocol/events";
import type { Surroundings } from "./actions";
import { h } from "./dom";
import { icon } from "./icons";
import type { CitationPopover } from "./popover";
import { dayOf } from "./times";

/** Formatted text that grows: only the blocks that changed are made anew. */
export class AnswerText {
  readonly element = h("div", { class: "prose" });
  #keys: string[] = [];

  constructor(
    private readonly surroundings: Surroundings,
    private readonly popover: CitationPopover,
  ) {}

  /** Show a text with the numbers of its citations. */
  update(text: string, citations: readonly Citation[]): void {
    const blocks = parseBlocks(placeMarkers(text, citations));
    const context = this.#context(citations);
    const allowed = JSON.stringify(this.#policy(citations));
    const keys = blocks.map((block) => {
      const key = JSON.stringify(block);
      return key.includes('"link"') ? key + allowed : key;
    });
    keys.forEach((key, index) => {
      if (this.#keys[index] !== key) this.#put(index, blocks[index], context);
    });
    while (this.element.children.length > blocks.length) this.element.lastChild?.remove();
    this.#keys = keys;
  }

  #put(index: number, block: Block | undefined, context: RenderContext): void {
    if (!block) return;
    const element = renderBlock(block, context);
    const shown = this.element.children[index];
    if (shown) shown.replaceWith(element);
    else this.element.append(element);
  }

  #policy(citations: readonly Citation[]): LinkPolicy {
    return {
      base: this.surroundings.base,
      hosts: this.surroundings.linkHosts(),
      addresses: citations.map((citation) => citation.sourceUrl).filter(Boolean),
    };
  }

  #context(citations: readonly Citation[]): RenderContext {
    const byNumber = new Map(citations.map((citation) => [citation.number, citation]));
    return {
      base: this.surroundings.base,
      isHere: (href) => this.surroundings.isHere(href),
      allow: (href) => allowedHref(href, this.#policy(citations)),
      cite: (number) => {
        const citation = byNumber.get(number);
        return citation ? this.popover.chip(citation) : null;
      },
    };
  }
}

/** The briefings that an answer cites, each once, by number. */
export function sourceList(
  citations: readonly Citation[],
  surroundings: Surroundings,
): HTMLElement | null {
  const byNumber = new Map(citations.map((citation) => [citation.number, citation]));
  const sources = [...byNumber.values()].sort((a, b) => a.number - b.number);
  if (sources.length === 0) return null;
  const items = sources.map((source) => {
    const meta = [source.date && dayOf(source.date), source.sourceName].filter(Boolean);
    const number = h("span", { class: "source-number" }, String(source.number));
    const words = h(
      "span",
      { class: "source-words" },
      h("span", { class: "source-title" }, source.title),
      h("span", { class: "source-meta" }, meta.join(" · ")),
    );
    return h("li", {}, renderLink(source.path, surroundings, number, words));
  });
  const title = sources.length === 1 ? "Source" : "Sources";
  return h("nav", { class: "sources", "aria-label": title }, h("h3", {}, title), h("ol", {}, ...items));
}

/** The nearest briefings, offered where there is no answer. */
export function briefingList(
  briefings: readonly (readonly [string, string])[],
  surroundings: Surroundings,
): HTMLElement | null {
  if (briefings.length === 0) return null;
  const items = briefings.map(([title, path]) =>
    h("li", {}, renderLink(path, surroundings, icon("article"), h("span", { class: "source-title" }, title))),
  );
  const title = "Nearest briefings";
  return h("nav", { class: "sources", "aria-label": title }, h("h3", {}, title), h("ul", {}, ...items));
}
