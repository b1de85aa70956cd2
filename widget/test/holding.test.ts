import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { held } from "../src/holding";
import { Identity } from "../src/identity";
import { Memory, type Store } from "../src/memory";
import { HeidiClient } from "../src/protocol/client";
import { Session } from "../src/session";
import { FakeServer, ORIGIN } from "./fake-server";

/** A visitor token of a generation. */
const token = (gen: number): string => `head.${btoa(JSON.stringify({ gen }))}.signature`;

const BEGUN = { id: "c", token: token(0), greeting: "", suggestions: [] };

function store(): Store {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}

let server: FakeServer;
let local: Store;

/** A tab. */
function page(): { session: Session; memory: Memory; identity: Identity } {
  const identity = new Identity();
  const memory = new Memory(ORIGIN, local, store());
  const client = new HeidiClient(ORIGIN, identity, server.fetch);
  const onError = (error: unknown): void => {
    throw error;
  };
  const session = new Session({ client, memory, identity, isHidden: () => false, onError });
  return { session, memory, identity };
}

const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** The visitor tokens that came with requests, in order. */
const tokens = (): (string | null)[] => server.seen.map((seen) => seen.token);

const phases = (session: Session): string[] => {
  const seen: string[] = [];
  session.subscribe(({ link }) => void (seen.at(-1) === link.phase || seen.push(link.phase)));
  return seen;
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("navigator", { language: "en" });
  server = new FakeServer();
  local = store();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the visitor token", () => {
  test("is replaced by its successor in every tab, from the next request on", async () => {
    const one = page();
    const two = page();
    one.memory.conversation = BEGUN;
    one.session.wake();
    two.session.wake();
    await settle();
    server.successors = [token(1)];
    one.session.send("Hello");
    await settle();
    server.answer("Hi.");
    await settle();
    two.session.send("Thanks");
    await settle();
    expect(tokens().slice(-2)).toEqual([token(0), token(1)]);
    expect(two.memory.conversation).toEqual({ ...BEGUN, token: token(1) });
  });

  test("is not replaced by a successor that was overtaken", () => {
    const { memory } = page();
    memory.conversation = BEGUN;
    const ref = held(BEGUN, memory);
    for (const handed of [token(2), token(1), "x.y.z", ""]) ref.renew?.(handed);
    expect(ref.token).toBe(token(2));
  });

  test("of a conversation that was left does not come back", () => {
    const { memory } = page();
    memory.conversation = BEGUN;
    const ref = held(BEGUN, memory);
    memory.conversation = { ...BEGUN, id: "another" };
    ref.renew?.(token(1));
    expect(memory.conversation).toEqual({ ...BEGUN, id: "another" });
    expect(ref.token).toBe(token(0));
  });

  test("that another tab has replaced meanwhile is no reason to begin anew", async () => {
    const { session, memory } = page();
    memory.conversation = BEGUN;
    session.wake();
    await settle();
    server.refuse("POST /conversations/c/turns", 401, "visitor-token-invalid", {}, () => {
      memory.conversation = { ...BEGUN, token: token(1) };
    });
    session.send("Hello");
    await settle();
    expect(tokens().slice(-2)).toEqual([token(0), token(1)]);
    expect(server.created).toBe(0);
    expect(session.state.outbox).toEqual([]);
  });

  test("goes with the sign-out, and its successor is not kept", async () => {
    const { session, memory } = page();
    memory.conversation = BEGUN;
    await session.identify("signed.by.host");
    session.wake();
    await settle();
    server.successors = [token(1)];
    session.signOut(false);
    await settle();
    expect(server.seen.at(-1)).toMatchObject({ call: "POST /sign-out", token: token(0) });
    expect(memory.conversation).toBeNull();
  });
});

describe("a server that asks to come again", () => {
  test("is followed silently, with the credentials that are good now, and nothing is missed", async () => {
    const issued = ["first.of.host", "second.of.host"];
    const { session, identity } = page();
    await session.identify(() => issued.shift() ?? null);
    session.send("Hello");
    await settle(10_000);
    const seen = phases(session);
    await identity.renew();
    server.askToRejoin();
    server.answer("Hi.");
    await settle();
    expect(seen).toEqual(["live", "connecting", "live"].slice(-seen.length));
    expect(server.seen.at(-1)).toMatchObject({
      call: "GET /conversations/conversation-1/events?after=1",
      identity: "second.of.host",
    });
    expect(session.state.conversation.items.map(({ text }) => text)).toEqual(["Hi."]);
  });

  test("is followed silently right after the stream was opened too, but not for ever", async () => {
    const { session } = page();
    session.begin();
    await settle();
    const seen = phases(session);
    for (let count = 1; count <= 5; count += 1) {
      server.askToRejoin();
      await settle();
    }
    expect(seen.slice(0, 6)).toEqual(["connecting", "live", "connecting", "live", "connecting", "live"]);
    expect(session.state.link.phase).toBe("waiting");
  });
});

describe("a conversation that has become a customer's", () => {
  const CALL = "GET /conversations/conversation-1/events?after=0";

  test("goes on in a tab whose page can tell now who the customer is", async () => {
    let signedIn: string | null = null;
    const { session } = page();
    await session.identify(() => signedIn);
    session.begin();
    await settle(5_000);
    signedIn = "signed.by.host";
    server.refuse(CALL, 403, "identity-required");
    server.askToRejoin();
    await settle();
    expect(session.state.customerName).toBe("Anna");
    expect(server.created).toBe(1);
    expect(session.state.link.phase).toBe("live");
  });

  test("is left to the other tabs by one whose page does not know the customer", async () => {
    const { session, memory } = page();
    session.begin();
    await settle(5_000);
    server.refuse(CALL, 403, "identity-required");
    server.askToRejoin();
    await settle(60_000);
    expect(memory.conversation?.id).toBe("conversation-1");
    expect(server.created).toBe(1);
    expect(session.state.link.phase).toBe("idle");
    expect(session.state.notice?.text).toMatch("signed in in another tab");

    await session.identify("signed.by.host");
    await settle();
    expect(session.state.link.phase).toBe("live");
  });

  test("is not given up while the page's server does not answer", async () => {
    let isDown = false;
    const { session, memory } = page();
    await session.identify(() => (isDown ? Promise.reject(new Error("down")) : "signed.by.host"));
    session.begin();
    await settle(5_000);
    isDown = true;
    server.refuse(CALL, 401, "identity-invalid");
    server.refuse(CALL, 401, "identity-invalid");
    server.refuse(CALL, 401, "identity-invalid");
    server.askToRejoin();
    await settle();
    expect(session.state.link.phase).toBe("waiting");
    isDown = false;
    await settle(2_000);
    expect(session.state.link.phase).toBe("live");
    expect(memory.conversation?.id).toBe("conversation-1");
  });

  test("is not given up by a page that is loaded while its server does not answer", async () => {
    let isDown = true;
    const { session, memory } = page();
    memory.conversation = BEGUN;
    memory.isCustomers = true;
    await session.identify(() => (isDown ? Promise.reject(new Error("down")) : "signed.by.host"));
    server.refuse("GET /conversations/c", 403, "identity-required");
    session.wake();
    await settle();
    expect(session.state.link.phase).toBe("waiting");
    isDown = false;
    server.refuse("GET /conversations/c", 403, "identity-required");
    await settle(2_000);
    expect(server.seen.at(-1)).toMatchObject({ identity: "signed.by.host" });
    expect(memory.conversation).toEqual(BEGUN);
    expect(session.state.link.phase).toBe("live");
  });
});
