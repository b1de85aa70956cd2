/** Owns the panel: header, thread, notes, composer; a dialog, modal on a phone. */
import { runningTurn } from "../conversation/conversation";
import type { SessionState } from "../state";
import type { ChatActions, Surroundings } from "./actions";
import { Announcer } from "./announcer";
import { LinkBanner, NoticeBanner, type BannerPorts } from "./banner";
import { Composer, type ComposerPorts } from "./composer";
import { containsFocus, focusable, h } from "./dom";
import { History, type HistoryPorts } from "./history";
import { face, icon, wave, type IconName } from "./icons";
import { Menu, type MenuItem } from "./menu";
import { CitationPopover } from "./popover";
import { Thread } from "./thread";

/** What the panel tells. */
export interface PanelPorts extends ChatActions, ComposerPorts, BannerPorts, HistoryPorts {
  close(): void;
  /** Give the conversation as a text to the clipboard. */
  copyConversation(): void;
  /** Give the conversation as a text to the browser's downloads. */
  saveConversation(): void;
  startNew(): void;
  dismissNotice(): void;
}

const SUBTITLE = "Answers with sources";
const TOLD_MS = 2_500;
const PERSON_WISH = "I'd like to talk to a person";

/** The dialog with Heidi. */
export class Panel {
  readonly element = h("section", {
    class: "panel",
    role: "dialog",
    "aria-labelledby": "title",
    tabindex: "-1",
    hidden: true,
  });
  readonly composer: Composer;
  readonly #thread: Thread;
  readonly #popover: CitationPopover;
  readonly #announcer = new Announcer();
  readonly #banner: LinkBanner;
  readonly #notice: NoticeBanner;
  readonly #subtitle = h("p", { class: "subtitle", "aria-live": "polite" }, SUBTITLE);
  /** Said in the place of the subtitle for a moment. */
  #told: string | null = null;
  readonly #jump: HTMLElement;
  readonly #menu = new Menu(() => this.#menuItems());
  readonly #history: History;
  #state: SessionState | null = null;

