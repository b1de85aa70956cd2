/**
 * Owns what can go wrong between the bubble and the server.
 *
 * Error
 * ├── Problem       the server answered with problem+json (RFC 9457)
 * └── Unreachable   no answer: offline, refused, timed out
 */
import { object, parseObject, text } from "./reading";

/** The server refused a request and says why. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    /** Last part of the problem's `type`, such as `rate-limited`. */
    readonly code: string,
    readonly detail: string,
    readonly remedy: string,
    readonly retryAfterS: number,
  ) {
    super(`${status} ${code}`);
  }

  /** Whether the stored conversation can't be used any more by this visitor. */
  get isGone(): boolean {
    return [401, 403, 404].includes(this.status) && this.code !== "identity-invalid";
  }

  /** Whether the same request may succeed later. */
  get isTemporary(): boolean {
    // A spent budget comes back tomorrow or never: no bubble waits for that.
    if (this.code === "budget-spent") return false;
    // The page could not be asked for a new token: it may be, later.
    if (this.code === "identity-invalid") return true;
    return this.status >= 500 || this.status === 429 || this.code === "turn-running";
  }

  /** What to tell the visitor. */
  get words(): string {
    return [this.detail, this.remedy].filter(Boolean).join(" ");
  }
}

/** The server could not be reached. */
export class Unreachable extends Error {}

const DEFAULT_RETRY_AFTER_S = 10;

/** The problem that an answer with an error status describes. */
export async function problemFrom(response: Response): Promise<Problem> {
  const body = object(parseObject(await response.text().catch(() => "")));
  const code = text(body.type).split("/").filter(Boolean).pop() ?? "";
  const detail = text(body.detail) || text(body.title) || "The server could not answer.";
  // Unreadable across origins unless the server exposes the header.
  const retryAfterS = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return new Problem(
    response.status,
    code,
    detail,
    text(body.remedy),
    retryAfterS > 0 ? Math.ceil(retryAfterS) : DEFAULT_RETRY_AFTER_S,
  );
}
