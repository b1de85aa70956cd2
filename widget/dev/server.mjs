/**
 * A stand-in for Heidi's server, for work on the bubble: keeps its log in memory, answers with the
 * golden streams, and can drop, fall silent, pause and forget on request. Not for anything else.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { answerTo, answerToDecision } from "./scripts.mjs";

const PORT = Number(process.env.PORT ?? 5180);
const STEP_MS = Number(process.env.STEP_MS ?? 260);
const BUNDLE = new URL("../../assistant/site/static/widget/heidi.js", import.meta.url);
const PAGE = new URL("index.html", import.meta.url);
const SUGGESTIONS = [
  "What is the AI skills gap about?",
  "Latest news on robotics",
  "What's my balance?",
  "When is sales free next Tuesday?",
];

const conversations = new Map();
const streams = new Set();
let downUntil = 0;

const routes = [
  ["GET", /^\/$/, (_, reply) => send(reply, 200, readFileSync(PAGE), "text/html")],
  ["GET", /^\/widget\/heidi\.js$/, (_, reply) => send(reply, 200, readFileSync(BUNDLE), "text/javascript")],
  ["GET", /^\/sign-in$/, signIn],
  ["GET", /^\/dev\/(\w+)$/, control],
  ["POST", /^\/v1\/conversations$/, create],
  ["GET", /^\/v1\/conversations\/([^/]+)$/, owned(transcript)],
  ["POST", /^\/v1\/conversations\/([^/]+)\/turns$/, owned(ask)],
  ["POST", /^\/v1\/conversations\/([^/]+)\/turns\/([^/]+)\/cancel$/, owned(cancel)],
  ["POST", /^\/v1\/conversations\/([^/]+)\/turns\/([^/]+)\/feedback$/, owned(feedback)],
  ["POST", /^\/v1\/conversations\/([^/]+)\/actions\/([^/]+)$/, owned(decide)],
  ["POST", /^\/v1\/conversations\/([^/]+)\/identity$/, owned(identity)],
  ["POST", /^\/v1\/conversations\/([^/]+)\/resume$/, owned(resume)],
  ["GET", /^\/v1\/conversations\/([^/]+)\/events$/, owned(tail)],
];

createServer(async (request, reply) => {
  const url = new URL(request.url, "http://localhost");
  if (Date.now() < downUntil && url.pathname.startsWith("/v1")) return request.destroy();
  const body = await read(request);
  for (const [method, pattern, handle] of routes) {
    const match = pattern.exec(url.pathname);
    if (match && method === request.method) {
      return handle({ url, body, headers: request.headers, match, request }, reply);
    }
  }
  problem(reply, 404, "not-found", "There is nothing here.");
}).listen(PORT, "127.0.0.1", () => process.stdout.write(`http://127.0.0.1:${PORT}/\n`));

function signIn({ url }, reply) {
  const next = url.searchParams.get("next") ?? "/";
  reply.writeHead(302, { "Set-Cookie": "signed_in=1; Path=/", Location: next }).end();
}

function control({ match }, reply) {
  if (match[1] === "down") downUntil = Date.now() + 12_000;
  if (match[1] === "forget") conversations.clear();
  if (match[1] === "staff") {
    for (const one of conversations.values()) {
      append(one, null, { type: "staff.message", staff_name: "Mira Keller", text: "Hello, this is Mira." });
    }
  }
  if (match[1] === "pause") {
    for (const one of conversations.values()) {
      one.isPaused = true;
      append(one, null, { type: "conversation.paused", reason: "idle" });
    }
  }
  if (["down", "drop", "pause", "forget"].includes(match[1])) {
    for (const stream of streams) stream.destroy();
  }
  reply.writeHead(302, { Location: "/" }).end();
}

function create(_, reply) {
  const one = { id: randomUUID(), token: randomUUID(), log: [], readers: new Set(), stop: false };
  conversations.set(one.id, one);
  send(reply, 201, { id: one.id, token: one.token, greeting: "", suggestions: SUGGESTIONS });
}

function owned(handle) {
  return (call, reply) => {
    const one = conversations.get(call.match[1]);
    if (!one) return problem(reply, 404, "not-found", "There is no such conversation.");
    if (call.headers.authorization !== `Bearer ${one.token}`) {
      return problem(reply, 401, "visitor-token-invalid", "This is not your conversation.");
    }
    return handle({ ...call, one }, reply);
  };
}

function transcript({ one }, reply) {
  send(reply, 200, { id: one.id, is_paused: one.isPaused === true, events: one.log });
}

function ask({ one, body, headers }, reply) {
  const known = one.log.find((event) => event.client_turn_id === body.client_turn_id);
  if (!known && one.runningId) {
    return problem(reply, 409, "turn-running", "Heidi is still answering.");
  }
  if (!known && /too often/.test(body.message) && !one.wasLimited) {
    one.wasLimited = true;
    reply.setHeader("Retry-After", "8");
    return problem(reply, 429, "rate-limited", "You ask very quickly.");
  }
  const isSignedIn = "x-heidi-identity" in headers;
  const turnId =
    known?.turn_id ?? run(one, body.message, body.client_turn_id, null, answerTo(body.message, isSignedIn));
  send(reply, 202, { turn_id: turnId, after: one.log.length });
}

function decide({ one, body, match }, reply) {
  const events = answerToDecision(match[2], body.decision);
  const turnId = run(one, "", body.client_turn_id, match[2], events);
  send(reply, 202, { turn_id: turnId, after: one.log.length });
}

function cancel({ one, match }, reply) {
  one.stop = true;
  send(reply, 202, { turn_id: match[2] });
}

function feedback({ one, body, match }, reply) {
  append(one, match[2], { type: "feedback", rating: body.rating });
  reply.writeHead(204).end();
}

function identity({ one }, reply) {
  const isAsked = one.log.at(-1)?.outcome === "sign_in_required";
  const { message } = one.log.findLast((event) => event.type === "turn.started") ?? {};
  const turnId = isAsked ? run(one, message, randomUUID(), null, answerTo(message, true)) : null;
  send(reply, 200, { customer: { name: "Anna Muster" }, turn_id: turnId });
}

function resume({ one }, reply) {
  one.isPaused = false;
  append(one, null, { type: "conversation.resumed", by: "visitor" });
  send(reply, 200, { after: one.log.length });
}

function tail({ one, url, request }, reply) {
  reply.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
  const write = (event) =>
    reply.write(`id: ${event.seq}\r\nevent: ${event.type}\r\ndata: ${JSON.stringify(event)}\r\n\r\n`);
  reply.write(": welcome\r\n\r\n");
  one.log.slice(Number(url.searchParams.get("after"))).forEach(write);
  one.readers.add(write);
  streams.add(reply);
  const heartbeat = setInterval(() => reply.write(": ping\r\n\r\n"), 15_000);
  request.on("close", () => {
    clearInterval(heartbeat);
    one.readers.delete(write);
    streams.delete(reply);
  });
}

function run(one, message, clientTurnId, actionId, events) {
  const turnId = randomUUID();
  one.runningId = turnId;
  one.stop = false;
  append(one, turnId, { type: "turn.started", message, client_turn_id: clientTurnId, action_id: actionId });
  const queue = [...events];
  const timer = setInterval(() => {
    const event = one.stop ? { type: "turn.completed", outcome: "cancelled" } : queue.shift();
    const isLast = /^turn\.(completed|failed|interrupted)$/.test(event.type);
    if (isLast) clearInterval(timer);
    if (isLast) one.runningId = null;
    append(one, turnId, event.action_id === "action-1" ? { ...event, action_id: turnId } : event);
  }, STEP_MS);
  return turnId;
}

function append(one, turnId, event) {
  const entry = { seq: one.log.length + 1, turn_id: turnId, at: new Date().toISOString(), ...event };
  one.log.push(entry);
  for (const write of one.readers) write(entry);
}

function problem(reply, status, code, detail) {
  const remedy = status === 429 ? "Wait a little." : "";
  const body = { type: `/problems/${code}`, title: code, status, detail, remedy };
  send(reply, status, body, "application/problem+json");
}

function send(reply, status, body, type = "application/json") {
  const isRaw = typeof body === "string" || Buffer.isBuffer(body);
  reply.writeHead(status, { "Content-Type": `${type}; charset=utf-8`, "Cache-Control": "no-store" });
  reply.end(isRaw ? body : JSON.stringify(body));
}

async function read(request) {
  let source = "";
  for await (const piece of request) source += piece;
  return source ? JSON.parse(source) : {};
}