  constructor(
    private readonly ports: PanelPorts,
    surroundings: Surroundings,
    private readonly isModal: () => boolean,
  ) {
    this.#popover = new CitationPopover(surroundings);
    this.composer = new Composer(ports);
    this.#banner = new LinkBanner(ports);
    this.#notice = new NoticeBanner(() => ports.dismissNotice());
    this.#jump = tool("down", "Jump to the latest message", () => this.#thread.keeper.toEnd(true));
    this.#jump.classList.add("jump");
    this.#jump.hidden = true;
    this.#thread = new Thread(ports, surroundings, this.#popover, (isEndSeen) => {
      const hadFocus = containsFocus(this.#jump);
      this.#jump.hidden = isEndSeen;
      if (hadFocus && isEndSeen) this.composer.focus();
    });
    const notes = h("div", { class: "notes" }, this.#jump, this.#banner.element, this.#notice.element);
    const hint = h("p", { class: "hint" }, "Heidi can be wrong. Check the sources.");
    this.#history = new History(ports, () => this.#showThread());
    this.element.append(this.#header(), this.#history.element);
    this.element.append(this.#thread.element, notes, this.composer.element, hint);
    this.element.append(this.#announcer.element);
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** Show a state. */
  update(state: SessionState): void {
    const hadFocus = containsFocus(this.element);
    const running = runningTurn(state.conversation);
    const now = Date.now();
    this.#state = state;
    this.element.dataset.phase = state.link.phase;
    this.#thread.update(state);
    this.#announcer.update(state.conversation, state.link.phase === "live");
    this.#banner.update(state.link, now);
    this.#notice.update(state.notice, now);
    this.composer.update(running !== null, state.stoppingTurnId !== null);
    this.#showSubtitle();
    if (hadFocus && !containsFocus(this.element)) this.composer.focus();
  }

  /** Time has passed: count down and age. */
  tick(state: SessionState, now: number): void {
    this.#banner.update(state.link, now);
    this.#notice.update(state.notice, now);
    this.#thread.tick(now);
  }

  /** Show the panel and, unless it merely was open before, put the cursor in it. */
  open(takesFocus: boolean): void {
    this.element.hidden = false;
    this.element.setAttribute("aria-modal", String(this.isModal()));
    this.#thread.keeper.toEnd(false);
    this.composer.draft = this.composer.draft;
    // On a touch screen the cursor would bring up a keyboard over half of the panel.
    if (takesFocus && matchMedia("(pointer: coarse)").matches) this.element.focus();
    else if (takesFocus) this.composer.focus();
  }

  /** Hide the panel. */
  close(): void {
    this.#popover.close();
    this.#menu.close();
    this.#hideHistory();
    this.element.hidden = true;
  }

  /** Say for a moment that something has worked. */
  tell(words: string): void {
    this.#told = words;
    this.#showSubtitle();
    setTimeout(() => {
      if (this.#told === words) this.#told = null;
      this.#showSubtitle();
    }, TOLD_MS);
  }

  /** Go to the end of the thread. */
  toEnd(): void {
    this.#thread.keeper.toEnd(true);
  }

  #header(): HTMLElement {
    const title = h("h2", { id: "title" }, "Ask Heidi ", wave());
    // Not a `header`: the page has a banner of its own.
    return h(
      "div",
      { class: "header" },
      h("div", { class: "avatar", "aria-hidden": "true" }, face()),
      h("div", { class: "titles" }, title, this.#subtitle),
      this.#menu.element,
      tool("edit", "New conversation", () => this.#startNew()),
      tool("close", "Close", () => this.ports.close()),
    );
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.stopPropagation();
      if (this.#popover.close() || this.#menu.close()) return;
      if (this.#hideHistory()) return this.composer.focus();
      this.ports.close();
    }
    if (event.key === "Tab" && this.isModal()) this.#trap(event);
  }

  #showSubtitle(): void {
    const words = this.#told ?? (this.#state ? subtitle(this.#state) : SUBTITLE);
    if (this.#subtitle.textContent !== words) this.#subtitle.textContent = words;
  }

  #startNew(): void {
    this.#hideHistory();
    this.ports.startNew();
  }

  #menuItems(): readonly MenuItem[] {
    const conversation = this.#state?.conversation;
    const items: (MenuItem | false)[] = [
      this.#state?.hasEarlier === true && {
        icon: "history",
        label: "Earlier conversations",
        choose: () => this.#showHistory(),
      },
      conversation?.staffName === null && {
        icon: "person",
        label: "Talk to a person",
        choose: () => this.#askForPerson(),
      },
      ...this.#keeping(conversation !== undefined && conversation.items.length > 0),
    ];
    return items.filter((item) => item !== false);
  }

  #keeping(isSomethingSaid: boolean): readonly MenuItem[] {
    if (!isSomethingSaid) return [];
    return [
      { icon: "copy", label: "Copy conversation", choose: () => this.ports.copyConversation() },
      { icon: "download", label: "Download conversation", choose: () => this.ports.saveConversation() },
    ];
  }

  #askForPerson(): void {
    this.#showThread();
    this.ports.ask(PERSON_WISH);
  }

  #showHistory(): void {
    this.element.classList.add("is-history");
    void this.#history.open();
  }

  #hideHistory(): boolean {
    this.element.classList.remove("is-history");
    return this.#history.close();
  }

  #showThread(): void {
    this.#hideHistory();
    this.#thread.keeper.toEnd(false);
    this.composer.focus();
  }

  #trap(event: KeyboardEvent): void {
    const stops = focusable(this.element);
    const root = this.element.getRootNode() as Partial<DocumentOrShadowRoot>;
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (root.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
  }
}

function subtitle({ conversation, customerName }: SessionState): string {
  if (conversation.staffName !== null) return `You are talking to ${conversation.staffName}`;
  return customerName ? `Signed in as ${customerName}` : SUBTITLE;
}

function tool(name: IconName, label: string, onClick: () => void): HTMLElement {
  const props = { type: "button", class: "tool", "aria-label": label, title: label };
  return h("button", { ...props, on: { click: onClick } }, icon(name));
}
