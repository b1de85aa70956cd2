"""Owns the tool `book_meeting`, a write."""

from __future__ import annotations

from assistant.backends.calendar import Calendar, Wish
from assistant.backends.errors import SlotRefused
from assistant.backends.invitations import Invitations
from assistant.core.cards import meetings_card
from assistant.core.events import JsonObject
from assistant.core.phrasing import format_length, format_span, plain_text
from assistant.core.toolbox import Preview, ToolContext, ToolOutput, ToolPolicy
from assistant.tools.base import (
    customer_of,
    key_of,
    moment_schema,
    object_schema,
    text_schema,
    writes_own_data,
)
from assistant.tools.inviting import INVITATION_TEXTS, invite
from assistant.tools.people import find_people
from assistant.tools.said import require_said_start, require_said_words
from assistant.tools.scheduling import (
    DURATION_SCHEMA,
    TOPIC_LENGTH,
    Request,
    booking_message,
    hold_slot,
    local_iso,
    meeting_data,
    meeting_entry,
    minutes_of,
    offer_others,
    read_duration,
    topic_rows,
)
from assistant.tools.times import read_start
from assistant.tools.wishes import BOOKING


class BookMeeting:
    """Books a meeting with a team."""

    name: str = "book_meeting"
    description: str = (
        "Books a meeting with a team (sales, support or editorial) at a time that the visitor "
        "named or that find_free_slots offered. The customer confirms it before it happens; when "
        "the time is taken, the nearest free ones come back."
    )
    label: str = "Booking your meeting"
    schema: JsonObject = object_schema(
        {
            "team": text_schema("sales, support or editorial; may be left out with a host", 60),
            "host": text_schema("Name of a member of staff, only if the visitor named one", 60),
            "start": moment_schema("Start of the meeting, on a quarter hour"),
            "duration_minutes": DURATION_SCHEMA,
            "topic": {
                "type": "string",
                "maxLength": TOPIC_LENGTH,
                "description": "What the meeting is about, in the visitor's words",
            },
        },
        required=["start"],
    )
    policy: ToolPolicy = writes_own_data(BOOKING)

    def __init__(self, calendar: Calendar, invitations: Invitations | None = None) -> None:
        self._calendar = calendar
        self._invitations = invitations

    async def preview(self, arguments: JsonObject, context: ToolContext) -> Preview:
        """Find who is free at the time, keep it for the customer and show what would be booked."""
        customer_of(context)
        require_said_words("topic", arguments.get("topic", ""), context)
        request = await self._request(arguments, context)
        require_said_start(request.wish.start, context)
        slot = await hold_slot(self._calendar, request, context)
        length = slot.end - slot.start
        topic = plain_text(arguments.get("topic", ""), TOPIC_LENGTH)
        return Preview(
            title=f"Book this {slot.team.meeting_title.lower()}?",
            rows=(
                ("What", slot.team.meeting_title),
                ("With", slot.host_name),
                ("When", format_span(slot.start, slot.end, context.timezone)),
                ("Length", format_length(length)),
                *topic_rows(topic),
            ),
            confirm_label="Book it",
            arguments={
                "team": slot.team.id,
                "host": slot.host_id,
                "start": local_iso(slot.start, context.timezone),
                "duration_minutes": minutes_of(length),
                "topic": topic,
            },
        )

    async def run(self, arguments: JsonObject, context: ToolContext) -> ToolOutput:
        """Book what was confirmed."""
        request = await self._request(arguments, context)
        try:
            meeting = await self._calendar.book(
                customer_of(context),
                request.wish,
                topic=plain_text(arguments.get("topic", ""), TOPIC_LENGTH),
                idempotency_key=key_of(context),
                now=context.now,
            )
        except SlotRefused as refusal:
            raise await offer_others(self._calendar, request, refusal, context) from refusal
        when = format_span(meeting.start, meeting.end, context.timezone)
        sent = await invite(self._invitations, meeting, "booked", context)
        return ToolOutput(
            data={"invitation": sent, "meeting": meeting_data(meeting, context.timezone)},
            text=f"Booked: {meeting.title} on {when}.{INVITATION_TEXTS[sent]}",
            card=meetings_card("Booked", [meeting_entry(meeting, context)]),
        )

    async def release(self, context: ToolContext) -> None:
        """Let go of the time that was kept."""
        await self._calendar.release(customer_of(context))

    async def _request(self, arguments: JsonObject, context: ToolContext) -> Request:
        team, host = await find_people(self._calendar, arguments.get("team"), arguments.get("host"))
        wish = Wish(
            team_id=team.id,
            start=read_start(arguments["start"], context.timezone),
            duration=read_duration(arguments),
            host_id=host.id if host else None,
        )
        return Request(team=team, host=host, wish=wish, message_for=booking_message)
