// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { LinkBanner, NoticeBanner } from "../src/ui/banner";

const NOW = 1_000_000;
const wordsOf = (element: Element, selector: string): string =>
  element.querySelector(selector)?.textContent ?? "";

test("the seconds count down for the eye and are read out once", () => {
  const banner = new LinkBanner({ retry: () => {}, resume: () => {}, reload: () => {} });
  const waiting = { phase: "waiting", attempt: 3, retryAt: NOW + 9_000 } as const;
  const seen = [0, 1_000, 2_000].map((later) => {
    banner.update(waiting, NOW + later);
    return [wordsOf(banner.element, ".banner-text"), wordsOf(banner.element, "[role=status]")];
  });
  const sentence = (seconds: number): string =>
    `Rejoin failed... trying again in ${seconds} ${seconds === 1 ? "second" : "seconds"}.`;
  expect(seen).toEqual([
    [sentence(9), sentence(9)],
    [sentence(8), sentence(9)],
    [sentence(7), sentence(9)],
  ]);
  banner.update({ phase: "live", attempt: 0, since: NOW }, NOW);
  expect(wordsOf(banner.element, "[role=status]")).toBe("");
});

test("a problem is an alert, its countdown is none", () => {
  const banner = new NoticeBanner(() => {});
  const notice = { text: "Too many messages.", until: NOW + 2_000 };
  const seen = [0, 1_000, 2_000].map((later) => {
    banner.update(notice, NOW + later);
    const { hidden } = banner.element;
    return [wordsOf(banner.element, "p"), wordsOf(banner.element, "[role=alert]"), hidden];
  });
  expect(seen).toEqual([
    ["Too many messages. Trying again in 2 seconds.", "Too many messages.", false],
    ["Too many messages. Trying again in 1 second.", "Too many messages.", false],
    ["", "", true],
  ]);
});
