import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { expiresAt, Identity } from "../src/identity";

/** A token that expires after so many seconds. */
const token = (seconds: number, name = "a"): string => {
  const exp = Math.floor(Date.now() / 1000) + seconds;
  return `${name}.${btoa(JSON.stringify({ exp })).replace(/=/g, "")}.signature`;
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a page that names nobody leaves the visitor anonymous", async () => {
  const identity = new Identity();
  expect(await identity.token()).toBeNull();
  expect(await identity.provide(() => null)).toBeNull();
  expect(await identity.token()).toBeNull();
});

test("the function is asked again when the token is about to expire", async () => {
  const issue = vi.fn(async () => token(900));
  const identity = new Identity();
  const first = await identity.provide(issue);
  expect(await identity.token()).toBe(first);
  vi.advanceTimersByTime(841_000);
  expect(await identity.token()).not.toBe(first);
  expect(issue).toHaveBeenCalledTimes(2);
});

test("several requests at once ask the page once", async () => {
  const issue = vi.fn(async () => token(900));
  const identity = new Identity();
  void identity.provide(issue);
  const [one, two] = await Promise.all([identity.token(), identity.token()]);
  expect(one).toBe(two);
  expect(issue).toHaveBeenCalledTimes(1);
});

test("a page whose server does not answer leaves the visitor anonymous", async () => {
  const identity = new Identity();
  expect(await identity.provide(() => Promise.reject(new Error("down")))).toBeNull();
});

test("a fixed token that was refused is not offered again, unless the page names it again", async () => {
  const fixed = token(900);
  const identity = new Identity();
  expect(await identity.provide(fixed)).toBe(fixed);
  expect(await identity.renew()).toBeNull();
  expect(await identity.token()).toBeNull();
  expect(await identity.provide(fixed)).toBe(fixed);
});

test("who signed out stays signed out, even if the page's answer comes later", async () => {
  let answer: (value: string) => void = () => undefined;
  const identity = new Identity();
  const asked = identity.provide(() => new Promise<string>((resolve) => (answer = resolve)));
  identity.forget();
  answer(token(900));
  await asked;
  expect(await identity.token()).toBeNull();
});

test.each(["", "a", "a.b.c", "a.e30.c"])("a token that tells no end never expires: %j", (source) => {
  expect(expiresAt(source)).toBe(Number.POSITIVE_INFINITY);
});
