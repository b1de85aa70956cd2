"""Owns what the meeting tools do and say about invitations by mail."""

from __future__ import annotations

from assistant.backends.calendar import Meeting
from assistant.backends.invitations import Invitations, Occasion, Sent
from assistant.core.toolbox import ToolContext
from assistant.tools.base import customer_of

INVITATION_TEXTS: dict[Sent, str] = {
    "sent": " You'll get it by e-mail too.",
    "failed": " The e-mail about it could not be sent.",
    "off": "",
}


async def invite(
    invitations: Invitations | None, meeting: Meeting, occasion: Occasion, context: ToolContext
) -> Sent:
    """Tell the customer by mail what was done; never fails."""
    if invitations is None:
        return "off"
    return await invitations.send(
        customer_of(context), meeting, occasion, now=context.now, zone=context.timezone
    )
