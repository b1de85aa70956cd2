/** Owns the requests to Heidi's server. Knows the contract, keeps no state. */
import { readEvent, type ChatEvent } from "./events";
import { Problem, problemFrom, Unreachable } from "./problems";
import { list, object, text, type Json } from "./reading";

/** Names a conversation and proves that it is the visitor's. */
export interface ConversationRef {
  readonly id: string;
  /** The visitor token that is to be sent now. */
  readonly token: string;
  /** The server has handed over the token's successor. */
  renew?(token: string): void;
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

/** What a list shows of a conversation. */
export interface Summary {
  readonly id: string;
  /** The beginning of the first message. */
  readonly title: string;
  /** When the last turn began. */
  readonly at: string;
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
  readonly ref?: ConversationRef;
  readonly body?: Json;
  readonly accept?: string;
  readonly signal?: AbortSignal;
  readonly keepalive?: boolean;
}

const TIMEOUT_MS = 20_000;

/** How often one request is sent again with other credentials. */
const MAX_MENDINGS = 2;

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
    const body = await this.#json(path(ref), { ref });
    const events = list(body.events, readEvent).filter((event) => event !== null);
    const linkHosts = list(body.link_hosts, text);
    return { isPaused: body.is_paused === true, linkHosts, events };
  }

  /** What a list shows of a conversation. */
  async summary(ref: ConversationRef): Promise<Summary> {
    const body = await this.#json(path(ref, "/summary"), { ref });
    return { id: ref.id, title: text(body.title), at: text(body.updated_at) };
  }

  /** Open the stream of everything after event number `after`. */
  async tail(
    ref: ConversationRef,
    after: number,
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    const accept = "text/event-stream";
    const target = path(ref, `/events?after=${after}`);
    const response = await this.#send(target, { ref, accept, signal });
    if (!response.body) throw new Unreachable("The stream has no body.");
    return response.body;
  }

  /** Ask a question. The same `clientTurnId` never asks twice. */
  async ask(ref: ConversationRef, message: string, clientTurnId: string): Promise<void> {
    const body = { message, client_turn_id: clientTurnId };
    await this.#json(path(ref, "/turns"), { method: "POST", ref, body });
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
    await this.#json(target, { method: "POST", ref, body });
  }

  /** Stop an answer. */
  async cancel(ref: ConversationRef, turnId: string): Promise<void> {
    const target = path(ref, `/turns/${encodeURIComponent(turnId)}/cancel`);
    await this.#json(target, { method: "POST", ref });
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
    await this.#json(target, { method: "POST", ref, body });
  }

  /** Say who the customer is; the name that the server knows, empty if it knows none. */
  async introduce(ref: ConversationRef): Promise<string> {
    const body = await this.#json(path(ref, "/identity"), { method: "POST", ref });
    return text(object(body.customer).name);
  }

  /** A meeting as a calendar file (iCalendar); asked for with both tokens, which a link can't carry. */
  async meetingFile(ref: ConversationRef, meetingId: string): Promise<Blob> {
    const target = path(ref, `/meetings/${encodeURIComponent(meetingId)}.ics`);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await this.#send(target, { ref, accept: "text/calendar", signal });
    return response.blob();
  }

  /** End a pause. */
  async resume(ref: ConversationRef): Promise<void> {
    await this.#json(path(ref, "/resume"), { method: "POST", ref });
  }

  /**
   * Let the server refuse a customer's identity token from now on, and the visitor token too.
   * Outlives the page, which is often left at once.
   */
  async signOut(identity: string, ref: ConversationRef | null): Promise<void> {
    const call: Call = { method: "POST", keepalive: true };
    await this.#once("/sign-out", ref ? { ...call, ref } : call, identity);
  }

  async #json(target: string, call: Call): Promise<Json> {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await this.#send(target, { signal, ...call });
    if (response.status === 204) return {};
    return object(await response.json().catch(() => ({})));
  }

  async #send(target: string, call: Call, mendings = MAX_MENDINGS): Promise<Response> {
    const identity = await this.identity.token();
    const sent = call.ref?.token;
    try {
      return await this.#once(target, call, identity);
    } catch (error) {
      if (mendings === 0 || !(error instanceof Problem)) throw error;
      if (!(await this.#canMend(error, call, sent))) throw error;
      return this.#send(target, call, mendings - 1);
    }
  }

  /** Whether there are other credentials than those that were refused. */
  async #canMend(problem: Problem, call: Call, sent: string | undefined): Promise<boolean> {
    switch (problem.code) {
      case "identity-invalid":
        await this.identity.renew();
        return true;
      case "identity-required":
        // Another tab may have signed in.
        return (await this.identity.renew()) !== null;
      case "visitor-token-invalid":
        // Another tab may have been handed the successor.
        return call.ref?.token !== sent;
      default:
        return false;
    }
  }

  async #once(target: string, call: Call, identity: string | null): Promise<Response> {
    const headers: Record<string, string> = { Accept: call.accept ?? "application/json" };
    if (call.ref) headers.Authorization = `Bearer ${call.ref.token}`;
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
    const successor = response.headers.get("X-Heidi-Visitor-Token");
    if (successor) call.ref?.renew?.(successor);
    if (!response.ok) throw await problemFrom(response);
    return response;
  }
}

function path(ref: ConversationRef, rest = ""): string {
  return `/conversations/${encodeURIComponent(ref.id)}${rest}`;
}
