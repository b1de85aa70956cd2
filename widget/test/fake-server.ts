/** A server in memory that keeps the contract of docs/http-api.md, behind `fetch`. */
import type { Json } from "../src/protocol/reading";

export const ORIGIN = "https://heidi.example";

/** A request that reached the server: method, path below /v1, body. */
export interface Seen {
  readonly call: string;
  readonly body: Json;
  readonly identity: string | null;
  /** The visitor token. */
  readonly token: string | null;
}

type Reply = () => Response;

/** One conversation at a time; answers nothing by itself. */
export class FakeServer {
  readonly seen: Seen[] = [];
  log: Json[] = [];
  isDown = false;
  isPaused = false;
  /** Whether answers get lost on their way; what was asked for is done. */
  isMute = false;
  created = 0;
  /** Visitor tokens that answers hand over, each once. */
  successors: string[] = [];
  /** What `…/summary` tells, by conversation. */
  summaries: Record<string, Json> = {};
  #turns = 0;
  #readers = new Set<ReadableStreamDefaultController<Uint8Array>>();
  #refusals = new Map<string, Reply[]>();

  readonly fetch: typeof fetch = async (input, init) => {
    const call = `${init?.method} ${String(input).replace(`${ORIGIN}/v1`, "")}`;
    if (this.isDown) throw new TypeError("Failed to fetch");
    const body = JSON.parse((init?.body as string | null) ?? "{}") as Json;
    const headers = new Headers(init?.headers);
    const token = headers.get("Authorization")?.replace("Bearer ", "") ?? null;
    this.seen.push({ call, body, identity: headers.get("X-Heidi-Identity"), token });
    const refusal = this.#refusals.get(call)?.shift();
    if (refusal) return refusal();
    const response = this.#answer(call, body, init?.signal ?? null);
    const successor = token && this.successors.shift();
    if (successor) response.headers.set("X-Heidi-Visitor-Token", successor);
    if (this.isMute) return new Promise<Response>(() => undefined);
    return response;
  };

  /** The calls so far, in order. */
  get calls(): string[] {
    return this.seen.map(({ call }) => call);
  }

  /** The next such call is refused; `meanwhile` happens while the refusal is on its way. */
  refuse(
    call: string,
    status: number,
    code: string,
    headers: Record<string, string> = {},
    meanwhile: () => void = () => undefined,
  ): void {
    const body = { type: `/problems/${code}`, detail: `No: ${code}.`, remedy: "" };
    const reply = (): Response => {
      meanwhile();
      return new Response(JSON.stringify(body), { status, headers });
    };
    this.#refusals.set(call, [...(this.#refusals.get(call) ?? []), reply]);
  }

  /** Add to the log and tell who follows it. */
  append(type: string, turnId: string | null, fields: Json = {}): void {
    const at = "2026-03-10T09:30:00+00:00";
    const event = { seq: this.log.length + 1, type, turn_id: turnId, at, ...fields };
    this.log.push(event);
    for (const reader of this.#readers) reader.enqueue(message(event));
  }

  /** End all streams. */
  drop(): void {
    for (const reader of this.#readers) reader.close();
    this.#readers.clear();
  }

  /** Ask those who follow to come again, with the credentials that are good now. */
  askToRejoin(): void {
    const data = 'event: rejoin\ndata: {"type":"rejoin","reason":"credentials"}\n\n';
    for (const reader of this.#readers) reader.enqueue(new TextEncoder().encode(data));
    this.drop();
  }

  /** Answer the last turn. */
  answer(text: string, outcome = "answered"): void {
    this.append("text.delta", `turn-${this.#turns}`, { text });
    this.append("turn.completed", `turn-${this.#turns}`, { outcome });
  }

  /** Forget the conversation. */
  forget(): void {
    this.log = [];
    this.drop();
  }

  #answer(call: string, body: Json, signal: AbortSignal | null): Response {
    if (call === "POST /conversations") {
      this.created += 1;
      const id = `conversation-${this.created}`;
      return json(201, { id, token: `token-${this.created}`, greeting: "", suggestions: ["One?"] });
    }
    if (call.endsWith("/summary")) return json(200, this.summaries[call.split("/")[2] ?? ""] ?? {});
    if (call.includes("/events")) return this.#tail(Number(call.split("after=")[1]), signal);
    if (call.endsWith("/turns")) return this.#ask(body, null);
    if (call.includes("/actions/")) return this.#ask(body, call.split("/").pop() ?? "");
    if (call.endsWith("/identity")) return json(200, { customer: { name: "Anna" }, turn_id: null });
    if (call.startsWith("GET")) return json(200, { is_paused: this.isPaused, events: this.log });
    return json(202, {});
  }

  #ask(body: Json, actionId: string | null): Response {
    const id = body.client_turn_id;
    if (!this.log.some((event) => event.client_turn_id === id)) {
      this.#turns += 1;
      this.append("turn.started", `turn-${this.#turns}`, {
        message: body.message ?? "",
        client_turn_id: id,
        action_id: actionId,
      });
    }
    return json(202, { turn_id: `turn-${this.#turns}`, after: 0 });
  }

  #tail(after: number, signal: AbortSignal | null): Response {
    let own: ReadableStreamDefaultController<Uint8Array>;
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        own = controller;
        this.#readers.add(controller);
        this.log.slice(after).forEach((event) => controller.enqueue(message(event)));
      },
      cancel: () => void this.#readers.delete(own),
    });
    signal?.addEventListener("abort", () => this.#readers.delete(own));
    return new Response(stream, { status: 200 });
  }
}

function message(event: Json): Uint8Array {
  return new TextEncoder().encode(`id: ${String(event.seq)}\ndata: ${JSON.stringify(event)}\n\n`);
}

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status });
}
