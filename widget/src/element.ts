/**
 * Owns the element `<heidi-chat>`: joins the session and the panel to a page. Registration and the
 * script tag are the business of `embedding.ts`.
 *
 * Attributes: `api` (origin of the server), `sign-in-url`, `theme` (auto, light, dark), `position`
 * (right, left), `nudge` (seconds until help is offered once; without it, it is not).
 */
import { runningTurn, unreadCount } from "./conversation/conversation";
import { plainConversation } from "./conversation/plain";
import { Identity, type IdentityProvider } from "./identity";
import { Memory, usableStore } from "./memory";
import { HeidiClient } from "./protocol/client";
import { Session } from "./session";
import { adoptStyles } from "./styles";
import { MESSAGE_LIMIT } from "./ui/composer";
import { CrashLine } from "./ui/crash";
import { copy } from "./ui/feedback";
import { h } from "./ui/dom";
import { Launcher } from "./ui/launcher";
import { download } from "./ui/download";
import { Nudge } from "./ui/nudge";
import { Panel } from "./ui/panel";
import { lastSpoken } from "./ui/preview";

const PHONE = "(max-width: 520px), (max-height: 460px)";

/** The bubble. */
export class HeidiChat extends HTMLElement {
  static readonly observedAttributes = ["theme", "position"];

  readonly #root = this.attachShadow({ mode: "open" });
  readonly #frame = h("div", { class: "heidi" });
  readonly #identity = new Identity();
  readonly #crash = new CrashLine(() => location.reload());
  readonly #stops: AbortController[] = [];
  #memory!: Memory;
  #session!: Session;
  #panel!: Panel;
  #launcher!: Launcher;
  #nudge!: Nudge;
  /** Number of the last event of which the note has been dismissed. */
  #dismissedSeq = 0;
  #isBuilt = false;
  #isScheduled = false;

