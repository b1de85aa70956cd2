/** Owns what the development server says: the golden streams, cut into turns. */
import { readFileSync } from "node:fs";

const FOLDER = new URL("../../tests/fixtures/streams/", import.meta.url);

const BY_WORDS = [
  [/transaction/i, "sign-in", 2],
  [/balance|account/i, "sign-in", 0],
  [/book/i, "booking", 1],
  [/free|meeting|sales/i, "booking", 0],
  [/world cup|1998/i, "abstention", 0],
  [/robot/i, "interrupted", 0],
  [/fail/i, "interrupted", 1],
  [/person/i, "staff-and-pause", 0],
];

/** The events that answer a message, without what the server adds to each. */
export function answerTo(message, isSignedIn) {
  const [, stream, turn] = BY_WORDS.find(([words]) => words.test(message)) ?? [, "news-answer", 0];
  const isBalance = stream === "sign-in" && turn === 0;
  return turns(stream)[isBalance && isSignedIn ? 1 : turn];
}

/** The events that follow a decision. */
export function answerToDecision(actionId, decision) {
  if (decision === "confirm") {
    return turns("booking")[2].map((event) =>
      "action_id" in event ? { ...event, action_id: actionId } : event,
    );
  }
  return [
    { type: "confirmation.resolved", action_id: actionId, decision: "declined" },
    { type: "text.delta", text: "All right, nothing was changed." },
    { type: "turn.completed", outcome: "answered" },
  ];
}

function turns(stream) {
  const source = readFileSync(new URL(`${stream}.sse`, FOLDER), "utf8");
  const events = source.match(/^data: .*$/gm).map((line) => JSON.parse(line.slice(6)));
  const byTurn = new Map();
  for (const { seq, at, turn_id: turnId, ...event } of events) {
    if (turnId) byTurn.set(turnId, [...(byTurn.get(turnId) ?? []), event]);
  }
  return [...byTurn.values()].map((turn) => turn.filter(({ type }) => type !== "turn.started"));
}
