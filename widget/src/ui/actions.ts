/** Owns what the parts of the panel may ask for. */

/** What a visitor can do in the thread. */
export interface ChatActions {
  /** Ask a question. */
  ask(message: string): void;
  /** Confirm or decline a proposal. */
  decide(actionId: string, decision: "confirm" | "decline"): void;
  /** Judge an answer. */
  rate(turnId: string, rating: "up" | "down", comment?: string): void;
  /** Save a meeting for the customer's own calendar. */
  saveMeeting(meetingId: string): void;
  /** Go to the page's sign-in. */
  signIn(reason: string): void;
}

/** Where the bubble is. */
export interface Surroundings {
  /** Relative links lead here: Heidi's server. */
  readonly base: string;
  /** Hosts that an answer may link to besides Heidi's own, as the server names them. */
  linkHosts(): readonly string[];
  /** Whether a link opens in this tab: it stays on the page's own site. */
  isHere(href: string): boolean;
}
