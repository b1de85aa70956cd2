"""Owns the tool `find_free_slots`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from assistant.backends.calendar import Calendar, Host, Slot, Team
from assistant.core.errors import InvalidInput
from assistant.core.events import JsonObject
from assistant.core.provenance import VisitorWords
from assistant.core.toolbox import ToolContext, ToolOutput, ToolPolicy
from assistant.tools.base import (
    READS_PUBLIC_DATA,
    ReadTool,
    limit_schema,
    object_schema,
    text_schema,
)
from assistant.tools.people import find_people
from assistant.tools.scheduling import (
    DURATION_SCHEMA,
    booking_message,
    choices_card,
    holder_of,
    minutes_of,
    one_each_time,
    read_duration,
    say_slots,
    slot_data,
)
from assistant.tools.times import read_bound

DEFAULT_LIMIT = 6
DEFAULT_PERIOD = timedelta(days=7)
LONGEST_PERIOD = timedelta(days=62)
LATER_PERIOD = timedelta(days=21)
"""How far beyond a full period the next free times are looked for."""

DAYTIME_HOURS = range(8, 19)

MOST_DAYS = 3
"""Over how many days the offered times are spread."""


class FindFreeSlots(ReadTool):
    """When a team can be met."""

    name: str = "find_free_slots"
    description: str = (
        "Free times of a team (sales, support or editorial) or of one of its members within a "
        "period; the next seven days without one. Needs no sign-in. Use it before booking when "
        "the visitor has not named a time."
    )
    label: str = "Looking for free times"
    schema: JsonObject = object_schema(
        {
            "team": text_schema("sales, support or editorial; may be left out with a host", 60),
            "host": text_schema("Name of a member of staff, only if the visitor named one", 60),
            "since": text_schema("Begin: YYYY-MM-DD or YYYY-MM-DDTHH:MM, visitor's time", 40),
            "until": text_schema("End, a day included: YYYY-MM-DD or YYYY-MM-DDTHH:MM", 40),
            "duration_minutes": DURATION_SCHEMA,
            "limit": limit_schema(20, DEFAULT_LIMIT),
        }
    )
    policy: ToolPolicy = READS_PUBLIC_DATA

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar

    async def run(self, arguments: JsonObject, context: ToolContext) -> ToolOutput:
        """Free times in the period, or the next ones after it."""
        team, host = await find_people(self._calendar, arguments.get("team"), arguments.get("host"))
        since, until = _period(arguments, context)
        duration = read_duration(arguments)
        limit = arguments.get("limit", DEFAULT_LIMIT)
        slots = await self._free(team, host, since, until, duration, context)
        is_later = not slots
        if is_later:
            slots = await self._free(team, host, until, until + LATER_PERIOD, duration, context)
        zone = context.timezone
        # Whoever names no clock time means the day, not the evening of a host overseas.
        offered = slots if _names_clock(arguments) else prefer_daytime(slots, zone)
        shown = spread(offered, limit, zone)
        return ToolOutput(
            data={
                "team": team.id,
                "timezone": zone.key,
                "duration_minutes": minutes_of(duration),
                "is_after_the_period": is_later,
                "found": len(slots),
                "slots": [slot_data(slot, zone) for slot in shown],
            },
            text=_sentence(host.name if host else team.name, shown, is_later, zone),
            card=choices_card(f"Free times: {team.name}", shown, zone, booking_message)
            if shown
            else None,
        )

    def offered_in(
        self, arguments: JsonObject, output: JsonObject, words: VisitorWords
    ) -> frozenset[datetime]:
        """The times that were offered, if the period is the visitor's or the usual one."""
        for field in ("since", "until"):
            if not words.allow_bound(str(arguments.get(field, ""))):
                return frozenset()
        return frozenset(datetime.fromisoformat(slot["start"]) for slot in output["slots"])

    async def _free(
        self,
        team: Team,
        host: Host | None,
        since: datetime,
        until: datetime,
        duration: timedelta,
        context: ToolContext,
    ) -> tuple[Slot, ...]:
        slots = await self._calendar.free_slots(
            team.id,
            since=since,
            until=until,
            duration=duration,
            now=context.now,
            host_id=host.id if host else None,
            holder=holder_of(context),
        )
        return one_each_time(slots)


def prefer_daytime(slots: Sequence[Slot], zone: ZoneInfo) -> Sequence[Slot]:
    """The slots in the visitor's daytime, if there are any."""
    by_day = [slot for slot in slots if slot.start.astimezone(zone).hour in DAYTIME_HOURS]
    return by_day or slots


def spread(slots: Sequence[Slot], limit: int, zone: ZoneInfo) -> tuple[Slot, ...]:
    """At most `limit` slots, evenly over the first days that have any, not all on one morning."""
    days: dict[date, list[Slot]] = {}
    for slot in slots:
        days.setdefault(slot.start.astimezone(zone).date(), []).append(slot)
    chosen_days = list(days.values())[:MOST_DAYS]
    chosen: list[Slot] = []
    for index, day in enumerate(chosen_days):
        share = -(-(limit - len(chosen)) // (len(chosen_days) - index))
        chosen += _evenly(day, share)
    return tuple(chosen)


def _evenly(slots: Sequence[Slot], count: int) -> list[Slot]:
    if len(slots) <= count:
        return list(slots)
    return [slots[index * len(slots) // count] for index in range(count)]


def _names_clock(arguments: JsonObject) -> bool:
    return any("T" in arguments.get(bound, "") for bound in ("since", "until"))


def _period(arguments: JsonObject, context: ToolContext) -> tuple[datetime, datetime]:
    zone = context.timezone
    given_since, given_until = arguments.get("since"), arguments.get("until")
    since = read_bound(given_since, zone, "since", is_end=False) if given_since else context.now
    since = max(since, context.now)
    if given_until is None:
        return since, since + DEFAULT_PERIOD
    until = read_bound(given_until, zone, "until", is_end=True)
    if until <= context.now:
        raise InvalidInput(
            "That period has passed.", field="until", remedy="Choose a day from today on."
        )
    if not since < until <= since + LONGEST_PERIOD:
        raise InvalidInput(
            f"The period must end after it begins, within {LONGEST_PERIOD.days} days.",
            field="until",
            remedy="Choose a shorter period.",
        )
    return since, until


def _sentence(who: str, slots: Sequence[Slot], is_later: bool, zone: ZoneInfo) -> str:
    if not slots:
        return f"{who} has no free time in that period, nor in the three weeks after it."
    times = say_slots(slots, zone)
    if is_later:
        return f"{who} has no free time in that period; the next is {times} ({zone.key})."
    return f"{who} is free on {times} ({zone.key})."
