import { describe, expect, test } from "vitest";
import { backoffMs, IDLE, MAX_ATTEMPTS, noticeFor, STABLE_MS, step } from "../src/connection/machine";
import type { Link, LinkInput } from "../src/connection/machine";

const at = (now: number) => ({ now, chance: 0.5 });

/** The state after inputs that all come at the same moment. */
const after = (link: Link, ...inputs: LinkInput[]): Link =>
  inputs.reduce((state, input) => step(state, input, at(0)), link);

const LIVE: Link = { phase: "live", attempt: 0, since: 0 };

describe("joining", () => {
  test("begins silently and is live once the stream is open", () => {
    expect(after(IDLE, "start")).toEqual({ phase: "connecting", attempt: 0 });
    expect(after(IDLE, "start", "opened")).toEqual(LIVE);
    expect(noticeFor(after(IDLE, "start"), 0)).toBeNull();
  });

  test("rejoins at once when a stream that worked is lost", () => {
    expect(step(LIVE, "lost", at(STABLE_MS))).toEqual({ phase: "rejoining", attempt: 1 });
  });

  test("waits longer and longer, then asks the visitor", () => {
    let link = step(LIVE, "lost", at(STABLE_MS));
    const delays: number[] = [];
    while (link.phase !== "failed") {
      link = step(link, "lost", at(0));
      if (link.phase === "waiting") delays.push(link.retryAt);
      link = step(link, "due", at(0));
    }
    expect(delays).toEqual([750, 1500, 3000, 6000, 12000, 22500, 22500, 22500, 22500]);
    expect(delays).toHaveLength(MAX_ATTEMPTS - 1);
  });

  test("rejoins silently when the server asks for it, at most three times in a row", () => {
    expect(step(LIVE, "ended", at(STABLE_MS))).toEqual({ phase: "connecting", attempt: 0 });
    expect(noticeFor(step(LIVE, "ended", at(0)), 0)).toBeNull();
    let link = after(LIVE);
    for (const attempt of [1, 2, 3]) {
      link = after(link, "ended", "opened");
      expect(link).toEqual({ phase: "live", attempt, since: 0 });
    }
    expect(after(link, "ended")).toEqual({ phase: "waiting", attempt: 3, retryAt: 3000 });
    expect(after({ phase: "paused" }, "ended")).toEqual({ phase: "paused" });
  });

  test("a stream that opens and ends at once counts as a failed try", () => {
    const link = after({ phase: "rejoining", attempt: 3 }, "opened", "lost");
    expect(link).toEqual({ phase: "waiting", attempt: 3, retryAt: 3000 });
  });

  test("tries at once when the browser is online or visible again", () => {
    const waiting: Link = { phase: "waiting", attempt: 4, retryAt: 9_000 };
    expect(after(waiting, "nudge")).toEqual({ phase: "rejoining", attempt: 5 });
    expect(after({ phase: "failed" }, "nudge")).toEqual({ phase: "rejoining", attempt: 1 });
    expect(after(LIVE, "nudge")).toBe(LIVE);
  });
});

describe("pausing", () => {
  test("ends the stream without rejoining", () => {
    expect(after(LIVE, "paused", "lost", "nudge", "retry")).toEqual({ phase: "paused" });
  });

  test("resumes, or says that it could not", () => {
    expect(after({ phase: "paused" }, "resume")).toEqual({ phase: "resuming" });
    expect(after({ phase: "paused" }, "resume", "resumed")).toEqual({
      phase: "connecting",
      attempt: 0,
    });
    expect(after({ phase: "paused" }, "resume", "resume-refused", "resume")).toEqual({
      phase: "resuming",
    });
  });

  test("ends when another tab has resumed", () => {
    expect(after({ phase: "paused" }, "resumed").phase).toBe("connecting");
    expect(after(LIVE, "resumed")).toBe(LIVE);
  });
});

test("stopping ends everything", () => {
  expect(after({ phase: "waiting", attempt: 1, retryAt: 5 }, "stop", "due", "lost")).toEqual(IDLE);
});

test("the delay doubles to half a minute; half of it is chance", () => {
  expect([1, 2, 3, 20].map((attempt) => backoffMs(attempt, 0))).toEqual([500, 1000, 2000, 15000]);
  expect(backoffMs(20, 0.999)).toBeLessThanOrEqual(30_000);
});

test.each<[Link, string, string[]]>([
  [{ phase: "rejoining", attempt: 1 }, "Rejoining the server...", []],
  [
    { phase: "waiting", attempt: 1, retryAt: 6_500 },
    "Rejoin failed... trying again in 7 seconds.",
    ["retry"],
  ],
  [{ phase: "failed" }, "Failed to rejoin. Please retry or reload the page.", ["retry", "reload"]],
  [{ phase: "paused" }, "The session has been paused by the server.", ["resume"]],
  [{ phase: "resume-failed" }, "Failed to resume the session.", ["resume-again", "reload"]],
])("the words of $phase", (link, text, actions) => {
  expect(noticeFor(link, 0)).toEqual({ text, actions });
});

test("the seconds count down and never reach zero", () => {
  const link: Link = { phase: "waiting", attempt: 2, retryAt: 2_000 };
  const words = [0, 1_000, 1_999, 2_500].map((now) => noticeFor(link, now)?.text.match(/\d+/)?.[0]);
  expect(words).toEqual(["2", "1", "1", "1"]);
});
