/**
 * Owns the states of the connection and the words for them. Pure: time and chance are passed in.
 *
 * idle → connecting → live ⇄ rejoining ⇄ waiting → failed
 *                      ├→ paused → resuming → connecting, or resume-failed
 *                      └→ connecting, when the server asks for other credentials
 */

/** Where the connection stands. `attempt` counts the tries since it was last live. */
export type Link =
  | { readonly phase: "idle" | "failed" | "paused" | "resuming" | "resume-failed" }
  | { readonly phase: "connecting" | "rejoining"; readonly attempt: number }
  | { readonly phase: "live"; readonly attempt: number; readonly since: number }
  | { readonly phase: "waiting"; readonly attempt: number; readonly retryAt: number };

/**
 * What happens to it. `nudge`: the browser is online or visible again. `ended`: the server asks to
 * open the stream anew, with the credentials that are good now.
 */
export type LinkInput =
  | "start"
  | "stop"
  | "opened"
  | "lost"
  | "ended"
  | "due"
  | "nudge"
  | "retry"
  | "paused"
  | "resume"
  | "resumed"
  | "resume-refused";

/** The clock in milliseconds and a number in [0, 1). */
export interface Circumstances {
  readonly now: number;
  readonly chance: number;
}

/** After this many failed tries the visitor is asked. About two and a half minutes. */
export const MAX_ATTEMPTS = 10;

/** A stream that ended sooner than this did not work. */
export const STABLE_MS = 3_000;

/** So many streams in a row may end sooner, when the server asks for it. */
const MAX_QUICK_ENDS = 3;

const BASE_MS = 1_000;
const CAP_MS = 30_000;

/** The state that a new bubble has. */
export const IDLE: Link = { phase: "idle" };

/** Delay before the next try: exponential, half of it random, so that clients spread out. */
export function backoffMs(attempt: number, chance: number): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** (attempt - 1));
  return Math.round(ceiling * (0.5 + chance / 2));
}

/** The next state; the same one if the input means nothing in it. */
export function step(link: Link, input: LinkInput, circumstances: Circumstances): Link {
  switch (input) {
    case "stop":
      return IDLE;
    case "start":
      return link.phase === "idle" ? { phase: "connecting", attempt: 0 } : link;
    case "opened":
      return opened(link, circumstances.now);
    case "lost":
      return lost(link, circumstances);
    case "ended":
      return ended(link, circumstances);
    case "due":
      return link.phase === "waiting" ? rejoin(link.attempt + 1) : link;
    case "nudge":
      if (link.phase === "waiting") return rejoin(link.attempt + 1);
      return link.phase === "failed" ? rejoin(1) : link;
    case "retry":
      return link.phase === "waiting" || link.phase === "failed" ? rejoin(1) : link;
    case "paused":
      return link.phase === "idle" ? link : { phase: "paused" };
    case "resume":
      return link.phase === "paused" || link.phase === "resume-failed"
        ? { phase: "resuming" }
        : link;
    case "resumed":
      return ["paused", "resuming", "resume-failed"].includes(link.phase)
        ? { phase: "connecting", attempt: 0 }
        : link;
    case "resume-refused":
      return link.phase === "resuming" ? { phase: "resume-failed" } : link;
  }
}

function rejoin(attempt: number): Link {
  return { phase: "rejoining", attempt };
}

function opened(link: Link, now: number): Link {
  if (link.phase !== "connecting" && link.phase !== "rejoining") return link;
  return { phase: "live", attempt: link.attempt, since: now };
}

function lost(link: Link, circumstances: Circumstances): Link {
  switch (link.phase) {
    case "live": {
      const wasStable = circumstances.now - link.since >= STABLE_MS;
      return wasStable || link.attempt === 0 ? rejoin(1) : wait(link.attempt, circumstances);
    }
    case "connecting":
      return wait(1, circumstances);
    case "rejoining":
      return wait(link.attempt, circumstances);
    default:
      return link;
  }
}

/** Silently; but a server that asks for it again and again is treated as a broken line. */
function ended(link: Link, circumstances: Circumstances): Link {
  if (link.phase !== "live") return link;
  const wasStable = circumstances.now - link.since >= STABLE_MS;
  if (wasStable) return { phase: "connecting", attempt: 0 };
  if (link.attempt >= MAX_QUICK_ENDS) return lost(link, circumstances);
  return { phase: "connecting", attempt: link.attempt + 1 };
}

function wait(attempt: number, { now, chance }: Circumstances): Link {
  if (attempt >= MAX_ATTEMPTS) return { phase: "failed" };
  return { phase: "waiting", attempt, retryAt: now + backoffMs(attempt, chance) };
}

/** A button of the connection's notice. */
export type LinkAction = "retry" | "reload" | "resume" | "resume-again";

/** What the visitor reads while the connection is not as it should be. */
export interface LinkNotice {
  readonly text: string;
  readonly actions: readonly LinkAction[];
}

/** The words for a state; null when all is well. */
export function noticeFor(link: Link, now: number): LinkNotice | null {
  switch (link.phase) {
    case "rejoining":
      return { text: "Rejoining the server...", actions: [] };
    case "waiting": {
      const seconds = Math.max(1, Math.ceil((link.retryAt - now) / 1000));
      const unit = seconds === 1 ? "second" : "seconds";
      const text = `Rejoin failed... trying again in ${seconds} ${unit}.`;
      return { text, actions: ["retry"] };
    }
    case "failed":
      return {
        text: "Failed to rejoin. Please retry or reload the page.",
        actions: ["retry", "reload"],
      };
    case "paused":
    case "resuming":
      return { text: "The session has been paused by the server.", actions: ["resume"] };
    case "resume-failed":
      return { text: "Failed to resume the session.", actions: ["resume-again", "reload"] };
    default:
      return null;
  }
}
