/** Owns the elements of cards. All values are text. */
import type { Card, FactsCard, Meeting, MeetingsCard, SlotsCard, TableCard } from "../protocol/cards";
import type { ChatActions } from "./actions";
import { h, type Child } from "./dom";
import { icon } from "./icons";

/** What a visitor can do in a card. */
export type CardActions = Pick<ChatActions, "ask" | "saveMeeting">;

/** The element of a card. */
export function cardElement(card: Card, actions: CardActions): HTMLElement {
  switch (card.kind) {
    case "facts":
      return frame(card, factRows(card.rows));
    case "table":
      return frame(card, table(card));
    case "slots":
      return frame(card, slots(card, actions));
    case "meetings":
      return frame(card, meetings(card, actions));
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

function slots(card: SlotsCard, actions: CardActions): HTMLElement {
  const buttons = card.slots.map((slot) =>
    button("slot", slot.label, () => actions.ask(slot.message)),
  );
  return h("div", { class: "slots" }, ...buttons);
}

function button(name: string, label: string, click: () => void): HTMLElement {
  return h("button", { type: "button", class: name, on: { click } }, label);
}

function meetings(card: MeetingsCard, actions: CardActions): HTMLElement {
  if (card.meetings.length === 0) return h("p", { class: "empty" }, "No meetings.");
  return h("ul", { class: "meetings" }, ...card.meetings.map((meeting) => meetingItem(meeting, actions)));
}

function meetingItem(meeting: Meeting, actions: CardActions): HTMLElement {
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
      meeting.hasFile ? saveButton(meeting, actions) : null,
    ),
    meeting.status ? h("span", { class: "pill" }, meeting.status) : null,
  );
}

function saveButton(meeting: Meeting, actions: CardActions): HTMLElement {
  return button("save", "Add to calendar", () => actions.saveMeeting(meeting.id));
}
