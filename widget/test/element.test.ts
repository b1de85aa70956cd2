// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { HeidiChat } from "../src/element";
import { embed } from "../src/embedding";
import { FakeServer, ORIGIN } from "./fake-server";

vi.mock("../src/styles", () => ({ adoptStyles: () => undefined }));
customElements.define("heidi-chat", HeidiChat);

let server: FakeServer;
let chat: HeidiChat;

const settle = (ms = 20): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const find = <T extends HTMLElement = HTMLElement>(selector: string): T | null =>
  chat.shadowRoot?.querySelector<T>(selector) ?? null;
const all = (selector: string): HTMLElement[] =>
  Array.from(chat.shadowRoot?.querySelectorAll<HTMLElement>(selector) ?? []);
const words = (selector: string): string[] => all(selector).map((one) => one.textContent ?? "");
const button = (name: string): HTMLElement | undefined =>
  all("button").find((one) => (one.getAttribute("aria-label") ?? one.textContent) === name);
const box = (): HTMLTextAreaElement => find<HTMLTextAreaElement>(".composer textarea")!;
const press = (target: HTMLElement, key: string, more: KeyboardEventInit = {}): boolean =>
  target.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }),
  );
const isOpen = (): boolean => find(".panel")?.hidden === false;

function write(text: string): void {
  box().value = text;
  box().dispatchEvent(new Event("input", { bubbles: true }));
}

async function ask(text: string): Promise<void> {
  write(text);
  press(box(), "Enter");
  await settle();
}

async function mount(): Promise<void> {
  chat = document.createElement("heidi-chat") as HeidiChat;
  chat.setAttribute("api", ORIGIN);
  chat.setAttribute("sign-in-url", "/sign-in");
  document.body.append(chat);
  await settle();
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "requestAnimationFrame"] });
  localStorage.clear();
  sessionStorage.clear();
  server = new FakeServer();
  vi.stubGlobal("fetch", server.fetch);
  await mount();
});

afterEach(() => {
  chat.remove();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the panel", () => {
  test("opens with greeting and suggestions, and closes by Escape back to the launcher", async () => {
    expect(isOpen()).toBe(false);
    button("Ask Heidi")?.click();
    await settle();
    expect(isOpen()).toBe(true);
    expect(find("h2")?.textContent).toBe("Ask Heidi 👋");
    expect(words(".greeting p")).toEqual([
      "How can I help? Ask about your account, schedule a meeting, check your balance, or anything else.",
    ]);
    expect(words(".chip")).toEqual(["One?"]);
    expect(chat.shadowRoot?.activeElement).toBe(box());
    press(box(), "Escape");
    expect(isOpen()).toBe(false);
    expect(chat.shadowRoot?.activeElement).toBe(find(".launcher"));
  });

  test("names its parts for assistive technology", () => {
    const panel = find(".panel");
    expect(panel?.getAttribute("role")).toBe("dialog");
    expect(panel?.getAttribute("aria-labelledby")).toBe(find("h2")?.id);
    expect(find(".thread")?.getAttribute("role")).toBe("log");
    for (const one of all("button")) {
      expect(one.getAttribute("aria-label") ?? one.textContent).not.toBe("");
    }
  });

  test("is open again after a reload, with the draft and what was said", async () => {
    chat.open();
    await settle();
    await ask("Hello");
    server.answer("Hi.");
    write("And then");
    await settle();
    chat.remove();
    await mount();
    expect(isOpen()).toBe(true);
    expect(words(".question")).toEqual(["You: Hello"]);
    expect(words(".turn .prose")).toEqual(["Hi."]);
    expect(box().value).toBe("And then");
  });

  test("takes its colours from the page's wish", () => {
    chat.setAttribute("theme", "dark");
    expect(find(".heidi")?.dataset.scheme).toBe("dark");
    chat.setAttribute("theme", "light");
    expect(find(".heidi")?.dataset.scheme).toBe("light");
  });
});

