import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Identity } from "../src/identity";
import { Memory, type Store } from "../src/memory";
import { HeidiClient } from "../src/protocol/client";
import { Session } from "../src/session";
import { FakeServer, ORIGIN } from "./fake-server";

/** What a browser keeps between two pages. */
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
let isHidden: boolean;

/** A page that has just been loaded. */
function page(): { session: Session; memory: Memory; identity: Identity } {
  const identity = new Identity();
  const memory = new Memory(ORIGIN, local, store());
  const client = new HeidiClient(ORIGIN, identity, server.fetch);
  const onError = (error: unknown): void => {
    throw error;
  };
  const session = new Session({ client, memory, identity, isHidden: () => isHidden, onError });
  return { session, memory, identity };
}

/** Let everything happen that needs no time, or so much time. */
const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

const asked = (): unknown[] =>
  server.seen.filter(({ call }) => call.endsWith("/turns")).map(({ body }) => body.message);

const said = (session: Session): string[] =>
  session.state.conversation.items.map((item) => item.text);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("navigator", { language: "en" });
  server = new FakeServer();
  local = store();
  isHidden = false;
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("requests", () => {
  test("there are none before the visitor opens the bubble", async () => {
    const { session } = page();
    session.wake();
    await session.identify("a.b.c");
    await settle(60_000);
    expect(server.calls).toEqual([]);
  });

  test("opening begins a conversation and follows it", async () => {
    const { session, memory } = page();
    session.begin();
    await settle();
    expect(server.calls).toEqual([
      "POST /conversations",
      "GET /conversations/conversation-1",
      "GET /conversations/conversation-1/events?after=0",
    ]);
    expect(session.state).toMatchObject({ link: { phase: "live" }, suggestions: ["One?"] });
    expect(memory.conversation?.id).toBe("conversation-1");
  });

  test("a page in the background waits until it is seen", async () => {
    const { session, memory } = page();
    memory.conversation = { id: "c", token: "t", greeting: "", suggestions: [] };
    isHidden = true;
    session.wake();
    await settle(1_000);
    expect(server.calls).toEqual([]);
    isHidden = false;
    session.nudge();
    await settle();
    expect(server.calls).toContain("GET /conversations/c/events?after=0");
  });

  test("a page that goes to the background gives its stream back, but not during an answer", async () => {
    const { session } = page();
    session.send("Hello");
    await settle();
    isHidden = true;
    session.hide();
    await settle(15_000);
    expect(session.state.link.phase).toBe("live");
    server.answer("Hi.");
    await settle(15_000);
    expect(session.state.link.phase).toBe("idle");
    isHidden = false;
    session.nudge();
    await settle();
    expect(server.calls.at(-1)).toBe("GET /conversations/conversation-1/events?after=3");
  });
});

