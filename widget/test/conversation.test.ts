import { describe, expect, test } from "vitest";
import { EMPTY, fold, foldAll, isAcknowledged, runningTurn } from "../src/conversation/conversation";
import type { TurnView } from "../src/conversation/turn";
import type { ChatEvent } from "../src/protocol/events";
import { eventsOf, STREAMS } from "./streams";

const turnsOf = (events: readonly ChatEvent[]): TurnView[] =>
  foldAll(events).items.filter((item) => item.kind === "turn");

describe.each(STREAMS)("the fold of %s", (name) => {
  const events = eventsOf(name);
  const expected = foldAll(events);

  test("is the same when every event comes twice", () => {
    expect(foldAll(events.flatMap((event) => [event, event]))).toEqual(expected);
  });

  test("is the same when a replay overlaps what is known, from every event on", () => {
    events.forEach((_, at) => {
      const known = foldAll(events.slice(0, at + 1));
      expect(foldAll(events, known)).toEqual(expected);
    });
  });
});

test("an event that was seen leaves the very same view", () => {
  const view = foldAll(eventsOf("booking"));
  expect(fold(view, eventsOf("booking")[0] as ChatEvent)).toBe(view);
});

test("a news answer is the concatenation of its deltas with its citations", () => {
  const [turn] = turnsOf(eventsOf("news-answer"));
  expect(turn).toMatchObject({
    message: "What is the AI skills gap about?",
    phase: "completed",
    outcome: "answered",
    status: "",
    questions: ["Who pays for the training?", "What is new in education?"],
  });
  const spans = turn?.citations.map(({ start, end }) =>
    Array.from(turn.text).slice(start, end).join(""),
  );
  expect(spans).toEqual([
    "six in ten employers could not fill such a role last year.",
    "Zürich 🏔️ retrains 2,000 engineers, and a third of them finished in February.",
  ]);
});

test("the status is what is being done, until the turn ends", () => {
  const events = eventsOf("news-answer");
  const statuses = [1, 2, 4, events.length].map(
    (count) => turnsOf(events.slice(0, count))[0]?.status,
  );
  expect(statuses).toEqual(["", "Searching the briefings", "Reading 2 briefings", ""]);
});

test("a question asked again after signing in is marked as a repetition", () => {
  const turns = turnsOf(eventsOf("sign-in"));
  expect(turns.map(({ message, isRepeat, outcome }) => ({ message, isRepeat, outcome }))).toEqual([
    { message: "What's my balance?", isRepeat: false, outcome: "sign_in_required" },
    { message: "What's my balance?", isRepeat: true, outcome: "answered" },
    { message: "Show my last transactions", isRepeat: false, outcome: "answered" },
  ]);
  expect(turns[0]?.signInReason).toBe("Your balance is shown to you alone.");
});

test("a decision settles the proposal of an earlier turn", () => {
  const turns = turnsOf(eventsOf("booking"));
  expect(turns.map((turn) => turn.decision)).toEqual([null, "confirmed", null]);
  expect(turns.map((turn) => turn.message)).toEqual([
    "When is sales free next Tuesday?",
    "Book the meeting with sales on 17 March at 15:00",
    "",
  ]);
});

test("choices stand after the words, facts where they came", () => {
  const places = [...turnsOf(eventsOf("booking")), ...turnsOf(eventsOf("sign-in"))]
    .flatMap((turn) => turn.cards)
    .map(({ card, isAfterText }) => [card.kind, isAfterText]);
  expect(places).toEqual([
    ["slots", true],
    ["meetings", false],
    ["facts", false],
    ["table", false],
  ]);
});

test("interrupted, failed and stopped turns keep what was said and say how they ended", () => {
  const turns = turnsOf(eventsOf("interrupted"));
  expect(turns.map(({ phase, outcome, text, failure }) => [phase, outcome, text, failure])).toEqual([
    ["interrupted", "", "Three robot makers opened plants in February", "server-restarted"],
    ["failed", "", "", "This took too long. Please ask again."],
    ["completed", "cancelled", "Once upon ", ""],
  ]);
});

test("staff, rating and pause are part of the thread", () => {
  const events = eventsOf("staff-and-pause");
  const view = foldAll(events);
  expect(view.items.map((item) => item.kind)).toEqual(["turn", "staff"]);
  expect(view.items[0]).toMatchObject({ rating: "up" });
  expect(view.items[1]).toMatchObject({ staffName: "Mira Keller" });
  expect(view.isPaused).toBe(false);
  expect(foldAll(events.slice(0, -1)).isPaused).toBe(true);
  expect(view.lastSpokenSeq).toBe(5);
});

test("while a person has taken over, messages are theirs and Heidi is silent", () => {
  const events = eventsOf("staff-takes-over");
  const view = foldAll(events);
  expect(view.items.map((item) => (item.kind === "turn" ? item.outcome : item.kind))).toEqual([
    "passed_on",
    "notice",
    "passed_on",
    "staff",
    "notice",
  ]);
  expect(view.items[1]).toMatchObject({ text: "Mira Keller from our team has joined" });
  expect(foldAll(events.slice(0, 5)).staffName).toBe("Mira Keller");
  expect(view.staffName).toBeNull();
  expect(runningTurn(view)).toBeNull();
});

test("unknown events only move the number on", () => {
  const events = eventsOf("wire-forms");
  expect(foldAll(events)).toMatchObject({ lastSeq: 4 });
  expect(foldAll(events.slice(0, 3)).items).toEqual(foldAll(events.slice(0, 2)).items);
});

test("the last turn runs until its terminal event", () => {
  const events = eventsOf("news-answer");
  expect(runningTurn(EMPTY)).toBeNull();
  expect(runningTurn(foldAll(events.slice(0, 5)))?.id).toBe("news-answer-turn-1");
  expect(runningTurn(foldAll(events))).toBeNull();
  expect(isAcknowledged(foldAll(events), "news-answer-client-1")).toBe(true);
});
