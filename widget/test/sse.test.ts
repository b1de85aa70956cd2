import { describe, expect, test } from "vitest";
import { bytesOf, messagesOf, STREAMS } from "./streams";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.each(STREAMS)("the golden stream %s", (name) => {
  const whole = bytesOf(name);
  const expected = messagesOf(whole);

  test("reads the same when split in two at every byte", () => {
    expect(expected.length).toBeGreaterThan(0);
    for (let at = 0; at <= whole.length; at += 1) {
      expect(messagesOf(whole.slice(0, at), whole.slice(at))).toEqual(expected);
    }
  });

  test("reads the same byte by byte", () => {
    const pieces = Array.from(whole, (_, at) => whole.slice(at, at + 1));
    expect(messagesOf(...pieces)).toEqual(expected);
  });
});

test("all that the format allows is read as the standard says", () => {
  const messages = messagesOf(bytesOf("wire-forms"));
  expect(messages.map(({ id, event }) => [id, event])).toEqual([
    ["1", "turn.started"],
    ["2", "text.delta"],
    ["3", "from.the.future"],
    ["3", "message"],
    ["4", "turn.completed"],
  ]);
  expect(JSON.parse(messages[0]?.data ?? "")).toMatchObject({ message: "Grüezi 👋" });
});

test.each([
  ["data of several lines is joined", "data: a\ndata: b\n\n", "a\nb"],
  ["only one space after the colon is dropped", "data:  a\n\n", " a"],
  ["a field without a colon has an empty value", "data\n\n", ""],
  ["carriage returns end lines", "data: a\rdata: b\r\r", "a\nb"],
  ["comments are skipped", ": ping\n\n:\ndata: a\n\n", "a"],
])("%s", (_, source, data) => {
  expect(messagesOf(bytes(source))).toEqual([{ id: "", event: "message", data }]);
});

test("an id with a null character is not taken", () => {
  expect(messagesOf(bytes("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n")).map(({ id }) => id)).toEqual([
    "1",
    "1",
  ]);
});

test("what is unfinished is not dispatched", () => {
  expect(messagesOf(bytes("data: a\n\ndata: b\n"))).toHaveLength(1);
});
