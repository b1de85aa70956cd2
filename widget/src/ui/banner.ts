/** Owns the two notes above the composer: the connection's state, and what went wrong. */
import { noticeFor, type Link, type LinkAction } from "../connection/machine";
import type { Notice } from "../state";
import { h, Slot } from "./dom";
import { icon } from "./icons";

/** What the buttons do. */
export interface BannerPorts {
  retry(): void;
  resume(): void;
  reload(): void;
}

const LABELS: Readonly<Record<LinkAction, string>> = {
  retry: "Retry",
  reload: "Reload",
  resume: "Resume",
  "resume-again": "Retry",
};

/** The state of the connection, in words; nothing while all is well. */
export class LinkBanner {
  readonly element = h("div", { class: "banner", hidden: true });
  readonly #text = h("span", { class: "banner-text", "aria-hidden": "true" });
  // Spoken once for each state; the text that is seen counts down every second.
  readonly #spoken = h("span", { class: "visually-hidden", role: "status" });
  #phase: Link["phase"] | null = null;
  readonly #buttons = new Slot(h("span", { class: "banner-buttons" }));

  constructor(private readonly ports: BannerPorts) {
    const spinner = h("span", { class: "spinner", "aria-hidden": "true" });
    this.element.append(spinner, this.#text, this.#spoken, this.#buttons.element);
  }

  /** Show a state as it is at a moment: seconds count down. */
  update(link: Link, now: number): void {
    const notice = noticeFor(link, now);
    this.element.hidden = notice === null;
    this.element.dataset.phase = link.phase;
    if (link.phase !== this.#phase) this.#spoken.textContent = notice?.text ?? "";
    this.#phase = link.phase;
    if (!notice) return;
    if (this.#text.textContent !== notice.text) this.#text.textContent = notice.text;
    this.#buttons.render([notice.actions.join(), link.phase === "resuming"], () =>
      notice.actions.map((action) => this.#button(action, link.phase === "resuming")),
    );
  }

  #button(action: LinkAction, disabled: boolean): HTMLElement {
    const on = { click: () => this.#do(action) };
    return h("button", { type: "button", disabled, on }, LABELS[action]);
  }

  #do(action: LinkAction): void {
    if (action === "retry") this.ports.retry();
    else if (action === "reload") this.ports.reload();
    else this.ports.resume();
  }
}

/** A problem in plain words, with a countdown where the server wants a pause. */
export class NoticeBanner {
  readonly element = h("div", { class: "notice", hidden: true });
  readonly #text = h("span", { role: "alert" });
  // Outside of the alert: it would be read out every second.
  readonly #countdown = h("span", {});

  constructor(onDismiss: () => void) {
    const on = { click: onDismiss };
    const label = { type: "button", class: "tool", "aria-label": "Dismiss", on };
    const words = h("p", {}, this.#text, this.#countdown);
    this.element.append(icon("warning"), words, h("button", label, icon("close")));
  }

  /** Show a notice as it is at a moment. */
  update(notice: Notice | null, now: number): void {
    const left = notice?.until ? Math.ceil((notice.until - now) / 1000) : 0;
    const isOver = notice === null || (notice.until !== null && left <= 0);
    this.element.hidden = isOver;
    const words = isOver ? "" : notice.text;
    if (this.#text.textContent !== words) this.#text.textContent = words;
    const unit = left === 1 ? "second" : "seconds";
    this.#countdown.textContent = left > 0 ? ` Trying again in ${left} ${unit}.` : "";
  }
}