describe("writing", () => {
  beforeEach(async () => {
    chat.open();
    await settle();
  });

  test("Enter sends; Shift+Enter and composed characters do not", async () => {
    write("Hello");
    press(box(), "Enter", { shiftKey: true });
    press(box(), "Enter", { isComposing: true });
    await settle();
    expect(words(".question")).toEqual([]);
    press(box(), "Enter");
    await settle();
    expect(words(".question")).toEqual(["You: Hello"]);
    expect(box().value).toBe("");
  });

  test("an empty or too long message is not sent", async () => {
    await ask("   ");
    await ask("x".repeat(4_001));
    expect(words(".question")).toEqual([]);
    expect(find(".counter")?.textContent).toBe("4001 / 4000 · shorten it to send");
    expect(find(".composer [role=status]")?.textContent).toBe(
      "Too long: a message has at most 4000 characters.",
    );
    expect(box().getAttribute("aria-invalid")).toBe("true");
  });

  test("the button stops an answer, and sends what was written meanwhile", async () => {
    await ask("Hello");
    expect(button("Stop")).toBeDefined();
    write("Next");
    expect(button("Send")).toBeDefined();
    write("");
    button("Stop")?.click();
    await settle();
    expect(server.calls.at(-1)).toMatch(/turn-1\/cancel$/);
    server.append("turn.completed", "turn-1", { outcome: "cancelled" });
    await settle();
    expect(words(".verdict")).toEqual(["Stopped"]);
  });

  test("a refused message comes back to be edited, with the reason", async () => {
    server.refuse("POST /conversations/conversation-1/turns", 422, "invalid-input");
    await ask("Bad");
    await settle();
    expect(box().value).toBe("Bad");
    expect(find(".notice")?.textContent).toBe("No: invalid-input.");
  });
});

describe("an answer", () => {
  beforeEach(async () => {
    chat.open();
    await settle();
    await ask("Hello");
  });

  test("shows what is being done, then the text with its sources", async () => {
    server.append("status", "turn-1", { text: "Searching the briefings" });
    await settle();
    expect(words(".status-line")).toEqual(["Searching the briefings"]);
    server.append("text.delta", "turn-1", { text: "**Robots** walk." });
    const source = { title: "Robots", path: "/briefings/robots", date: "2026-03-01" };
    server.append("citation", "turn-1", { number: 1, start: 0, end: 16, quote: "Q", ...source });
    server.append("turn.completed", "turn-1", { outcome: "answered" });
    await settle();
    expect(find(".turn .prose strong")?.textContent).toBe("Robots");
    expect(find(".turn .prose .tied")?.textContent).toBe("walk.1");
    expect(find(".sources a")?.getAttribute("href")).toBe(`${ORIGIN}/briefings/robots`);
    find(".cite")?.click();
    expect(find(".popover")?.hidden).toBe(false);
    expect(find(".popover q")?.textContent).toBe("Q");
    press(find(".cite")!, "Escape");
    expect(find(".popover")?.hidden).toBe(true);
    expect(isOpen()).toBe(true);
  });

  test("is announced by sentences", async () => {
    server.append("text.delta", "turn-1", { text: "One. Tw" });
    await settle();
    expect(words("[aria-live=polite] p")).toEqual(["One."]);
    server.append("text.delta", "turn-1", { text: "o. Three" });
    server.append("turn.completed", "turn-1", { outcome: "answered" });
    await settle();
    expect(words("[aria-live=polite] p")).toEqual(["One.", "Two. Three"]);
  });

  test("is judged by thumbs, with a comment on a bad one", async () => {
    server.answer("Hi.");
    await settle();
    button("Bad answer")?.click();
    find<HTMLTextAreaElement>(".comment textarea")!.value = "Too short";
    find(".comment")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await settle();
    expect(server.seen.slice(-2).map(({ body }) => body)).toEqual([
      { rating: "down" },
      { rating: "down", comment: "Too short" },
    ]);
  });

  test("that was interrupted can be asked for again", async () => {
    server.append("turn.interrupted", "turn-1", { reason: "restart" });
    await settle();
    button("Ask again")?.click();
    await settle();
    expect(words(".question")).toEqual(["You: Hello", "You: Hello"]);
  });

  test("counts on the launcher while the panel is closed", async () => {
    chat.close();
    server.answer("Hi.");
    await settle();
    expect(find(".badge")?.hidden).toBe(false);
    button("Ask Heidi, new message")?.click();
    await settle();
    expect(find(".badge")?.hidden).toBe(true);
  });
});

