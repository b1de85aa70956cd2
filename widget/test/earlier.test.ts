import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Identity } from "../src/identity";
import { Memory, type Store } from "../src/memory";
import { HeidiClient } from "../src/protocol/client";
import { Session } from "../src/session";
import { FakeServer, ORIGIN } from "./fake-server";

const token = (gen: number): string => `head.${btoa(JSON.stringify({ gen }))}.signature`;

function store(): Store {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}

let server: FakeServer;
let memory: Memory;
let session: Session;

const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const idOf = (id: string): { id: string; token: string; greeting: string; suggestions: string[] } => ({
  id,
  token: token(0),
  greeting: "",
  suggestions: [],
});

async function say(message: string): Promise<void> {
  session.send(message);
  await settle();
  server.answer("Yes.");
  await settle();
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("navigator", { language: "en" });
  server = new FakeServer();
  memory = new Memory(ORIGIN, store(), store());
  const identity = new Identity();
  const client = new HeidiClient(ORIGIN, identity, server.fetch);
  const onError = (error: unknown): void => {
    throw error;
  };
  session = new Session({ client, memory, identity, isHidden: () => false, onError });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a conversation that was left", () => {
  test("can be gone back to, and the other one then too", async () => {
    await say("Hello");
    expect(session.state.hasEarlier).toBe(false);
    server.forget();
    session.startNew();
    await settle();
    expect(session.state.hasEarlier).toBe(true);
    await say("Again");

    session.reopen("conversation-1");
    await settle();

    expect(memory.conversation?.id).toBe("conversation-1");
    expect(memory.earlier.map(({ id }) => id)).toEqual(["conversation-2"]);
    expect(server.calls).toContain("GET /conversations/conversation-1/events?after=3");
  });

  test("is not kept if nothing was said in it", async () => {
    session.begin();
    await settle();
    session.startNew();
    await settle();
    expect(memory.earlier).toEqual([]);
    expect(memory.conversation?.id).toBe("conversation-2");
  });

  test("is told with the title that the server knows, the latest first", async () => {
    memory.earlier = [idOf("old"), idOf("new")];
    server.summaries = {
      old: { title: "An old one", updated_at: "2026-03-01T10:00:00Z" },
      new: { title: "A new one", updated_at: "2026-03-09T10:00:00Z" },
    };
    expect(await session.earlier()).toEqual([
      { id: "new", title: "A new one", at: "2026-03-09T10:00:00Z" },
      { id: "old", title: "An old one", at: "2026-03-01T10:00:00Z" },
    ]);
  });

  test("keeps the successor of its token", async () => {
    memory.earlier = [idOf("old")];
    server.successors = [token(1)];
    await session.earlier();
    expect(memory.earlier[0]?.token).toBe(token(1));
  });

  test("is forgotten once the server does not know it, and kept when it is somebody else's", async () => {
    memory.earlier = [idOf("deleted"), idOf("expired"), idOf("customers"), idOf("mine")];
    server.refuse("GET /conversations/deleted/summary", 404, "not-found");
    server.refuse("GET /conversations/expired/summary", 401, "visitor-token-invalid");
    server.refuse("GET /conversations/customers/summary", 403, "identity-required");
    const found = await session.earlier();
    expect(found.map(({ id }) => id)).toEqual(["mine"]);
    expect(memory.earlier.map(({ id }) => id)).toEqual(["customers", "mine"]);
  });

  test("is not forgotten while the server is away", async () => {
    memory.earlier = [idOf("old")];
    server.isDown = true;
    await expect(session.earlier()).rejects.toThrow();
    expect(memory.earlier).toHaveLength(1);
  });

  test("is forgotten with the sign-out", async () => {
    memory.earlier = [idOf("old")];
    session.signOut(false);
    expect(memory.earlier).toEqual([]);
    expect(session.state.hasEarlier).toBe(false);
  });

  test("is one of twenty at most", () => {
    memory.earlier = Array.from({ length: 30 }, (_, index) => idOf(`c-${index}`));
    expect(memory.earlier).toHaveLength(20);
  });

  test("that can't be read is none", () => {
    memory.earlier = [idOf("a"), { ...idOf("b"), token: "" }];
    expect(memory.earlier.map(({ id }) => id)).toEqual(["a"]);
  });
});