describe("messages", () => {
  test("are sent and answered once", async () => {
    const { session, memory } = page();
    session.send("Hello");
    await settle();
    server.answer("Hi.");
    await settle();
    expect(asked()).toEqual(["Hello"]);
    expect(said(session)).toEqual(["Hi."]);
    expect(memory.outbox).toEqual([]);
  });

  test("written while the server is away are sent when it is back", async () => {
    const { session, memory } = page();
    session.begin();
    await settle(5_000);
    server.isDown = true;
    server.drop();
    await settle();
    session.send("Hello");
    await settle(2_000);
    expect(session.state.outbox.map(({ message }) => message)).toEqual(["Hello"]);
    expect(memory.outbox).toHaveLength(1);
    server.isDown = false;
    await settle(60_000);
    expect(asked()).toEqual(["Hello"]);
    expect(session.state.outbox).toEqual([]);
  });

  test("survive a reload before they were sent", async () => {
    server.isDown = true;
    page().session.send("Hello");
    await settle();
    server.isDown = false;
    const { session } = page();
    expect(session.state.outbox.map(({ message }) => message)).toEqual(["Hello"]);
    session.begin();
    await settle();
    expect(asked()).toEqual(["Hello"]);
  });

  test("whose acknowledgement was lost are repeated with the same id", async () => {
    const { session } = page();
    session.begin();
    await settle();
    server.refuse("POST /conversations/conversation-1/turns", 503, "not-ready");
    session.send("Hello");
    await settle(2_000);
    const ids = server.seen.filter(({ call }) => call.endsWith("/turns"));
    expect(ids).toHaveLength(2);
    expect(ids[0]?.body).toEqual(ids[1]?.body);
  });

  test("wait for the answer before them", async () => {
    const { session } = page();
    session.send("One");
    await settle();
    session.send("Two");
    await settle(5_000);
    expect(asked()).toEqual(["One"]);
    server.answer("1.");
    await settle();
    expect(asked()).toEqual(["One", "Two"]);
  });

  test("that come too often wait as long as the server says", async () => {
    const { session } = page();
    session.begin();
    await settle();
    const turns = "POST /conversations/conversation-1/turns";
    server.refuse(turns, 429, "rate-limited", { "Retry-After": "7" });
    session.send("Hello");
    await settle();
    expect(session.state.notice).toEqual({ text: "No: rate-limited.", until: Date.now() + 7_000 });
    await settle(6_900);
    expect(asked()).toHaveLength(1);
    await settle(200);
    expect(asked()).toHaveLength(2);
  });

  test("that no budget is left for go back to the visitor and are not sent again", async () => {
    const { session } = page();
    session.begin();
    await settle();
    const turns = "POST /conversations/conversation-1/turns";
    server.refuse(turns, 429, "budget-spent", { "Retry-After": "7" });
    session.send("Hello");
    await settle(60_000);
    expect(session.state).toMatchObject({
      returned: "Hello",
      notice: { text: "No: budget-spent.", until: null },
      outbox: [],
    });
    expect(asked()).toHaveLength(1);
  });

  test("that are refused go back to the visitor with the reason", async () => {
    const { session, memory } = page();
    session.begin();
    await settle();
    server.refuse("POST /conversations/conversation-1/turns", 413, "message-too-long");
    session.send("Too long");
    await settle();
    expect(session.state).toMatchObject({
      returned: "Too long",
      notice: { text: "No: message-too-long.", until: null },
      outbox: [],
    });
    expect(memory.outbox).toEqual([]);
  });
});

describe("an answer", () => {
  test("is completed after a reload in the middle of it", async () => {
    const first = page();
    first.session.send("Hello");
    await settle();
    server.append("text.delta", "turn-1", { text: "Once " });
    await settle();
    first.session.leave();
    server.append("text.delta", "turn-1", { text: "upon " });
    const { session } = page();
    session.wake();
    await settle();
    server.append("text.delta", "turn-1", { text: "a time." });
    await settle();
    expect(said(session)).toEqual(["Once upon a time."]);
  });

  test("is completed after the connection was lost in the middle of it", async () => {
    const { session } = page();
    session.send("Hello");
    await settle(5_000);
    server.append("text.delta", "turn-1", { text: "Once " });
    await settle();
    server.drop();
    server.answer("upon a time.");
    await settle();
    expect(server.calls.at(-1)).toBe("GET /conversations/conversation-1/events?after=2");
    expect(said(session)).toEqual(["Once upon a time."]);
  });

  test("whose line falls silent is followed on a new one", async () => {
    const { session } = page();
    session.begin();
    await settle();
    const before = server.calls.length;
    await settle(39_000);
    expect(server.calls).toHaveLength(before);
    await settle(2_000);
    expect(server.calls.at(-1)).toBe("GET /conversations/conversation-1/events?after=0");
    expect(session.state.link.phase).toBe("live");
  });

  test("is stopped on request", async () => {
    const { session } = page();
    session.send("Hello");
    await settle();
    session.stop();
    expect(session.state.stoppingTurnId).toBe("turn-1");
    await settle();
    expect(server.calls.at(-1)).toBe("POST /conversations/conversation-1/turns/turn-1/cancel");
    server.append("turn.completed", "turn-1", { outcome: "cancelled" });
    await settle();
    expect(session.state.stoppingTurnId).toBeNull();
  });
});

