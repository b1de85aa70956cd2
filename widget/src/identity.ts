/** Owns the customer's identity token: in memory only, renewed shortly before it expires. */
import type { IdentitySource } from "./protocol/client";
import { claimsOf } from "./protocol/claims";
import { number } from "./protocol/reading";

/** A token, or a function of the page that fetches one (null: nobody is signed in). */
export type IdentityProvider = string | null | (() => string | null | Promise<string | null>);

const RENEW_BEFORE_MS = 60_000;

/** Knows who the customer is, as signed by the page's server. */
export class Identity implements IdentitySource {
  #provider: IdentityProvider = null;
  #token: string | null = null;
  #pending: Promise<string | null> | null = null;
  #hasFailed = false;

  /** Whether the page has named a provider. */
  get isProvided(): boolean {
    return this.#provider !== null;
  }

  /** The token as it is known now. */
  get current(): string | null {
    return this.#token;
  }

  /** Whether the page could not be asked: who the customer is, is unknown rather than nobody. */
  get hasFailed(): boolean {
    return this.#hasFailed;
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
    this.#hasFailed = false;
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
    let hasFailed = false;
    try {
      token = typeof provider === "function" ? await provider() : provider;
    } catch {
      // The page's server does not answer. Nobody is signed out by that: an old token is kept, though
      // it may be refused until there is a new one.
      hasFailed = true;
      token = refused;
    }
    if (this.#provider !== provider) return this.#token;
    this.#hasFailed = hasFailed;
    // A fixed token can't be renewed: once refused or expired it is of no more use.
    const isUsedUp = typeof provider === "string" && token === refused;
    this.#token = isUsedUp ? null : token || null;
    return this.#token;
  }
}

/** When a JSON web token expires, in milliseconds; never, if it does not say. */
export function expiresAt(token: string): number {
  const seconds = number(claimsOf(token).exp);
  return seconds > 0 ? seconds * 1000 : Number.POSITIVE_INFINITY;
}
