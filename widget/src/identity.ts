/** Owns the customer's identity token: in memory only, renewed shortly before it expires. */
import type { IdentitySource } from "./protocol/client";
import { number, parseObject } from "./protocol/reading";

/** A token, or a function of the page that fetches one (null: nobody is signed in). */
export type IdentityProvider = string | null | (() => string | null | Promise<string | null>);

const RENEW_BEFORE_MS = 60_000;

/** Knows who the customer is, as signed by the page's server. */
export class Identity implements IdentitySource {
  #provider: IdentityProvider = null;
  #token: string | null = null;
  #pending: Promise<string | null> | null = null;

  /** Whether the page has named a provider. */
  get isProvided(): boolean {
    return this.#provider !== null;
  }

  /** The token as it is known now. */
  get current(): string | null {
    return this.#token;
  }

  /** Take a token or a function; the token that follows from it. */
  provide(provider: IdentityProvider): Promise<string | null> {
    this.forget();
    this.#provider = provider;
    return this.renew();
  }

  /** Forget the customer. */
  forget(): void {
    this.#provider = null;
    this.#token = null;
    this.#pending = null;
  }

  async token(): Promise<string | null> {
    if (this.#pending) return this.#pending;
    if (this.#token === null) return null;
    return expiresAt(this.#token) - Date.now() > RENEW_BEFORE_MS ? this.#token : this.renew();
  }

  renew(): Promise<string | null> {
    if (this.#pending) return this.#pending;
    const pending = this.#ask();
    this.#pending = pending;
    void pending.then(() => {
      if (this.#pending === pending) this.#pending = null;
    });
    return pending;
  }

  async #ask(): Promise<string | null> {
    const provider = this.#provider;
    const refused = this.#token;
    let token: string | null = null;
    try {
      token = typeof provider === "function" ? await provider() : provider;
    } catch {
      // The page's server does not answer: the visitor is anonymous until it does.
      token = null;
    }
    if (this.#provider !== provider) return this.#token;
    // A fixed token can't be renewed: once refused or expired it is of no more use.
    const isUsedUp = typeof provider === "string" && token === refused;
    this.#token = isUsedUp ? null : token || null;
    return this.#token;
  }
}

/** When a JSON web token expires, in milliseconds; never, if it does not say. */
export function expiresAt(token: string): number {
  const part = token.split(".")[1] ?? "";
  try {
    const seconds = number(parseObject(atob(part.replace(/-/g, "+").replace(/_/g, "/")))?.exp);
    return seconds > 0 ? seconds * 1000 : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
