/** Owns what is told of an unread message while the panel is closed. Pure. */
import type { ConversationView } from "../conversation/conversation";
import { plainText } from "./announcements";
import type { Preview } from "./nudge";

/** Who spoke last, and what; null while an answer is still being written. */
export function lastSpoken({ items }: ConversationView): Preview | null {
  const last = items.findLast((item) => item.kind !== "notice");
  if (last?.kind === "staff") return { speaker: last.staffName, text: last.text };
  if (last?.kind !== "turn" || last.phase === "running" || last.text === "") return null;
  return { speaker: "Heidi", text: plainText(last.text) };
}
