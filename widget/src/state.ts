/** Owns the state of the bubble: everything it shows follows from this value. */
import { IDLE, type Link } from "./connection/machine";
import { EMPTY, type ConversationView } from "./conversation/conversation";
import type { Outbox } from "./conversation/outbox";

/** A sentence above the composer. */
export interface Notice {
  readonly text: string;
  /** Milliseconds: until when the server wants no more messages; null for no limit. */
  readonly until: number | null;
}

/** Everything the bubble shows. */
export interface SessionState {
  readonly conversation: ConversationView;
  readonly suggestions: readonly string[];
  /** Hosts that an answer may link to besides Heidi's own. */
  readonly linkHosts: readonly string[];
  readonly outbox: Outbox;
  readonly link: Link;
  readonly notice: Notice | null;
  /** Whether there are conversations to go back to. */
  readonly hasEarlier: boolean;
  /** Null while nobody is signed in; empty for a customer without a name. */
  readonly customerName: string | null;
  /** The turn whose end the visitor has asked for. */
  readonly stoppingTurnId: string | null;
  /** Actions that the server says are settled, though the log does not tell how. */
  readonly settledActions: readonly string[];
  /** A message that the server refused, to be edited and sent again. */
  readonly returned: string | null;
}

/** The state of a bubble in which nothing happened. */
export const FRESH: SessionState = {
  conversation: EMPTY,
  suggestions: [],
  linkHosts: [],
  outbox: [],
  link: IDLE,
  notice: null,
  hasEarlier: false,
  customerName: null,
  stoppingTurnId: null,
  settledActions: [],
  returned: null,
};