describe("a stored conversation", () => {
  test.each([
    [401, "visitor-token-invalid"],
    [403, "identity-required"],
    [404, "not-found"],
  ])("that answers %i %s is replaced quietly, and the message is kept", async (status, code) => {
    const { session, memory } = page();
    memory.conversation = { id: "old", token: "t", greeting: "", suggestions: [] };
    server.refuse("GET /conversations/old", status, code);
    session.send("Hello");
    await settle();
    expect(memory.conversation?.id).toBe("conversation-1");
    expect(asked()).toEqual(["Hello"]);
    expect(session.state.notice).toBeNull();
  });

  test("that is replaced again and again ends in a notice, not in a loop", async () => {
    const { session } = page();
    for (let count = 1; count <= 5; count += 1) {
      server.refuse(`GET /conversations/conversation-${count}`, 404, "not-found");
    }
    session.begin();
    await settle(60_000);
    expect(server.created).toBe(4);
    expect(session.state.notice?.text).toBe("Heidi can't be reached. Please reload the page.");
  });

  test("of a customer is read once the page has named the customer", async () => {
    const { session, memory } = page();
    memory.conversation = { id: "old", token: "t", greeting: "", suggestions: [] };
    memory.isCustomers = true;
    session.wake();
    await settle(500);
    expect(server.calls).toEqual([]);
    await session.identify(async () => "signed.by.host");
    await settle();
    expect(server.seen[0]).toMatchObject({
      call: "GET /conversations/old",
      identity: "signed.by.host",
    });
  });
});

test("a server that has forgotten the end of the log is believed", async () => {
  const { session } = page();
  session.send("Hello");
  await settle();
  server.answer("Hi.");
  await settle(5_000);
  server.log = server.log.slice(0, 2);
  server.refuse("GET /conversations/conversation-1/events?after=3", 400, "malformed-last-event-id");
  server.drop();
  await settle(3_000);
  expect(server.calls.at(-1)).toBe("GET /conversations/conversation-1/events?after=2");
  expect(session.state.conversation.lastSeq).toBe(2);
});

test("a zone that the server does not know is no obstacle", async () => {
  const { session } = page();
  server.refuse("POST /conversations", 422, "invalid-input");
  session.begin();
  await settle();
  expect(server.seen[1]?.body).toEqual({ timezone: "UTC", locale: "en" });
  expect(session.state.link.phase).toBe("live");
});

describe("pausing", () => {
  test("ends the stream until the visitor resumes", async () => {
    const { session } = page();
    session.begin();
    await settle();
    server.append("conversation.paused", null, { reason: "idle" });
    server.drop();
    await settle(60_000);
    expect(session.state.link.phase).toBe("paused");
    session.resume();
    await settle();
    expect(server.calls).toContain("POST /conversations/conversation-1/resume");
    expect(session.state.link.phase).toBe("live");
  });

  test("says when resuming failed", async () => {
    server.isPaused = true;
    const { session } = page();
    session.begin();
    await settle();
    expect(session.state.link.phase).toBe("paused");
    server.refuse("POST /conversations/conversation-1/resume", 500, "internal");
    session.resume();
    await settle();
    expect(session.state.link.phase).toBe("resume-failed");
  });
});

