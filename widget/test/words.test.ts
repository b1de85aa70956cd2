import { describe, expect, test } from "vitest";
import { nextAnnouncement, plainText } from "../src/ui/announcements";
import { countdown, dayOf, relativeTime } from "../src/ui/times";

describe("what a screen reader is told", () => {
  test("whole sentences, each once", () => {
    const pieces = ["Robots ", "walk. They", " run **fast**. And", " then"];
    let [text, saidTo] = ["", 0];
    const told = pieces.map((piece, index) => {
      text += piece;
      const next = nextAnnouncement(text, saidTo, index === pieces.length - 1);
      saidTo = next.saidTo;
      return next.words;
    });
    expect(told).toEqual(["", "Robots walk.", "They run fast.", "And then"]);
  });

  test("numbers with points are no ends of sentences", () => {
    expect(nextAnnouncement("It grew by 1.5 percent", 0, false)).toEqual({ words: "", saidTo: 0 });
  });

  test("formatting is not read out", () => {
    expect(plainText("# A\n\n- **b** `c`\n- [d](https://e.example)\n\n> f")).toBe("A b c d f");
    expect(plainText("| A | B |\n|---|---|\n| c | d |")).toBe("A, B. c, d.");
  });
});

describe("times", () => {
  const NOW = Date.parse("2026-03-10T12:00:00Z");

  test.each([
    ["2026-03-10T12:00:05Z", "just now"],
    ["2026-03-10T11:59:30Z", "just now"],
    ["2026-03-10T11:55:00Z", "5 min ago"],
    ["2026-03-10T09:00:00Z", "3 h ago"],
    ["never", ""],
  ])("%s is %s", (iso, words) => {
    expect(relativeTime(iso, NOW)).toBe(words);
  });

  test("a briefing's day does not depend on the zone", () => {
    expect(dayOf("2026-03-10")).toBe("10 March 2026");
    expect(dayOf("soon")).toBe("soon");
  });

  test.each([
    [119_001, "2:00"],
    [42_000, "0:42"],
    [-5, "0:00"],
  ])("%i ms left are %s", (ms, words) => {
    expect(countdown(ms)).toBe(words);
  });
});
