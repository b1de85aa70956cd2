"""Owns the tool `cancel_meeting`, a write."""

from __future__ import annotations

from assistant.backends.availability import check_open
from assistant.backends.calendar import Calendar
from assistant.backends.invitations import Invitations
from assistant.core.cards import meetings_card
from assistant.core.events import JsonObject
from assistant.core.phrasing import format_span
from assistant.core.toolbox import Preview, ToolContext, ToolOutput, ToolPolicy
from assistant.tools.base import customer_of, key_of, object_schema, writes_own_data
from assistant.tools.inviting import INVITATION_TEXTS, invite
from assistant.tools.scheduling import (
    MEETING_ID_SCHEMA,
    meeting_data,
    meeting_entry,
    read_meeting_id,
    topic_rows,
)
from assistant.tools.wishes import CANCELLING


class CancelMeeting:
    """Cancels a meeting."""

    name: str = "cancel_meeting"
    description: str = (
        "Cancels one of the customer's meetings. Get the id from list_meetings. The customer "
        "confirms it before it happens."
    )
    label: str = "Cancelling your meeting"
    schema: JsonObject = object_schema({"meeting_id": MEETING_ID_SCHEMA}, required=["meeting_id"])
    policy: ToolPolicy = writes_own_data(CANCELLING)

    def __init__(self, calendar: Calendar, invitations: Invitations | None = None) -> None:
        self._calendar = calendar
        self._invitations = invitations

    async def preview(self, arguments: JsonObject, context: ToolContext) -> Preview:
        """Show which meeting would be cancelled."""
        found = await self._calendar.meeting(customer_of(context), read_meeting_id(arguments))
        meeting = check_open(found, context.now)
        return Preview(
            title=f"Cancel this {meeting.team.meeting_title.lower()}?",
            rows=(
                ("What", meeting.team.meeting_title),
                ("With", meeting.host_name),
                ("When", format_span(meeting.start, meeting.end, context.timezone)),
                *topic_rows(meeting.topic),
            ),
            confirm_label="Cancel the meeting",
            arguments={"meeting_id": meeting.id},
        )

    async def run(self, arguments: JsonObject, context: ToolContext) -> ToolOutput:
        """Cancel as confirmed."""
        meeting = await self._calendar.cancel(
            customer_of(context),
            read_meeting_id(arguments),
            idempotency_key=key_of(context),
            now=context.now,
        )
        when = format_span(meeting.start, meeting.end, context.timezone)
        sent = await invite(self._invitations, meeting, "cancelled", context)
        return ToolOutput(
            data={"invitation": sent, "meeting": meeting_data(meeting, context.timezone)},
            text=f"Cancelled: {meeting.title} on {when}.{INVITATION_TEXTS[sent]}",
            card=meetings_card("Cancelled", [meeting_entry(meeting, context)]),
        )
