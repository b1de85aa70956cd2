/** Owns the element of one turn: the question, and everything that answers it. */
import type { TurnView } from "../conversation/turn";
import { withoutMarkers } from "../markdown/markers";
import type { ChatActions, Surroundings } from "./actions";
import { AnswerText, briefingList, sourceList } from "./answer";
import { cardElement } from "./cards";
import { h, Slot, type Child } from "./dom";
import { copyButton, Feedback } from "./feedback";
import { face, icon } from "./icons";
import type { CitationPopover } from "./popover";
import { isExpired, proposalElement, tickProposal, type ProposalState } from "./proposal";
import { fullTime, relativeTime } from "./times";

/** Outcomes that a visitor can judge; a question back is no answer yet. */
const JUDGED = new Set(["answered", "abstained", "declined"]);

/** What a turn's look depends on besides the turn. */
export interface TurnSituation {
  readonly isLast: boolean;
  readonly isStopping: boolean;
  readonly isSignedIn: boolean;
  /** The decision on its way to the server. */
  readonly deciding: "confirm" | "decline" | null;
  /** The server says that the proposal is settled. */
  readonly isSettled: boolean;
}

/** Shows a turn as it grows. */
export class TurnElement {
  readonly element = h("article", { class: "turn", "aria-label": "Question and answer" });
  readonly #question = new Slot(h("div", { class: "question-row" }));
  readonly #cardsBefore = new Slot(h("div", { class: "cards" }));
  readonly #bubble = h("div", { class: "bubble", hidden: true });
  readonly #status = new Slot(h("div", { class: "status" }));
  readonly #cardsAfter = new Slot(h("div", { class: "cards" }));
  readonly #proposal = new Slot(h("div", {}));
  readonly #signIn = new Slot(h("div", {}));
  readonly #failure = new Slot(h("div", {}));
  readonly #sources = new Slot(h("div", {}));
  readonly #nearest = new Slot(h("div", {}));
  readonly #footer = h("div", { class: "footer", hidden: true });
  readonly #suggestions = new Slot(h("div", { class: "suggestions" }));
  readonly #answerRow = h("div", { class: "answer-row" });
  readonly #time = h("time", {});
  readonly #answer: AnswerText;
  readonly #feedback: Feedback;
  #turn: TurnView;
  #situation: TurnSituation | null = null;