  connectedCallback(): void {
    this.#build();
    this.#listen();
    this.#showTheme();
    this.#offerInTime();
    if (this.#memory.isOpen && !this.#isAtSignIn()) this.#show(false);
    this.#session.wake();
    this.#render();
  }

  disconnectedCallback(): void {
    for (const stop of this.#stops.splice(0)) stop.abort();
    this.#session.leave();
  }

  attributeChangedCallback(): void {
    this.#showTheme();
  }

  /** Name the customer: a token, or a function that fetches one. */
  identify(provider: IdentityProvider): Promise<void> {
    return this.#session.identify(provider);
  }

  /** Forget the customer and the conversation, in all tabs. */
  signOut(): void {
    this.#panel.composer.draft = "";
    this.#session.signOut(this.#isOpen);
  }

  /** Open the panel. */
  open(): void {
    this.#memory.isOpen = true;
    this.#show(true);
  }

  /** Close the panel; the focus goes back to the launcher. */
  close(): void {
    this.#memory.isOpen = false;
    this.#panel.close();
    this.#frame.classList.remove("is-open");
    this.#render();
    this.#launcher.element.focus({ preventScroll: true });
  }

  /** Open the panel and ask a question. */
  ask(text: string): void {
    const message = text.trim().slice(0, MESSAGE_LIMIT);
    this.open();
    if (message) this.#send(message);
  }

  /** Report a mistake of the bubble itself. */
  report(error: unknown): void {
    this.#crash.report(error);
  }

  get #isOpen(): boolean {
    return this.#isBuilt && !this.#panel.element.hidden;
  }

  #build(): void {
    if (this.#isBuilt) return;
    this.#isBuilt = true;
    const base = new URL(this.getAttribute("api") ?? "", location.href).origin;
    this.#memory = new Memory(
      base,
      usableStore(() => localStorage),
      usableStore(() => sessionStorage),
    );
    this.#session = new Session({
      client: new HeidiClient(base, this.#identity),
      memory: this.#memory,
      identity: this.#identity,
      isHidden: () => document.hidden,
      onError: (error) => this.report(error),
    });
    this.#panel = this.#makePanel(base);
    this.#panel.element.append(this.#crash.element);
    this.#panel.composer.draft = this.#memory.draft;
    this.#launcher = new Launcher(() => (this.#isOpen ? this.close() : this.open()));
    this.#session.subscribe(() => this.#schedule());
    this.#nudge = new Nudge(
      () => this.open(),
      () => this.#dismissNudge(),
    );
    this.#frame.append(this.#panel.element, this.#nudge.element, this.#launcher.element);
    adoptStyles(this.#root);
    this.#root.append(this.#frame);
  }

  #makePanel(base: string): Panel {
    const session = this.#session;
    return new Panel(
      {
        ask: (message) => this.#send(message),
        onSend: (message) => this.#send(message),
        onStop: () => session.stop(),
        onDraft: (draft) => (this.#memory.draft = draft),
        decide: (actionId, decision) => session.decide(actionId, decision),
        rate: (turnId, rating, comment) => session.rate(turnId, rating, comment),
        saveMeeting: (meetingId) => session.saveMeeting(meetingId, download),
        signIn: (reason) => this.#signIn(reason),
        startNew: () => session.startNew(),
        earlier: () => session.earlier(),
        reopen: (id) => session.reopen(id),
        copyConversation: () => void this.#copyConversation(),
        saveConversation: () => download(new Blob([this.#plain()]), "heidi.txt"),
        dismissNotice: () => session.notify(null),
        close: () => this.close(),
        retry: () => session.retry(),
        resume: () => session.resume(),
        reload: () => location.reload(),
      },
      {
        base,
        linkHosts: () => session.state.linkHosts,
        isHere: (href) => new URL(href).origin === location.origin,
      },
      () => matchMedia(PHONE).matches,
    );
  }

  #listen(): void {
    const stop = new AbortController();
    const { signal } = stop;
    const isOpen = (): boolean => this.#isOpen;
    this.#stops.push(stop);
    addEventListener("online", () => this.#session.nudge(), { signal });
    addEventListener("offline", () => this.#session.offline(), { signal });
    addEventListener("pageshow", () => this.#session.nudge(), { signal });
    addEventListener(
      "storage",
      (event) => this.#session.onMemory(this.#memory.partOf(event.key), isOpen()),
      { signal },
    );
    const onVisibility = (): void => this.#onVisibility();
    document.addEventListener("visibilitychange", onVisibility, { signal });
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", () => this.#showTheme(), { signal });
    window.visualViewport?.addEventListener("resize", () => this.#fit(), { signal });
    const timer = setInterval(() => this.#tick(), 1_000);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  #onVisibility(): void {
    if (document.hidden) return this.#session.hide();
    this.#session.nudge();
    if (this.#isOpen) this.#session.begin();
  }

  /** A keyboard on the screen makes the visible part smaller, but not the page. */
  #fit(): void {
    const { visualViewport: seen } = window;
    if (seen) this.#frame.style.setProperty("--seen", `${seen.height}px`);
  }

  #tick(): void {
    if (this.#isOpen) this.#panel.tick(this.#session.state, Date.now());
  }

  #show(takesFocus: boolean): void {
    this.#frame.classList.add("is-open");
    this.#panel.open(takesFocus);
    if (!document.hidden) this.#session.begin();
    this.#render();
  }

  #send(message: string): void {
    this.#session.send(message);
    this.#render();
    this.#panel.toEnd();
  }

  #signIn(reason: string): void {
    const event = new CustomEvent("heidi:sign-in", { cancelable: true, detail: { reason } });
    if (!window.dispatchEvent(event)) return;
    const address = this.getAttribute("sign-in-url");
    if (!address) return this.#session.notify("Please sign in on this site, then go on here.");
    const target = new URL(address, location.href);
    const { origin, pathname, search, hash, href } = location;
    target.searchParams.set("next", target.origin === origin ? pathname + search + hash : href);
    location.assign(target.href);
  }

  /** An open panel would cover the form that it has sent the visitor to. */
  #isAtSignIn(): boolean {
    const address = this.getAttribute("sign-in-url");
    if (!address || location.origin === "null") return false;
    const { origin, pathname } = new URL(address, location.href);
    return origin === location.origin && pathname === location.pathname;
  }

  /** Render before the next frame; a page in the background has no frames. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const render = (): void => this.#render();
    if (document.hidden) setTimeout(render, 50);
    else requestAnimationFrame(render);
  }

  #render(): void {
    this.#isScheduled = false;
    try {
      const { state } = this.#session;
      this.#takeReturned(state.returned);
      this.#panel.update(state);
      const { lastSpokenSeq } = state.conversation;
      if (this.#isOpen && !document.hidden) this.#memory.readSeq = lastSpokenSeq;
      const unread = this.#isOpen ? 0 : unreadCount(state.conversation, this.#memory.readSeq);
      this.#launcher.update(this.#isOpen, unread);
      this.#preview(unread);
      this.#frame.classList.toggle("is-busy", runningTurn(state.conversation) !== null);
    } catch (error) {
      this.report(error);
    }
  }

  /** Offer help once to who has never used the bubble, if the page wants it. */
  #offerInTime(): void {
    const seconds = Number(this.getAttribute("nudge") ?? Number.NaN);
    const isKnown = this.#memory.wasNudged || this.#memory.conversation !== null;
    if (!(seconds >= 0) || isKnown) return;
    const timer = setTimeout(() => {
      if (this.#isOpen || this.#isAtSignIn()) return;
      this.#memory.wasNudged = true;
      this.#nudge.offer();
    }, seconds * 1_000);
    this.#stops.at(-1)?.signal.addEventListener("abort", () => clearTimeout(timer));
  }

  /** What came while the panel was closed; a person's words are worth a look. */
  #preview(unread: number): void {
    const { conversation } = this.#session.state;
    if (this.#isOpen || conversation.items.length > 0) this.#nudge.hide();
    if (unread === 0 || conversation.lastSpokenSeq <= this.#dismissedSeq) return;
    const spoken = lastSpoken(conversation);
    if (spoken) this.#nudge.preview(spoken);
  }

  #dismissNudge(): void {
    this.#dismissedSeq = this.#session.state.conversation.lastSpokenSeq;
    this.#nudge.hide();
    this.#launcher.element.focus({ preventScroll: true });
  }

  #plain(): string {
    return plainConversation(this.#session.state.conversation, this.#memory.origin);
  }

  async #copyConversation(): Promise<void> {
    if (await copy(this.#plain())) this.#panel.tell("Conversation copied");
    else this.#session.notify("Your browser did not allow copying. Download the conversation instead.");
  }

  #takeReturned(returned: string | null): void {
    if (returned === null) return;
    const { composer } = this.#panel;
    if (composer.draft === "") composer.draft = returned;
    this.#memory.draft = composer.draft;
    this.#session.takeReturned();
  }

  #showTheme(): void {
    const theme = this.getAttribute("theme");
    const prefersDark = matchMedia("(prefers-color-scheme: dark)").matches;
    const isDark = theme === "dark" || (theme !== "light" && prefersDark);
    this.#frame.dataset.scheme = isDark ? "dark" : "light";
    this.#frame.dataset.position = this.getAttribute("position") === "left" ? "left" : "right";
  }
}