describe("requests of the server", () => {
  beforeEach(async () => {
    chat.open();
    await settle();
    await ask("Book it");
  });

  test("a proposal is confirmed with one press", async () => {
    const expires = new Date(Date.now() + 60_000).toISOString();
    const proposal = { action_id: "a-1", title: "Book", rows: [["When", "Today"]] };
    server.append("confirmation.required", "turn-1", { ...proposal, expires_at: expires });
    server.append("turn.completed", "turn-1", { outcome: "confirmation_required" });
    await settle();
    expect(words(".proposal dt, .proposal dd")).toEqual(["When", "Today"]);
    button("Confirm")?.click();
    await settle();
    server.append("confirmation.resolved", "turn-2", { action_id: "a-1", decision: "confirmed" });
    await settle();
    expect(words(".proposal .verdict")).toEqual(["Confirmed"]);
    expect(words(".question")).toEqual(["You: Book it"]);
  });

  test("a proposal expires before the eyes of the visitor", async () => {
    const expires = new Date(Date.now() + 60_000).toISOString();
    server.append("confirmation.required", "turn-1", { action_id: "a-1", expires_at: expires });
    server.append("turn.completed", "turn-1", { outcome: "confirmation_required" });
    await settle(5_000);
    expect(find(".remaining")?.textContent).toMatch(/^Expires in 0:5\d$/);
    await settle(60_000);
    expect(button("Confirm")).toBeUndefined();
    expect(find(".proposal .verdict")?.textContent).toMatch(/^Expired/);
  });

  test("a sign-in is the page's to make, or follows its address", async () => {
    server.append("identity.required", "turn-1", { reason: "For your eyes only." });
    server.append("turn.completed", "turn-1", { outcome: "sign_in_required" });
    await settle();
    const reasons: unknown[] = [];
    const onSignIn = (event: Event): void => {
      event.preventDefault();
      reasons.push((event as CustomEvent<{ reason: string }>).detail.reason);
    };
    addEventListener("heidi:sign-in", onSignIn, { once: true });
    button("Sign in")?.click();
    expect(reasons).toEqual(["For your eyes only."]);
    await chat.identify("signed.by.host");
    await settle();
    expect(find(".subtitle")?.textContent).toBe("Signed in as Anna");
    expect(words(".verdict")).toEqual(["Signed in"]);
  });

  test("why a sign-in is needed is said once", async () => {
    server.append("identity.required", "turn-1", { reason: "For your eyes only." });
    await settle();
    expect(words(".sign-in p")).toEqual(["For your eyes only."]);
    server.append("text.delta", "turn-1", { text: "Please sign in." });
    server.append("turn.completed", "turn-1", { outcome: "sign_in_required" });
    await settle();
    expect(words(".sign-in p")).toEqual([]);
    expect(words("[aria-live=polite] p")).toEqual(["Please sign in."]);
  });
});

test("an open panel stays out of the way of the page where visitors sign in, and comes back", async () => {
  chat.open();
  await settle();
  chat.remove();
  history.replaceState(null, "", "/sign-in?next=%2F");
  await mount();
  expect(isOpen()).toBe(false);
  chat.remove();
  history.replaceState(null, "", "/");
  await mount();
  expect(isOpen()).toBe(true);
});

test("the words of a member of staff keep their lines", async () => {
  chat.open();
  await settle();
  await ask("A person, please");
  server.answer("One moment.");
  server.append("staff.message", null, { staff_name: "Mia Roth", text: "Hello.\n\nAll done." });
  await settle();
  expect(words(".staff-message .is-plain p")).toEqual(["Hello.\n\nAll done."]);
});

