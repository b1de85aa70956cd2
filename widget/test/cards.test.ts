// @vitest-environment happy-dom
import { expect, test, vi } from "vitest";
import { Identity } from "../src/identity";
import { readCard } from "../src/protocol/cards";
import { HeidiClient } from "../src/protocol/client";
import { cardElement } from "../src/ui/cards";
import { ORIGIN } from "./fake-server";

const MEETING = { id: "M-ABC123", title: "Sales call", when: "Tuesday", with: "Mara", status: "booked" };

function meetings(...items: unknown[]): HTMLElement {
  const card = readCard({ kind: "meetings", title: "Your meetings", meetings: items });
  if (!card) throw new Error("no card");
  return cardElement(card, { ask: vi.fn(), saveMeeting });
}

const saveMeeting = vi.fn();

test("a booked meeting can be saved, one without a file can't", () => {
  const path = "/v1/conversations/conv_1/meetings/M-ABC123.ics";
  const card = meetings({ ...MEETING, ics_path: path }, { ...MEETING, id: "M-XYZ789" });

  const buttons = [...card.querySelectorAll("button")];
  buttons[0]?.click();

  expect(buttons.map((button) => button.textContent)).toEqual(["Add to calendar"]);
  expect(saveMeeting.mock.calls).toEqual([["M-ABC123"]]);
});

test("the file is asked for with both tokens and by the meeting's id, never by the card's path", async () => {
  const identity = new Identity();
  vi.spyOn(identity, "token").mockResolvedValue("identity-token");
  const fetcher = vi.fn<typeof fetch>().mockResolvedValue(new Response("BEGIN:VCALENDAR"));
  const client = new HeidiClient(ORIGIN, identity, fetcher);

  const file = await client.meetingFile({ id: "conv_1", token: "visitor-token" }, "../M?");

  const [address, init] = fetcher.mock.calls[0] ?? [];
  const headers = new Headers(init?.headers);
  expect(address).toBe(`${ORIGIN}/v1/conversations/conv_1/meetings/..%2FM%3F.ics`);
  expect(headers.get("Authorization")).toBe("Bearer visitor-token");
  expect(headers.get("X-Heidi-Identity")).toBe("identity-token");
  expect(await file.text()).toBe("BEGIN:VCALENDAR");
});
