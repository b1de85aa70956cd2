"""Owns the tool `request_person`: a harmless write, done once for a conversation."""

from __future__ import annotations

from assistant.backends.handoff import Handoff, Handoffs
from assistant.core.events import JsonObject
from assistant.core.phrasing import plain_text
from assistant.core.toolbox import ToolContext, ToolOutput, ToolPolicy
from assistant.tools.base import ReadTool, object_schema

REASON_LENGTH = 200
DEFAULT_REASON = "The visitor asked for a person."


class RequestPerson(ReadTool):
    """Asks a person of the support staff to take over."""

    name: str = "request_person"
    description: str = (
        "Asks a person of the support staff to take over this conversation. Use it when the "
        "visitor asks for a person, is upset, or could not be helped several times."
    )
    label: str = "Asking our support team"
    schema: JsonObject = object_schema(
        {
            "reason": {
                "type": "string",
                "maxLength": REASON_LENGTH,
                "description": "Why, in a few words for the staff",
            }
        }
    )
    policy: ToolPolicy = ToolPolicy(needs_identity=False, writes=True, needs_confirmation=False)

    def __init__(self, handoffs: Handoffs) -> None:
        self._handoffs = handoffs

    async def run(self, arguments: JsonObject, context: ToolContext) -> ToolOutput:
        """Put the conversation into the staff's queue, unless it is there."""
        reason = plain_text(arguments.get("reason", ""), REASON_LENGTH)
        handoff = await self._handoffs.ask(
            context.conversation_id,
            context.caller,
            reason=reason or DEFAULT_REASON,
            now=context.now,
        )
        return ToolOutput(
            data={"ticket_id": handoff.ticket_id, "is_new": handoff.is_new},
            text=_sentence(handoff),
        )


def _sentence(handoff: Handoff) -> str:
    asked = (
        "I've asked our support team to join this conversation"
        if handoff.is_new
        else "Our support team knows already that you wait for a person"
    )
    if handoff.is_staffed:
        return f"{asked}; someone will answer you here shortly."
    by_mail = " or by e-mail" if handoff.can_reply_by_mail else ""
    if handoff.is_staffed is None:
        return f"{asked}; they will answer here{by_mail} as soon as they can."
    return (
        f"{asked}. Nobody is online right now; they will answer here{by_mail} when they are back."
    )
