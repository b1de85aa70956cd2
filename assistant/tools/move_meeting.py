"""Owns the tool `move_meeting`, a write."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from assistant.backends.availability import check_open
from assistant.backends.calendar import Calendar, Meeting, Slot, Wish
from assistant.backends.errors import SlotRefused
from assistant.backends.invitations import Invitations
from assistant.core.cards import meetings_card
from assistant.core.errors import ToolFailed
from assistant.core.events import JsonObject
from assistant.core.phrasing import format_length, format_span
from assistant.core.toolbox import Preview, ToolContext, ToolOutput, ToolPolicy
from assistant.tools.base import (
    customer_of,
    key_of,
    moment_schema,
    object_schema,
    text_schema,
    writes_own_data,
)
from assistant.tools.errors import SlotTaken
from assistant.tools.inviting import INVITATION_TEXTS, invite
from assistant.tools.people import find_people
from assistant.tools.said import require_said_start
from assistant.tools.scheduling import (
    DURATION_SCHEMA,
    MEETING_ID_SCHEMA,
    Request,
    hold_slot,
    local_iso,
    meeting_data,
    meeting_entry,
    minutes_of,
    moving_message,
    offer_others,
    read_meeting_id,
    topic_rows,
)
from assistant.tools.times import read_start
from assistant.tools.wishes import MOVING


class MoveMeeting:
    """Moves a meeting to another time."""

    name: str = "move_meeting"
    description: str = (
        "Moves one of the customer's meetings to a time that the visitor named or that "
        "find_free_slots offered, with the same person if they are free, else with another of the "
        "team. Get the id from list_meetings. The customer confirms it before it happens."
    )
    label: str = "Moving your meeting"
    schema: JsonObject = object_schema(
        {
            "meeting_id": MEETING_ID_SCHEMA,
            "start": moment_schema("New start, on a quarter hour"),
            "duration_minutes": DURATION_SCHEMA
            | {"description": "New length in minutes; as before without it"},
            "host": text_schema("Name of a member of staff, only if the visitor named one", 60),
        },
        required=["meeting_id", "start"],
    )
    policy: ToolPolicy = writes_own_data(MOVING)

    def __init__(self, calendar: Calendar, invitations: Invitations | None = None) -> None:
        self._calendar = calendar
        self._invitations = invitations

    async def preview(self, arguments: JsonObject, context: ToolContext) -> Preview:
        """Find who is free at the new time and show what would change."""
        zone = context.timezone
        meeting = await self._meeting(arguments, context)
        request = await self._request(arguments, meeting, context)
        require_said_start(request.wish.start, context, before=meeting.start)
        if _is_there_already(request.wish, meeting):
            raise ToolFailed("The meeting is at that time already, so there is nothing to change.")
        slot = await self._hold(request, meeting, context)
        return Preview(
            title=f"Move this {meeting.team.meeting_title.lower()}?",
            rows=(
                ("What", meeting.team.meeting_title),
                ("With", _say_host(meeting, slot)),
                ("From", format_span(meeting.start, meeting.end, zone)),
                ("To", format_span(slot.start, slot.end, zone)),
                ("Length", format_length(slot.end - slot.start)),
                *topic_rows(meeting.topic),
            ),
            confirm_label="Move it",
            arguments={
                "meeting_id": meeting.id,
                "start": local_iso(slot.start, zone),
                "duration_minutes": minutes_of(slot.end - slot.start),
                "host": slot.host_id,
            },
        )

    async def run(self, arguments: JsonObject, context: ToolContext) -> ToolOutput:
        """Move as confirmed."""
        zone = context.timezone
        before = await self._calendar.meeting(customer_of(context), read_meeting_id(arguments))
        request = await self._request(arguments, before, context)
        try:
            meeting = await self._calendar.move(
                customer_of(context),
                before.id,
                request.wish,
                idempotency_key=key_of(context),
                now=context.now,
            )
        except SlotRefused as refusal:
            raise await offer_others(self._calendar, request, refusal, context) from refusal
        when = format_span(meeting.start, meeting.end, zone)
        sent = await invite(self._invitations, meeting, "moved", context)
        return ToolOutput(
            data={"invitation": sent, "meeting": meeting_data(meeting, zone)},
            text=f"Moved: {meeting.title} is now on {when}.{INVITATION_TEXTS[sent]}",
            card=meetings_card("Moved", [meeting_entry(meeting, context)]),
        )

    async def _meeting(self, arguments: JsonObject, context: ToolContext) -> Meeting:
        found = await self._calendar.meeting(customer_of(context), read_meeting_id(arguments))
        return check_open(found, context.now)

    async def _request(
        self, arguments: JsonObject, meeting: Meeting, context: ToolContext
    ) -> Request:
        named = arguments.get("host")
        host = (await find_people(self._calendar, meeting.team.id, named))[1] if named else None
        minutes = arguments.get("duration_minutes")
        wish = Wish(
            team_id=meeting.team.id,
            start=read_start(arguments["start"], context.timezone),
            duration=timedelta(minutes=minutes) if minutes else meeting.end - meeting.start,
            host_id=host.id if host else None,
        )
        return Request(
            team=meeting.team,
            host=host,
            wish=wish,
            message_for=moving_message(meeting.id),
            moving=meeting.id,
        )

    async def release(self, context: ToolContext) -> None:
        """Let go of the time that was kept."""
        await self._calendar.release(customer_of(context))

    async def _hold(self, request: Request, meeting: Meeting, context: ToolContext) -> Slot:
        if request.wish.host_id is None:
            same_host = replace(request.wish, host_id=meeting.host_id)
            try:
                return await hold_slot(self._calendar, replace(request, wish=same_host), context)
            except SlotTaken:
                pass
        return await hold_slot(self._calendar, request, context)


def _is_there_already(wish: Wish, meeting: Meeting) -> bool:
    is_same_time = (wish.start, wish.duration) == (meeting.start, meeting.end - meeting.start)
    return is_same_time and wish.host_id in (None, meeting.host_id)


def _say_host(meeting: Meeting, slot: Slot) -> str:
    if slot.host_id == meeting.host_id:
        return slot.host_name
    return f"{slot.host_name} ({meeting.host_name} is not free then)"
