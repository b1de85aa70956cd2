"""Owns what the meeting tools share: taking a wished slot, and offering others when it is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from assistant.backends.calendar import Calendar, Host, Meeting, Slot, Team, Wish
from assistant.backends.errors import RefusalReason, SlotRefused
from assistant.core.actions import ACTION_LIFETIME
from assistant.core.caller import VerifiedCustomer
from assistant.core.cards import slots_card
from assistant.core.events import JsonObject
from assistant.core.phrasing import (
    format_date_and_time,
    format_day,
    format_slot,
    format_span,
    format_weekday,
    format_when,
    join_words,
    plain_text,
)
from assistant.core.toolbox import ToolContext
from assistant.tools.base import customer_of
from assistant.tools.errors import SlotTaken

ALTERNATIVES = 3
DAYS_BEFORE, DAYS_AFTER = timedelta(days=3), timedelta(days=14)
"""How far around a refused time others are looked for."""
DAY_WEIGHT = timedelta(hours=6)
"""A day away counts like this much on the clock: Friday at ten is nearer to a closed Saturday at
ten than Friday night is."""

DEFAULT_MINUTES = 30
DURATION_SCHEMA = {
    "enum": [15, 30, 45, 60, 90],
    "default": DEFAULT_MINUTES,
    "description": "Length of the meeting in minutes",
}
TOPIC_LENGTH = 200
MEETING_ID_SCHEMA = {
    "type": "string",
    "minLength": 1,
    "maxLength": 40,
    "pattern": "^[A-Za-z0-9 -]+$",
    "description": "Id of the meeting, such as M-7K3QF9",
}

MessageFor = Callable[[Slot, ZoneInfo], str]
"""The message that choosing a slot sends for the visitor."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A wish, and how to ask for another slot if it can't be had."""

    team: Team
    host: Host | None
    """Only this member of the team; None for anyone."""
    wish: Wish
    message_for: MessageFor
    moving: str | None = None
    """The meeting that is moved; its own time counts as free."""


def holder_of(context: ToolContext) -> str | None:
    """Whose held slots count as free: the customer's own; None for a visitor nobody knows."""
    caller = context.caller
    return caller.customer_id if isinstance(caller, VerifiedCustomer) else None


def read_duration(arguments: JsonObject) -> timedelta:
    """The wanted length of a meeting."""
    return timedelta(minutes=arguments.get("duration_minutes", DEFAULT_MINUTES))


def read_meeting_id(arguments: JsonObject) -> str:
    """The meeting's id as the calendar writes it, however the visitor wrote it."""
    meeting_id: str = arguments["meeting_id"]
    return meeting_id.strip().upper()


def minutes_of(length: timedelta) -> int:
    """A length in whole minutes."""
    return round(length.total_seconds() / 60)


async def hold_slot(calendar: Calendar, request: Request, context: ToolContext) -> Slot:
    """The slot that the wish would get now, kept for the customer while they decide.

    Raises:
        SlotTaken: none; offers the nearest free ones.
    """
    try:
        return await calendar.hold(
            customer_of(context),
            request.wish,
            until=context.now + ACTION_LIFETIME,
            now=context.now,
            ignoring=request.moving,
        )
    except SlotRefused as refusal:
        raise await offer_others(calendar, request, refusal, context) from refusal


async def offer_others(
    calendar: Calendar, request: Request, refusal: SlotRefused, context: ToolContext
) -> SlotTaken:
    """A refusal in the visitor's words and time zone, with the nearest free slots."""
    zone = context.timezone
    slots = await _nearest(calendar, request, context)
    return SlotTaken(
        _say_refusal(refusal.reason, request, zone),
        remedy=f"The nearest free times are {say_slots(slots, zone)} ({zone.key})."
        if slots
        else "There is no free time near it; try another week.",
        alternatives=slots,
        data={
            "reason": refusal.reason,
            "timezone": zone.key,
            "alternatives": [slot_data(slot, zone) for slot in slots],
        },
        card=choices_card("Nearest free times", slots, zone, request.message_for)
        if slots
        else None,
    )


def booking_message(slot: Slot, zone: ZoneInfo) -> str:
    """What choosing a free slot says, complete in itself."""
    minutes = minutes_of(slot.end - slot.start)
    team = slot.team.name.lower()
    when = format_date_and_time(slot.start, zone)
    return f"Book a {minutes} minute meeting with {team} on {when}"


def moving_message(meeting_id: str) -> MessageFor:
    """What choosing a free slot says when a meeting is being moved."""

    def message(slot: Slot, zone: ZoneInfo) -> str:
        return f"Move meeting {meeting_id} to {format_date_and_time(slot.start, zone)}"

    return message


