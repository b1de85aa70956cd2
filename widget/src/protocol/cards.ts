/** Owns the cards that show a tool's result: the shapes of docs/http-api.md, all plain text. */
import { list, object, pair, text } from "./reading";

/** Labelled values. */
export interface FactsCard {
  readonly kind: "facts";
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
}

/** A small table. */
export interface TableCard {
  readonly kind: "table";
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Choices; each sends its message. */
export interface SlotsCard {
  readonly kind: "slots";
  readonly title: string;
  readonly slots: readonly { readonly label: string; readonly message: string }[];
}

/** One meeting of the customer. */
export interface Meeting {
  readonly id: string;
  readonly title: string;
  readonly when: string;
  readonly with: string;
  readonly status: string;
  /** Whether the server has it as a file for the customer's own calendar. */
  readonly hasFile: boolean;
}

/** Meetings of the customer. */
export interface MeetingsCard {
  readonly kind: "meetings";
  readonly title: string;
  readonly meetings: readonly Meeting[];
}

/** What a tool's result looks like to the visitor. */
export type Card = FactsCard | TableCard | SlotsCard | MeetingsCard;

/** The card that a JSON value describes; null for none and for kinds this version can't show. */
export function readCard(value: unknown): Card | null {
  const card = object(value);
  const title = text(card.title);
  switch (card.kind) {
    case "facts":
      return { kind: "facts", title, rows: list(card.rows, pair) };
    case "table":
      return {
        kind: "table",
        title,
        columns: list(card.columns, text),
        rows: list(card.rows, (row) => list(row, text)),
      };
    case "slots":
      return { kind: "slots", title, slots: list(card.slots, readSlot) };
    case "meetings":
      return { kind: "meetings", title, meetings: list(card.meetings, readMeeting) };
    default:
      return null;
  }
}

function readSlot(value: unknown): { label: string; message: string } {
  const slot = object(value);
  return { label: text(slot.label), message: text(slot.message) };
}

function readMeeting(value: unknown): Meeting {
  const meeting = object(value);
  return {
    id: text(meeting.id),
    title: text(meeting.title),
    when: text(meeting.when),
    with: text(meeting.with),
    status: text(meeting.status),
    hasFile: text(meeting.ics_path) !== "",
  };
}
