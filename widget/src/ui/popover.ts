/** Owns the note that appears at a citation's number: what the briefing says, and the way to it. */
import { renderLink } from "../markdown/render";
import type { Citation } from "../protocol/events";
import type { Surroundings } from "./actions";
import { containsFocus, h } from "./dom";
import { icon } from "./icons";
import { dayOf } from "./times";

const LEAVE_MS = 160;
const MARGIN_PX = 12;

/** One note at a time, shown on hover and focus, kept open by a click. */
export class CitationPopover {
  readonly element = h("div", { class: "popover", id: "citation-note", hidden: true });
  #anchor: HTMLElement | null = null;
  #isPinned = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly surroundings: Surroundings) {
    this.element.addEventListener("pointerenter", () => clearTimeout(this.#timer));
    this.element.addEventListener("pointerleave", () => this.#leave());
    this.element.addEventListener("focusout", (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null)) this.close();
    });
  }

  /** The number of a citation, as it stands in the answer. */
  chip(citation: Citation): HTMLElement {
    const chip = h(
      "button",
      {
        type: "button",
        class: "cite",
        "aria-label": `Source ${citation.number}: ${citation.title}`,
        "aria-expanded": "false",
        "aria-controls": "citation-note",
      },
      String(citation.number),
    );
    chip.addEventListener("pointerenter", (event) => {
      if (event.pointerType !== "touch") this.#show(chip, citation);
    });
    chip.addEventListener("pointerleave", () => this.#leave());
    chip.addEventListener("focus", () => this.#show(chip, citation));
    chip.addEventListener("blur", () => this.#leave());
    chip.addEventListener("click", () => this.#pin(chip, citation));
    return chip;
  }

  /** Close the note; false if none was open. */
  close(): boolean {
    clearTimeout(this.#timer);
    const wasOpen = this.#anchor !== null;
    if (containsFocus(this.element)) this.#anchor?.focus();
    this.#anchor?.setAttribute("aria-expanded", "false");
    this.#anchor = null;
    this.#isPinned = false;
    this.element.hidden = true;
    return wasOpen;
  }

  #pin(chip: HTMLElement, citation: Citation): void {
    if (this.#anchor === chip && this.#isPinned) return void this.close();
    this.#show(chip, citation);
    this.#isPinned = true;
  }

  #show(chip: HTMLElement, citation: Citation): void {
    clearTimeout(this.#timer);
    if (this.#anchor === chip) return;
    this.close();
    this.#anchor = chip;
    chip.setAttribute("aria-expanded", "true");
    this.element.replaceChildren(...this.#note(citation));
    this.element.hidden = false;
    // Follows its number in the order of the Tab key.
    chip.after(this.element);
    this.#place(chip);
  }

  #leave(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.#isPinned && !containsFocus(this.element)) this.close();
    }, LEAVE_MS);
  }

  #note(citation: Citation): Node[] {
    const { title, path, date, sourceName, quote } = citation;
    const context = { ...this.surroundings, cite: () => null };
    const meta = [date && dayOf(date), sourceName].filter(Boolean).join(" · ");
    const link = renderLink(path, context, h("span", {}, title), icon("arrow"));
    return [
      h("span", { class: "popover-title" }, link),
      h("span", { class: "popover-meta" }, meta),
      ...(quote ? [h("q", {}, quote)] : []),
    ];
  }

  #place(chip: HTMLElement): void {
    const area = chip.closest(".thread")?.getBoundingClientRect();
    const at = chip.getBoundingClientRect();
    const row = (this.element.offsetParent ?? chip).getBoundingClientRect();
    if (!area) return;
    const note = this.element.getBoundingClientRect();
    const farthest = area.right - MARGIN_PX - note.width;
    const left = Math.max(area.left + MARGIN_PX, Math.min(at.left - 24, farthest));
    const isBelow = at.top - note.height - 8 < area.top;
    const top = isBelow ? at.bottom + 6 : at.top - note.height - 6;
    this.element.style.left = `${left - row.left}px`;
    this.element.style.top = `${top - row.top}px`;
  }
}