def choices_card(
    title: str, slots: Sequence[Slot], zone: ZoneInfo, message_for: MessageFor
) -> JsonObject:
    """A card of slots to choose from."""
    choices = [(format_slot(slot.start, zone), message_for(slot, zone)) for slot in slots]
    return slots_card(title, choices)


def say_slots(slots: Sequence[Slot], zone: ZoneInfo) -> str:
    """`Tue 1 Dec at 14:00 and 16:00; Wed 2 Dec at 09:00`."""
    days: dict[date, list[Slot]] = {}
    for slot in slots:
        days.setdefault(slot.start.astimezone(zone).date(), []).append(slot)
    return "; ".join(
        f"{format_weekday(day)} at "
        + join_words([f"{slot.start.astimezone(zone):%H:%M}" for slot in of_day])
        for day, of_day in days.items()
    )


def slot_data(slot: Slot, zone: ZoneInfo) -> JsonObject:
    """A slot for the agent."""
    return {
        "start": local_iso(slot.start, zone),
        "end": local_iso(slot.end, zone),
        "label": format_slot(slot.start, zone),
        "host": slot.host_id,
        "host_name": slot.host_name,
    }


def meeting_data(meeting: Meeting, zone: ZoneInfo) -> JsonObject:
    """A meeting for the agent."""
    return {
        "id": meeting.id,
        "title": meeting.title,
        "team": meeting.team.id,
        "host": meeting.host_id,
        "host_name": meeting.host_name,
        "start": local_iso(meeting.start, zone),
        "end": local_iso(meeting.end, zone),
        "duration_minutes": minutes_of(meeting.end - meeting.start),
        "when": format_span(meeting.start, meeting.end, zone),
        "topic": meeting.topic,
        "status": meeting.status,
    }


def meeting_entry(meeting: Meeting, context: ToolContext) -> JsonObject:
    """A meeting in a card of meetings."""
    entry = {
        "id": meeting.id,
        "title": meeting.team.meeting_title,
        "when": format_span(meeting.start, meeting.end, context.timezone),
        "with": meeting.host_name,
        "status": meeting.status,
    }
    if meeting.status == "booked":
        entry["ics_path"] = f"/v1/conversations/{context.conversation_id}/meetings/{meeting.id}.ics"
    return entry


def topic_rows(topic: str) -> tuple[tuple[str, str], ...]:
    """The line of a topic in a preview; none without one."""
    shown = plain_text(topic, TOPIC_LENGTH)
    return (("Topic", shown),) if shown else ()


def local_iso(moment: datetime, zone: ZoneInfo) -> str:
    """ISO 8601 in the visitor's zone, with its offset: unmistakable in clock changes."""
    return moment.astimezone(zone).isoformat()


def one_each_time(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """The first slot of each start: a visitor chooses a time, not a host."""
    first_of = {slot.start: slot for slot in reversed(slots)}
    return tuple(first_of[start] for start in sorted(first_of))


async def _nearest(calendar: Calendar, request: Request, context: ToolContext) -> tuple[Slot, ...]:
    wanted = request.wish.start.astimezone(context.timezone)
    # Around a time in the past, the nearest that can be had is near now.
    centre = max(wanted, context.now)
    slots = await calendar.free_slots(
        request.wish.team_id,
        since=centre - DAYS_BEFORE,
        until=centre + DAYS_AFTER,
        duration=request.wish.duration,
        now=context.now,
        ignoring=request.moving,
        holder=holder_of(context),
    )
    nearest = sorted(one_each_time(slots), key=lambda slot: _distance(slot.start, wanted))
    return tuple(sorted(nearest[:ALTERNATIVES], key=lambda slot: slot.start))


def _distance(start: datetime, wanted: datetime) -> timedelta:
    """How far a start is from the wanted one, for a person: in days and on the clock."""
    local = start.astimezone(wanted.tzinfo)
    days = abs((local.date() - wanted.date()).days)
    return days * DAY_WEIGHT + abs(_since_midnight(local) - _since_midnight(wanted))


def _since_midnight(local: datetime) -> timedelta:
    return timedelta(hours=local.hour, minutes=local.minute)


def _say_refusal(reason: RefusalReason, request: Request, zone: ZoneInfo) -> str:
    start = request.wish.start
    when = format_when(start, zone)
    who = request.host.name if request.host else request.team.name
    match reason:
        case "taken":
            return f"{who} is not free on {when}."
        case "past":
            return f"{when} has passed."
        case "closed":
            return f"{when} is outside the working hours of {who}."
        case "holiday":
            return f"{who} is off on {format_day(start.astimezone(zone).date())}: a holiday."
        case "too_far":
            return f"{when} is too far ahead to be booked yet."
