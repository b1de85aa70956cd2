import { expect, test } from "vitest";
import { Memory, usableStore } from "../src/memory";

const nothing = (): Storage => {
  throw new Error("Forbidden.");
};

const memory = (origin = "https://heidi.example", local = usableStore(nothing)): Memory =>
  new Memory(origin, local, usableStore(nothing));

test("works for the time of the page where storage is forbidden", () => {
  const own = memory();
  own.draft = "Hel";
  own.isOpen = true;
  expect([own.draft, own.isOpen]).toEqual(["Hel", true]);
});

test("two servers have nothing in common", () => {
  const local = usableStore(nothing);
  const one = memory("https://one.example", local);
  one.conversation = { id: "c", token: "t", greeting: "", suggestions: ["a"] };
  expect(memory("https://two.example", local).conversation).toBeNull();
  expect(memory("https://one.example", local).conversation).toEqual(one.conversation);
});

test.each(["", "null", "[]", "{", '{"id": "c"}', '{"id": 1, "token": ""}'])(
  "a broken entry is no conversation: %s",
  (stored) => {
    const local = usableStore(nothing);
    local.setItem("heidi:https://heidi.example:conversation", stored);
    expect(memory("https://heidi.example", local).conversation).toBeNull();
  },
);

test("only entries of the same server are one's own", () => {
  expect(memory().partOf("heidi:https://heidi.example:outbox")).toBe("outbox");
  expect(memory().partOf("heidi:https://other.example:outbox")).toBeNull();
  expect(memory().partOf(null)).toBeNull();
});

test("a full store keeps values for the time of the page", () => {
  const full = { getItem: () => null, removeItem: () => undefined, setItem: nothing };
  const own = memory("https://heidi.example", usableStore(() => full as unknown as Storage));
  own.draft = "Hello";
  expect(own.draft).toBe("Hello");
});
