/** Owns the elements of cards. All values are text. */
import type { Card, FactsCard, Meeting, MeetingsCard, SlotsCard, TableCard } from "../protocol/cards";
import { h, type Child } from "./dom";
import { icon } from "./icons";

/** The element of a card; `ask` sends the message of a choice. */
export function cardElement(card: Card, ask: (message: string) => void): HTMLElement {
  switch (card.kind) {
    case "facts":
      return frame(card, factRows(card.rows));
    case "table":
      return frame(card, table(card));
    case "slots":
      return frame(card, slots(card, ask));
    case "meetings":
      return frame(card, meetings(card));
  }
}

/** Labels and values, one below the other. */
export function factRows(rows: FactsCard["rows"]): HTMLElement {
  const pairs = rows.map(([label, value]) => h("div", {}, h("dt", {}, label), h("dd", {}, value)));
  return h("dl", { class: "facts" }, ...pairs);
}

function frame(card: Card, ...content: Child[]): HTMLElement {
  const title = card.title ? h("h3", {}, card.title) : null;
  return h("section", { class: `card card-${card.kind}`, "aria-label": card.title }, title, ...content);
}

function table(card: TableCard): HTMLElement {
  const head = card.columns.map((column, index) => {
    const isAmounts = card.rows.length > 0 && card.rows.every((row) => isAmount(row[index] ?? ""));
    return h("th", { scope: "col", class: isAmounts ? "amount" : null }, column);
  });
  const body = card.rows.map((row) => h("tr", {}, ...row.map((cell) => tableCell(cell))));
  const grid = h("table", {}, h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...body));
  const props = { class: "scroller", role: "group", tabindex: "0", "aria-label": card.title };
  return h("div", props, grid);
}

/** Amounts stand to the right, so that their digits line up. */
function tableCell(cell: string): HTMLElement {
  return h("td", { class: isAmount(cell) ? "amount" : null }, cell);
}

const AMOUNT = /^[-+−]?\s*(?:[A-Z]{3}|[$€£])?\s*[-+−]?[\d'’.,\s]+(?:[A-Z]{3}|[€%])?$/;

function isAmount(cell: string): boolean {
  return /\d/.test(cell) && AMOUNT.test(cell);
}

function slots(card: SlotsCard, ask: (message: string) => void): HTMLElement {
  const buttons = card.slots.map((slot) =>
    h("button", { type: "button", class: "slot", on: { click: () => ask(slot.message) } }, slot.label),
  );
  return h("div", { class: "slots" }, ...buttons);
}

function meetings(card: MeetingsCard): HTMLElement {
  if (card.meetings.length === 0) return h("p", { class: "empty" }, "No meetings.");
  return h("ul", { class: "meetings" }, ...card.meetings.map(meetingItem));
}

function meetingItem(meeting: Meeting): HTMLElement {
  const isOff = /cancel/i.test(meeting.status);
  const company = meeting.with ? `with ${meeting.with}` : null;
  return h(
    "li",
    { class: isOff ? "is-off" : null },
    h("span", { class: "badge" }, icon("calendar")),
    h(
      "span",
      { class: "meeting" },
      h("strong", {}, meeting.title),
      h("span", {}, meeting.when),
      h("span", {}, company),
    ),
    meeting.status ? h("span", { class: "pill" }, meeting.status) : null,
  );
}
