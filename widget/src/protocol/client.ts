/** Owns the requests to Heidi's server. Knows the contract, keeps no state. */
import { readEvent, type ChatEvent } from "./events";
import { Problem, problemFrom, Unreachable } from "./problems";
import { list, object, text, type Json } from "./reading";

/** Names a conversation and proves that it is the visitor's. */
export interface ConversationRef {
  readonly id: string;
  readonly token: string;
}

/** A conversation that has just begun. */
export interface NewConversation extends ConversationRef {
  readonly greeting: string;
  readonly suggestions: readonly string[];
}

/** Everything said so far. */
export interface Transcript {
  readonly isPaused: boolean;
  /** Hosts that an answer may link to besides Heidi's own. */
  readonly linkHosts: readonly string[];
  readonly events: readonly ChatEvent[];
}

/** Who the customer is, as far as the page's server has signed it. */
export interface IdentitySource {
  /** A token that is still valid, or null. */
  token(): Promise<string | null>;
  /** Ask for a new token because the server refused the last one; null when there is none. */
  renew(): Promise<string | null>;
}

interface Call {
  readonly method?: "GET" | "POST";
  readonly token?: string;
  readonly body?: Json;
  readonly accept?: string;
  readonly signal?: AbortSignal;
  readonly keepalive?: boolean;
}

const TIMEOUT_MS = 20_000;

/** The requests of docs/http-api.md. Each raises `Problem` or `Unreachable`. */
export class HeidiClient {
  constructor(
    readonly origin: string,
    private readonly identity: IdentitySource,
    private readonly fetcher: typeof fetch = (...args) => fetch(...args),
  ) {}

  /** Begin a conversation. */
  async create(timezone: string, locale: string): Promise<NewConversation> {
    const body = await this.#json("/conversations", { method: "POST", body: { timezone, locale } });
    return {
      id: text(body.id),
      token: text(body.token),
      greeting: text(body.greeting),
      suggestions: list(body.suggestions, text),
    };
  }

  /** Read everything said so far. */
  async transcript(ref: ConversationRef): Promise<Transcript> {
    const body = await this.#json(path(ref), { token: ref.token });
    const events = list(body.events, readEvent).filter((event) => event !== null);
    const linkHosts = list(body.link_hosts, text);
    return { isPaused: body.is_paused === true, linkHosts, events };
  }

  /** Open the stream of everything after event number `after`. */
  async tail(
    ref: ConversationRef,
    after: number,
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    const accept = "text/event-stream";
    const target = path(ref, `/events?after=${after}`);
    const response = await this.#send(target, { token: ref.token, accept, signal });
    if (!response.body) throw new Unreachable("The stream has no body.");
    return response.body;
  }

  /** Ask a question. The same `clientTurnId` never asks twice. */
  async ask(ref: ConversationRef, message: string, clientTurnId: string): Promise<void> {
    const body = { message, client_turn_id: clientTurnId };
    await this.#json(path(ref, "/turns"), { method: "POST", token: ref.token, body });
  }

  /** Decide on a proposal. */
  async decide(
    ref: ConversationRef,
    actionId: string,
    decision: "confirm" | "decline",
    clientTurnId: string,
  ): Promise<void> {
    const body = { decision, client_turn_id: clientTurnId };
    const target = path(ref, `/actions/${encodeURIComponent(actionId)}`);
    await this.#json(target, { method: "POST", token: ref.token, body });
  }

  /** Stop an answer. */
  async cancel(ref: ConversationRef, turnId: string): Promise<void> {
    const target = path(ref, `/turns/${encodeURIComponent(turnId)}/cancel`);
    await this.#json(target, { method: "POST", token: ref.token });
  }

  /** Judge an answer. */
  async rate(
    ref: ConversationRef,
    turnId: string,
    rating: "up" | "down",
    comment: string,
  ): Promise<void> {
    const body = comment ? { rating, comment } : { rating };
    const target = path(ref, `/turns/${encodeURIComponent(turnId)}/feedback`);
    await this.#json(target, { method: "POST", token: ref.token, body });
  }

  /** Say who the customer is; the name that the server knows, empty if it knows none. */
  async introduce(ref: ConversationRef): Promise<string> {
    const body = await this.#json(path(ref, "/identity"), { method: "POST", token: ref.token });
    return text(object(body.customer).name);
  }

  /** A meeting as a calendar file (iCalendar); asked for with both tokens, which a link can't carry. */
  async meetingFile(ref: ConversationRef, meetingId: string): Promise<Blob> {
    const target = path(ref, `/meetings/${encodeURIComponent(meetingId)}.ics`);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await this.#send(target, { token: ref.token, accept: "text/calendar", signal });
    return response.blob();
  }

  /** End a pause. */
  async resume(ref: ConversationRef): Promise<void> {
    await this.#json(path(ref, "/resume"), { method: "POST", token: ref.token });
  }

  /**
   * Let the server refuse a customer's identity token from now on. Outlives the page, which is
   * often left at once.
   */
  async signOut(identity: string): Promise<void> {
    await this.#once("/sign-out", { method: "POST", keepalive: true }, identity);
  }

  async #json(target: string, call: Call): Promise<Json> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await this.#send(target, { signal, ...call });
    if (response.status === 204) return {};
    return object(await response.json().catch(() => ({})));
  }

  async #send(target: string, call: Call): Promise<Response> {
    try {
      return await this.#once(target, call, await this.identity.token());
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "identity-invalid") throw error;
      return this.#once(target, call, await this.identity.renew());
    }
  }

  async #once(target: string, call: Call, identity: string | null): Promise<Response> {
    const headers: Record<string, string> = { Accept: call.accept ?? "application/json" };
    if (call.token) headers.Authorization = `Bearer ${call.token}`;
    if (identity) headers["X-Heidi-Identity"] = identity;
    if (call.body) headers["Content-Type"] = "application/json";
    const response = await this.fetcher(`${this.origin}/v1${target}`, {
      method: call.method ?? "GET",
      headers,
      body: call.body ? JSON.stringify(call.body) : null,
      credentials: "omit",
      cache: "no-store",
      signal: call.signal ?? null,
      keepalive: call.keepalive ?? false,
    }).catch((error: unknown) => {
      throw new Unreachable(String(error));
    });
    if (!response.ok) throw await problemFrom(response);
    return response;
  }
}

function path(ref: ConversationRef, rest = ""): string {
  return `/conversations/${encodeURIComponent(ref.id)}${rest}`;
}
