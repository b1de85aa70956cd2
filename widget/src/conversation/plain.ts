/** Owns a conversation as plain text, to be kept or sent on by the visitor. Pure. */
import { withoutMarkers } from "../markdown/markers";
import type { ConversationView, ThreadItem } from "./conversation";
import type { TurnView } from "./turn";

/** Everything that was said, with its sources; `base` is where their paths lead. */
export function plainConversation(view: ConversationView, base: string): string {
  return view.items.map((item) => plainItem(item, base)).join("\n\n") + "\n";
}

function plainItem(item: ThreadItem, base: string): string {
  switch (item.kind) {
    case "staff":
      return `${item.staffName} (support team): ${item.text}`;
    case "notice":
      return `(${item.text})`;
    case "turn":
      return plainTurn(item, base);
  }
}

function plainTurn(turn: TurnView, base: string): string {
  const question = turn.message && !turn.isRepeat ? [`You: ${turn.message}`] : [];
  const said = [withoutMarkers(turn.text), turn.failure].filter(Boolean).join(" ");
  const answer = said ? [`Heidi: ${said}`] : [];
  const sources = new Map(turn.citations.map((one) => [one.path, one]));
  const cited = Array.from(
    sources.values(),
    ({ number, title, path }) => `  [${number}] ${title} — ${new URL(path, base).href}`,
  );
  return [...question, ...answer, ...cited].join("\n");
}