test("a person who takes over is announced, and a message to them waits for no answer of Heidi's", async () => {
  chat.open();
  await settle();
  await ask("A person, please");
  server.append("turn.passed_on", "turn-1", { to: "Mia" });
  server.append("staff.joined", null, { staff_name: "Mia" });
  await settle();
  expect(words(".came")).toEqual(["Mia from our team has joined"]);
  expect(find(".subtitle")?.textContent).toBe("You are talking to Mia");
  expect(find(".turn .answer-row")?.hidden).toBe(true);
  server.append("staff.left", null, { staff_name: "Mia" });
  await settle();
  expect(find(".subtitle")?.textContent).not.toContain("Mia");
});

test("the connection's state is told in its words, counting down", async () => {
  chat.open();
  await settle(5_000);
  server.isDown = true;
  server.drop();
  await settle(1_600);
  expect(find(".banner-text")?.textContent).toMatch(/^Rejoin failed\.\.\. trying again in \d+ seconds?\.$/);
  await settle(300_000);
  expect(find(".banner-text")?.textContent).toBe("Failed to rejoin. Please retry or reload the page.");
  server.isDown = false;
  button("Retry")?.click();
  await settle();
  expect(find(".banner")?.hidden).toBe(true);
});

test("a mistake of the bubble itself is told, with a way out", () => {
  const errors = vi.spyOn(console, "error").mockImplementation(() => undefined);
  chat.report(new Error("mistake"));
  expect(find(".crash")?.hidden).toBe(false);
  expect(find(".crash")?.textContent).toBe("An unhandled error has occurred. Reload");
  expect(errors).toHaveBeenCalledOnce();
});

test("a script tag puts the bubble on the page and tells that it is ready", async () => {
  chat.remove();
  const script = document.createElement("script");
  script.dataset.api = ORIGIN;
  script.dataset.position = "left";
  const ready = vi.fn();
  addEventListener("heidi:ready", ready, { once: true });
  const heidi = embed(script);
  await settle();
  chat = document.querySelector<HeidiChat>("heidi-chat")!;
  expect(ready).toHaveBeenCalledOnce();
  expect(chat.getAttribute("api")).toBe(ORIGIN);
  expect(find(".heidi")?.dataset.position).toBe("left");
  await heidi.ask("  Hello  ");
  await settle();
  expect(isOpen()).toBe(true);
  expect(words(".question")).toEqual(["You: Hello"]);
});

