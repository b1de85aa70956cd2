import { expect, test } from "vitest";
import { foldAll } from "../src/conversation/conversation";
import {
  decisionEntry,
  messageEntry,
  messagesOnly,
  readOutbox,
  without,
  withoutAcknowledged,
  writeOutbox,
} from "../src/conversation/outbox";
import { eventsOf } from "./streams";

const NOW = new Date("2026-03-10T09:30:00Z");
const message = messageEntry("Hello", "client-1", NOW);
const decision = decisionEntry("action-1", "confirm", "client-2", NOW);

test("what is stored is what is read back", () => {
  expect(readOutbox(writeOutbox([message, decision]))).toEqual([message, decision]);
});

test.each([null, "", "no json", "[]", '{"entries": 1}', '{"entries": [null, {"message": "x"}]}'])(
  "a broken store is an empty outbox: %s",
  (stored) => {
    expect(readOutbox(stored)).toEqual([]);
  },
);

test("an entry leaves once the log shows its id", () => {
  const sent = messageEntry("What is the AI skills gap about?", "news-answer-client-1", NOW);
  const view = foldAll(eventsOf("news-answer"));
  expect(withoutAcknowledged([sent, message], view)).toEqual([message]);
});

test("an outbox of which the log shows nothing is left as it is", () => {
  const outbox = [message];
  expect(withoutAcknowledged(outbox, foldAll([]))).toBe(outbox);
});

test("decisions do not follow into another conversation", () => {
  expect(messagesOnly([decision, message])).toEqual([message]);
  expect(without([message, decision], "client-1")).toEqual([decision]);
});