  constructor(
    turn: TurnView,
    private readonly actions: ChatActions,
    private readonly surroundings: Surroundings,
    popover: CitationPopover,
  ) {
    this.#turn = turn;
    this.#answer = new AnswerText(surroundings, popover);
    this.#feedback = new Feedback((rating, comment) => actions.rate(turn.id, rating, comment));
    this.#bubble.append(this.#answer.element);
    const copy = copyButton(() => withoutMarkers(this.#turn.text));
    this.#footer.append(this.#time, copy, this.#feedback.element);
    const parts = [this.#cardsBefore, this.#status].map((slot) => slot.element);
    const rest = [this.#cardsAfter, this.#proposal, this.#signIn, this.#failure, this.#sources];
    const column = h("div", { class: "column" });
    column.append(...parts.slice(0, 1), this.#bubble, ...parts.slice(1));
    column.append(...[...rest, this.#nearest].map((slot) => slot.element));
    column.append(this.#footer, this.#feedback.form, this.#suggestions.element);
    const avatar = h("div", { class: "avatar", "aria-hidden": "true" }, face());
    this.#answerRow.append(avatar, column);
    this.element.append(this.#question.element, this.#answerRow);
  }

  /** Show the turn as it is now. */
  update(turn: TurnView, situation: TurnSituation): void {
    this.#turn = turn;
    this.#situation = situation;
    this.element.classList.toggle("is-running", turn.phase === "running");
    this.#question.render([turn.message, turn.isRepeat], () =>
      turn.message && !turn.isRepeat ? questionBubble(turn.message) : null,
    );
    this.#answerRow.hidden = isUnanswered(turn);
    this.#showAnswer(turn, situation);
    this.#showRequests(turn, situation);
    this.#showEnd(turn, situation);
    this.tick(Date.now());
  }

  /** Time has passed. */
  tick(now: number): void {
    const { proposal, startedAt } = this.#turn;
    this.#time.textContent = relativeTime(startedAt, now);
    this.#time.dateTime = startedAt;
    this.#time.title = fullTime(startedAt);
    if (!proposal || !this.#situation) return;
    this.#showRequests(this.#turn, this.#situation);
    tickProposal(this.#proposal.element, proposal, now);
  }

  #showAnswer(turn: TurnView, { isStopping }: TurnSituation): void {
    const card = (isAfter: boolean): Child[] =>
      turn.cards
        .filter((placed) => placed.isAfterText === isAfter)
        .map((placed) => cardElement(placed.card, this.actions));
    this.#cardsBefore.render([turn.cards], () => card(false));
    this.#cardsAfter.render([turn.cards], () => card(true));
    this.#bubble.hidden = turn.text === "";
    this.#answer.update(turn.text, turn.citations);
    const isRunning = turn.phase === "running";
    this.#status.render([isRunning, turn.status, turn.text === "", isStopping], () =>
      isRunning ? statusLine(isStopping ? "Stopping" : turn.text ? "" : turn.status) : null,
    );
  }

  #showRequests(turn: TurnView, situation: TurnSituation): void {
    const { proposal, signInReason } = turn;
    const state = proposalState(turn, situation, Date.now());
    this.#proposal.render([proposal, state], () =>
      proposal
        ? proposalElement(proposal, state, (decision) =>
            this.actions.decide(proposal.actionId, decision),
          )
        : null,
    );
    const { isLast, isSignedIn } = situation;
    this.#signIn.render([signInReason, isSignedIn, isLast, turn.text === ""], () =>
      signInReason && (isSignedIn || isLast) ? this.#signInCard(turn, isSignedIn) : null,
    );
  }

  #showEnd(turn: TurnView, { isLast }: TurnSituation): void {
    const isOver = turn.phase !== "running";
    this.#failure.render([turn.phase, turn.failure, isLast], () => this.#failureCard(turn));
    this.#sources.render([isOver, turn.citations], () =>
      isOver ? sourceList(turn.citations, this.surroundings) : null,
    );
    this.#nearest.render([isOver, turn.briefings], () =>
      isOver ? briefingList(turn.briefings, this.surroundings) : null,
    );
    this.#footer.hidden = !isOver || turn.text === "";
    this.#feedback.element.hidden = !JUDGED.has(turn.outcome);
    this.#feedback.update(turn.rating);
    this.#suggestions.render([isOver && isLast, turn.questions], () =>
      isOver && isLast ? turn.questions.map((question) => chip(question, this.actions)) : null,
    );
  }

  #signInCard({ signInReason, text }: TurnView, isDone: boolean): HTMLElement {
    if (isDone) return h("p", { class: "verdict is-confirmed" }, icon("check"), "Signed in");
    const button = h(
      "button",
      { type: "button", class: "primary", on: { click: () => this.actions.signIn(signInReason) } },
      "Sign in",
    );
    return h(
      "section",
      { class: "card sign-in", "aria-label": "Sign in" },
      h("h3", {}, icon("lock"), "Sign in to go on"),
      // An answer above it has said why.
      text === "" ? h("p", {}, signInReason) : null,
      h("div", { class: "buttons" }, button),
    );
  }

  #failureCard(turn: TurnView): HTMLElement | null {
    if (turn.outcome === "cancelled") return h("p", { class: "verdict" }, icon("stop"), "Stopped");
    if (turn.phase !== "failed" && turn.phase !== "interrupted") return null;
    const words =
      turn.phase === "interrupted"
        ? "The answer was interrupted before it was complete."
        : turn.failure || "Something went wrong.";
    const again = h(
      "button",
      { type: "button", class: "secondary", on: { click: () => this.actions.ask(turn.message) } },
      icon("retry"),
      "Ask again",
    );
    const line = h("p", {}, icon("warning"), h("span", {}, words));
    return h("div", { class: "failure" }, line, turn.message ? again : null);
  }
}

/** Whether the message went to a person before Heidi had said anything. */
function isUnanswered({ outcome, text, cards, proposal, signInReason }: TurnView): boolean {
  const isSilent = text === "" && cards.length === 0 && proposal === null && signInReason === "";
  return outcome === "passed_on" && isSilent;
}

/** The visitor's words. */
export function questionBubble(message: string): HTMLElement {
  const speaker = h("span", { class: "visually-hidden" }, "You: ");
  return h("div", { class: "question" }, speaker, h("div", { dir: "auto" }, message));
}

/** What Heidi is doing, with moving dots. */
export function statusLine(text: string): HTMLElement {
  const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  return h("div", { class: "status-line" }, dots, h("span", {}, text));
}

/** A question that can be sent with one press. */
export function chip(question: string, actions: ChatActions): HTMLElement {
  const on = { click: () => actions.ask(question) };
  return h("button", { type: "button", class: "chip", on }, question);
}

function proposalState(turn: TurnView, situation: TurnSituation, now: number): ProposalState {
  if (turn.decision) return turn.decision;
  if (situation.isSettled) return "settled";
  if (situation.deciding === "confirm") return "confirming";
  if (situation.deciding === "decline") return "declining";
  return turn.proposal && isExpired(turn.proposal, now) ? "expired" : "open";
}