describe("customers", () => {
  test("are introduced once the conversation is there", async () => {
    const { session, memory } = page();
    session.begin();
    await settle();
    await session.identify(() => "signed.by.host");
    await settle();
    expect(server.calls.at(-1)).toBe("POST /conversations/conversation-1/identity");
    expect(session.state.customerName).toBe("Anna");
    expect(memory.isCustomers).toBe(true);
  });

  test("who leave the page before the server's answer find their conversation on the next one", async () => {
    const left = page();
    left.session.begin();
    await settle();
    server.isMute = true;
    void left.session.identify("signed.by.host");
    await settle();
    expect(server.calls.at(-1)).toBe("POST /conversations/conversation-1/identity");
    left.session.leave();
    server.isMute = false;

    const next = page();
    const asked = server.calls.length;
    next.session.wake();
    await settle(500);
    expect(server.calls.slice(asked)).toEqual([]);
    await next.session.identify("signed.by.host");
    await settle();
    expect(server.seen[asked]).toMatchObject({
      call: "GET /conversations/conversation-1",
      identity: "signed.by.host",
    });
  });

  test("whose introduction is refused are not waited for", async () => {
    const { session, memory } = page();
    session.begin();
    await settle();
    server.refuse("POST /conversations/conversation-1/identity", 422, "invalid-input");
    await session.identify("signed.by.host");
    await settle();
    expect(memory.isCustomers).toBe(false);
  });

  test("whose token the server refuses get a new one and are asked nothing", async () => {
    const tokens = ["first.of.host", "second.of.host"];
    const { session } = page();
    await session.identify(() => tokens.shift() ?? null);
    session.begin();
    await settle();
    server.refuse("POST /conversations/conversation-1/turns", 401, "identity-invalid");
    session.send("Hello");
    await settle();
    const turns = server.seen.filter(({ call }) => call.endsWith("/turns"));
    expect(turns.map(({ identity }) => identity)).toEqual(["first.of.host", "second.of.host"]);
  });

  test("who sign out leave nothing behind", async () => {
    const { session, memory } = page();
    await session.identify("signed.by.host");
    session.send("Hello");
    await settle();
    session.signOut(false);
    await settle(5_000);
    expect(memory.conversation).toBeNull();
    expect(memory.isCustomers).toBe(false);
    expect(session.state).toMatchObject({ customerName: null, conversation: { items: [] } });
  });

  test("who sign out have their token refused, in every tab its own", async () => {
    const one = page();
    await one.session.identify("token.of.one");
    const two = page();
    await two.session.identify("token.of.two");
    one.session.signOut(false);
    two.session.onMemory("left", false);
    await settle();
    const given = server.seen.filter(({ call }) => call === "POST /sign-out");
    expect(given.map(({ identity }) => identity)).toEqual(["token.of.one", "token.of.two"]);
    expect([one.identity.current, two.identity.current]).toEqual([null, null]);
  });

  test("who sign out while the server is away are signed out here all the same", async () => {
    const { session, identity } = page();
    await session.identify("signed.by.host");
    server.isDown = true;
    session.signOut(false);
    await settle();
    expect(identity.current).toBeNull();
    expect(session.state.notice).toBeNull();
  });

  test("who were nobody give up nothing", async () => {
    const { session } = page();
    session.signOut(false);
    await settle();
    expect(server.calls).toEqual([]);
  });
});

describe("several tabs", () => {
  test("follow one conversation and see each other's messages", async () => {
    const one = page();
    one.session.begin();
    await settle();
    const two = page();
    two.session.wake();
    await settle();
    two.session.send("Hello");
    await settle();
    server.answer("Hi.");
    await settle();
    expect(said(one.session)).toEqual(["Hi."]);
    expect(said(two.session)).toEqual(["Hi."]);
    expect(server.created).toBe(1);
  });

  test("move to a new conversation together", async () => {
    const one = page();
    one.session.begin();
    await settle();
    const two = page();
    two.session.wake();
    await settle();
    one.session.startNew();
    two.session.onMemory("conversation", true);
    await settle(5_000);
    two.session.onMemory("conversation", true);
    await settle(5_000);
    expect(server.created).toBe(2);
    expect(server.calls.at(-1)).toBe("GET /conversations/conversation-2/events?after=0");
  });
});

describe("decisions", () => {
  test("are sent once and acknowledged by the log", async () => {
    const { session } = page();
    session.send("Book");
    await settle();
    server.append("confirmation.required", "turn-1", { action_id: "a-1", rows: [] });
    server.append("turn.completed", "turn-1", { outcome: "confirmation_required" });
    await settle();
    session.decide("a-1", "confirm");
    session.decide("a-1", "confirm");
    await settle();
    const decisions = server.seen.filter(({ call }) => call.endsWith("/actions/a-1"));
    expect(decisions.map(({ body }) => body.decision)).toEqual(["confirm"]);
    expect(session.state.outbox).toEqual([]);
  });

  test("on what is settled already say so", async () => {
    const { session } = page();
    session.begin();
    await settle();
    server.refuse("POST /conversations/conversation-1/actions/a-1", 409, "action-settled");
    session.decide("a-1", "confirm");
    await settle();
    expect(session.state).toMatchObject({ settledActions: ["a-1"], outbox: [], returned: null });
  });
});
