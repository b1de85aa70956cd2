/** Owns the card that asks for a decision on a write. */
import type { Decision, Proposal } from "../protocol/events";
import { factRows } from "./cards";
import { h, type Child } from "./dom";
import { icon } from "./icons";
import { countdown } from "./times";

/** Where a proposal stands. */
export type ProposalState = "open" | "confirming" | "declining" | "settled" | Decision;

const WORDS: Readonly<Record<Exclude<ProposalState, "open" | "confirming" | "declining">, string>> =
  {
    confirmed: "Confirmed",
    declined: "Declined: nothing was changed",
    expired: "Expired: nothing was changed. Ask again to go on.",
    superseded: "Replaced by a newer request",
    settled: "This request is no longer open",
  };

/** A proposal that nobody decided on in time is expired, even before the server says so. */
export function isExpired(proposal: Proposal, now: number): boolean {
  return Date.parse(proposal.expiresAt) <= now;
}

/** The element of a proposal. */
export function proposalElement(
  proposal: Proposal,
  state: ProposalState,
  decide: (decision: "confirm" | "decline") => void,
): HTMLElement {
  const isBusy = state === "confirming" || state === "declining";
  const footer =
    state === "open" || isBusy
      ? [buttons(proposal, state, decide), remaining(proposal)]
      : [verdict(state as keyof typeof WORDS)];
  const label = `Please confirm: ${proposal.title}`;
  return h(
    "section",
    { class: `card proposal is-${state}`, "aria-label": label, "aria-busy": String(isBusy) },
    h("h3", {}, proposal.title),
    factRows(proposal.rows),
    ...footer,
  );
}

/** Write the time that is left to decide; nothing until the last two minutes. */
export function tickProposal(element: HTMLElement, proposal: Proposal, now: number): void {
  const left = Date.parse(proposal.expiresAt) - now;
  const note = element.querySelector(".remaining");
  if (note) note.textContent = left > 0 && left < 120_000 ? `Expires in ${countdown(left)}` : "";
}

function buttons(
  proposal: Proposal,
  state: ProposalState,
  decide: (decision: "confirm" | "decline") => void,
): HTMLElement {
  const disabled = state !== "open";
  const confirm = state === "confirming" ? "Working…" : proposal.confirmLabel;
  const decline = state === "declining" ? "Working…" : "Decline";
  const button = (label: string, kind: string, decision: "confirm" | "decline"): Child =>
    h("button", { type: "button", class: kind, disabled, on: { click: () => decide(decision) } }, label);
  return h(
    "div",
    { class: "buttons" },
    button(confirm, "primary", "confirm"),
    button(decline, "secondary", "decline"),
  );
}

function remaining(proposal: Proposal): HTMLElement {
  const note = h("p", { class: "remaining" });
  return proposal.expiresAt ? note : h("span");
}

function verdict(state: keyof typeof WORDS): HTMLElement {
  const name = state === "confirmed" ? "check" : "close";
  const isKnown = state === "confirmed" || state === "declined";
  const mark = isKnown ? icon(name) : icon("warning");
  return h("p", { class: `verdict is-${state}` }, mark, WORDS[state] ?? state);
}