describe("the menu", () => {
  const labels = (): string[] => words(".menu-list button");
  const choose = (label: string): void => all(".menu-list button").find((one) => one.textContent === label)?.click();

  beforeEach(async () => {
    chat.open();
    await settle();
  });

  test("offers what can be done now, and closes by Escape back to its button", async () => {
    button("More")?.click();
    expect(labels()).toEqual(["Talk to a person"]);
    press(find(".menu-list button")!, "Escape");
    expect(find(".menu-list")?.hidden).toBe(true);
    expect(isOpen()).toBe(true);
    expect(chat.shadowRoot?.activeElement).toBe(button("More"));
    await ask("Hello");
    button("More")?.click();
    expect(labels()).toEqual(["Talk to a person", "Copy conversation", "Download conversation"]);
  });

  test("is walked by arrow keys", () => {
    press(button("More")!, "ArrowDown");
    const [first] = all(".menu-list button");
    expect(chat.shadowRoot?.activeElement).toBe(first);
    press(first!, "ArrowUp");
    expect(chat.shadowRoot?.activeElement).toBe(all(".menu-list button").at(-1));
  });

  test("asks for a person in the visitor's name", async () => {
    button("More")?.click();
    choose("Talk to a person");
    await settle();
    expect(words(".question")).toEqual(["You: I'd like to talk to a person"]);
  });

  test("gives the conversation to the clipboard, and says so for a moment", async () => {
    const copied: string[] = [];
    vi.stubGlobal("navigator", { clipboard: { writeText: async (text: string) => void copied.push(text) } });
    await ask("Hello");
    server.answer("Hi.");
    await settle();
    button("More")?.click();
    choose("Copy conversation");
    await settle();
    expect(copied).toEqual(["You: Hello\nHeidi: Hi.\n"]);
    expect(find(".subtitle")?.textContent).toBe("Conversation copied");
    await settle(2_500);
    expect(find(".subtitle")?.textContent).toBe("Answers with sources");
  });

  test("leads back to an earlier conversation, by its title", async () => {
    await ask("Hello");
    server.answer("Hi.");
    await settle();
    button("New conversation")?.click();
    await settle();
    server.summaries = { "conversation-1": { title: "Hello", updated_at: "2026-03-10T09:30:00Z" } };
    button("More")?.click();
    choose("Earlier conversations");
    await settle();
    expect(find(".history h3")?.textContent).toBe("Earlier conversations");
    expect(words(".history-title")).toEqual(["Hello"]);
    find(".history-row")?.click();
    await settle();
    expect(find(".history")?.hidden).toBe(true);
    expect(words(".question")).toEqual(["You: Hello"]);
    expect(chat.shadowRoot?.activeElement).toBe(box());
  });

  test("says so when earlier conversations can't be loaded, and tries again", async () => {
    await ask("Hello");
    server.answer("Hi.");
    await settle();
    button("New conversation")?.click();
    await settle();
    button("More")?.click();
    server.isDown = true;
    choose("Earlier conversations");
    await settle();
    expect(words(".history-words")).toEqual(["They can't be loaded right now."]);
    server.isDown = false;
    server.summaries = { "conversation-1": { title: "Hello", updated_at: "2026-03-10T09:30:00Z" } };
    button("Retry")?.click();
    await settle();
    expect(words(".history-title")).toEqual(["Hello"]);
    press(find(".history-row")!, "Escape");
    expect(find(".history")?.hidden).toBe(true);
    expect(isOpen()).toBe(true);
  });
});

describe("the note beside the launcher", () => {
  async function again(nudge: string): Promise<void> {
    chat.remove();
    chat = document.createElement("heidi-chat") as HeidiChat;
    chat.setAttribute("api", ORIGIN);
    chat.setAttribute("nudge", nudge);
    document.body.append(chat);
    await settle();
  }

  test("offers help once, after as long as the page wants", async () => {
    expect(find(".nudge")?.hidden).toBe(true);
    await again("5");
    expect(find(".nudge")?.hidden).toBe(true);
    await settle(5_000);
    expect(find(".nudge")?.hidden).toBe(false);
    expect(find(".nudge-words")?.textContent).toMatch(/^Ask Heidi 👋 — How can I help\? Ask about/);
    button("Dismiss message")?.click();
    expect(find(".nudge")?.hidden).toBe(true);
    await again("5");
    await settle(5_000);
    expect(find(".nudge")?.hidden).toBe(true);
  });

  test("opens the panel", async () => {
    await again("0");
    await settle();
    find(".nudge-words")?.click();
    await settle();
    expect(isOpen()).toBe(true);
    expect(find(".nudge")?.hidden).toBe(true);
  });

  test("shows what a person says while the panel is closed, until it is dismissed", async () => {
    chat.open();
    await settle();
    await ask("Hello");
    server.answer("Hi.");
    await settle();
    chat.close();
    server.append("staff.message", null, { staff_name: "Mia", text: "One moment, please." });
    await settle();
    expect(find(".nudge-words")?.textContent).toBe("Mia One moment, please.");
    expect(button("Ask Heidi, new message")).toBeDefined();
    button("Dismiss message")?.click();
    await settle();
    expect(find(".nudge")?.hidden).toBe(true);
    server.append("staff.message", null, { staff_name: "Mia", text: "Here I am." });
    await settle();
    expect(find(".nudge-words")?.textContent).toBe("Mia Here I am.");
    expect(find(".badge")?.textContent).toBe("2");
  });
});
