import { expect, test } from "vitest";
import { foldAll, unreadCount } from "../src/conversation/conversation";
import { plainConversation } from "../src/conversation/plain";
import { readEvent } from "../src/protocol/events";
import { lastSpoken } from "../src/ui/preview";

const AT = "2026-03-10T09:30:00+00:00";

/** The view of a log: type, turn and fields of each event. */
function viewOf(...log: [string, string | null, object?][]): ReturnType<typeof foldAll> {
  const events = log.map(([type, turn_id, fields], index) =>
    readEvent({ seq: index + 1, type, turn_id, at: AT, ...fields }),
  );
  return foldAll(events.filter((event) => event !== null));
}

const started = (turn: string, message: string): [string, string, object] => [
  "turn.started",
  turn,
  { message, client_turn_id: turn, action_id: null },
];
const said = (turn: string, text: string): [string, string, object] => ["text.delta", turn, { text }];
const ended = (turn: string): [string, string, object] => ["turn.completed", turn, { outcome: "answered" }];
const CITATION = { number: 1, start: 0, end: 8, title: "A title", path: "/briefings/a", date: "2026-03-01" };

test("a conversation is kept as who said what, with sources", () => {
  const view = viewOf(
    started("t1", "Why?"),
    said("t1", "Because. "),
    ["citation", "t1", CITATION],
    ["citation", "t1", CITATION],
    ended("t1"),
    ["staff.joined", null, { staff_name: "Mia" }],
    ["staff.message", null, { staff_name: "Mia", text: "Hello!" }],
  );
  expect(plainConversation(view, "https://heidi.example")).toBe(
    "You: Why?\nHeidi: Because. \n  [1] A title — https://heidi.example/briefings/a\n\n" +
      "(Mia from our team has joined)\n\nMia (support team): Hello!\n",
  );
});

test("a decision that the visitor made without words leaves an answer alone", () => {
  const view = viewOf(started("t1", ""), said("t1", "Booked."), ended("t1"));
  expect(plainConversation(view, "https://heidi.example")).toBe("Heidi: Booked.\n");
});

test("what is unread is counted by message, not by delta", () => {
  const view = viewOf(
    started("t1", "One?"),
    said("t1", "A"),
    said("t1", "B"),
    ended("t1"),
    ["staff.message", null, { staff_name: "Mia", text: "Hello!" }],
  );
  expect([0, 2, 3, 4, 5].map((readSeq) => unreadCount(view, readSeq))).toEqual([2, 1, 1, 1, 0]);
});

test("an answer that went on after it was seen is one unread message", () => {
  const view = viewOf(started("t1", "One?"), said("t1", "A"), said("t1", "B"));
  expect(unreadCount(view, 2)).toBe(1);
});

test("what was said last is told without markup, once it is whole", () => {
  const running = viewOf(started("t1", "One?"), said("t1", "**A** [1]"));
  const whole = viewOf(started("t1", "One?"), said("t1", "**A** and `b`"), ended("t1"));
  const staff = viewOf(["staff.message", null, { staff_name: "Mia", text: "Hello!" }]);
  expect(lastSpoken(running)).toBeNull();
  expect(lastSpoken(whole)).toEqual({ speaker: "Heidi", text: "A and b" });
  expect(lastSpoken(staff)).toEqual({ speaker: "Mia", text: "Hello!" });
});
