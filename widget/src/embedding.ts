/**
 * Owns how a page gets the bubble: reads the script tag, adds the element, offers `window.heidi`.
 */
import type { HeidiChat } from "./element";
import type { IdentityProvider } from "./identity";

/** What a page can ask of the bubble: `window.heidi`. */
export interface HeidiApi {
  /** Name the customer: a signed token, or a function that fetches one (null: nobody). */
  identify(provider: IdentityProvider): Promise<void>;
  /** Forget the customer and the conversation, in all tabs. */
  signOut(): Promise<void>;
  open(): Promise<void>;
  close(): Promise<void>;
  /** Open the panel and ask a question. */
  ask(text: string): Promise<void>;
}

const SETTINGS = {
  signInUrl: "sign-in-url",
  theme: "theme",
  position: "position",
  nudge: "nudge",
} as const;

/** Add the bubble to the page once it can be added; the page's handle on it. */
export function embed(script: HTMLScriptElement | null): HeidiApi {
  const element = new Promise<HeidiChat>((resolve) => {
    whenParsed(() => resolve(mount(script)));
  });
  const api: HeidiApi = {
    identify: async (provider) => (await element).identify(provider),
    signOut: async () => (await element).signOut(),
    open: async () => (await element).open(),
    close: async () => (await element).close(),
    ask: async (text) => (await element).ask(String(text)),
  };
  void element.then((chat) => {
    addEventListener("error", (event) => {
      if (script?.src && event.filename === script.src) chat.report(event.error);
    });
    dispatchEvent(new CustomEvent("heidi:ready", { detail: api }));
  });
  return api;
}

/** The script tag that this code came from; also found where the browser does not name it. */
export function ownScript(): HTMLScriptElement | null {
  const current = document.currentScript;
  if (current instanceof HTMLScriptElement) return current;
  return document.querySelector<HTMLScriptElement>('script[src*="/widget/heidi.js"]');
}

function mount(script: HTMLScriptElement | null): HeidiChat {
  const existing = document.querySelector<HeidiChat>("heidi-chat");
  const element = existing ?? (document.createElement("heidi-chat") as HeidiChat);
  if (existing) return existing;
  const api = script?.dataset.api || (script?.src ? new URL(script.src).origin : location.origin);
  element.setAttribute("api", api);
  for (const [key, attribute] of Object.entries(SETTINGS)) {
    const value = script?.dataset[key];
    if (value) element.setAttribute(attribute, value);
  }
  document.body.append(element);
  return element;
}

/** After the page is parsed, and after scripts that come later had the chance to listen. */
function whenParsed(then: () => void): void {
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", then, { once: true });
  else setTimeout(then, 0);
}
