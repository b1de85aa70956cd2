"""Owns the rules of who can be booked when: pure functions, shared by every calendar adapter.

Time is cut into granules of a quarter of an hour in UTC. A meeting claims its own granules and
those of the buffer after it; two meetings clash exactly if they claim a granule in common. Working
hours are walls of the host's local clock, turned to UTC day by day, so that clock changes move
them as they move people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from assistant.backends.calendar import BOOKING_HORIZON, GRANULE, Host, Meeting, Slot, Team, Wish
from assistant.backends.errors import MeetingClosed, RefusalReason, SlotRefused

OFFER_STEP = timedelta(minutes=30)
"""Free slots are offered on the half hour; a wish may name any quarter."""

REFUSALS: dict[RefusalReason, str] = {
    "past": "That time has passed.",
    "too_far": "That is too far ahead to be booked yet.",
    "holiday": "That day is a holiday.",
    "closed": "That is outside working hours.",
    "taken": "That time is taken.",
}
"""What is said for each reason; a team whose hosts differ is refused for the last in this order."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """One host, and what stands in their way in the period looked at."""

    host: Host
    holidays: frozenset[date]
    """Days off, in the host's own time zone."""
    claimed: frozenset[datetime]
    """Starts of the granules that meetings hold, in UTC."""


def granules(start: datetime, end: datetime) -> tuple[datetime, ...]:
    """Starts of the granules that touch the interval, in UTC."""
    first = _floor(start.astimezone(UTC), GRANULE)
    last = end.astimezone(UTC)
    return tuple(_steps(first, last, GRANULE))


def claims(host: Host, start: datetime, duration: timedelta) -> tuple[datetime, ...]:
    """The granules that a meeting of this host claims: its own and its buffer's."""
    return granules(start, start.astimezone(UTC) + duration + host.buffer)


def check_granules(wish: Wish) -> None:
    """Refuse a wish that is off the granules.

    Raises:
        ValueError: its start is naive, or start or length are off the quarter of an hour.
    """
    if wish.start.tzinfo is None:
        raise ValueError("naive start; pass an aware one")
    if wish.start.timestamp() % GRANULE.total_seconds():
        raise ValueError(f"{wish.start.isoformat()} is not on a quarter of an hour")
    if wish.duration < GRANULE or wish.duration % GRANULE:
        raise ValueError(f"{wish.duration} is no multiple of a quarter of an hour")


def working_windows(
    host: Host, holidays: frozenset[date], since: datetime, until: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """When the host works, in UTC, on every local day that the period touches."""
    day = since.astimezone(host.zone).date()
    last = until.astimezone(host.zone).date()
    while day <= last:
        if day not in holidays:
            for hours in host.hours:
                if hours.weekday == day.weekday():
                    opens = datetime.combine(day, hours.opens, host.zone).astimezone(UTC)
                    closes = datetime.combine(day, hours.closes, host.zone).astimezone(UTC)
                    yield opens, closes
        day += timedelta(days=1)


def free_starts(
    schedule: Schedule, since: datetime, until: datetime, duration: timedelta, now: datetime
) -> Iterator[datetime]:
    """Starts on the half hour, in UTC, at which a meeting fits wholly into the period."""
    earliest = max(since.astimezone(UTC), now.astimezone(UTC))
    latest = min(until.astimezone(UTC), now.astimezone(UTC) + BOOKING_HORIZON)
    if earliest >= latest:
        return
    for opens, closes in working_windows(schedule.host, schedule.holidays, earliest, latest):
        end = min(closes, latest)
        for start in _steps(_ceil(max(opens, earliest), OFFER_STEP), end, OFFER_STEP):
            is_free = schedule.claimed.isdisjoint(claims(schedule.host, start, duration))
            if start + duration <= end and start > now and is_free:
                yield start


def find_refusal(
    schedule: Schedule, start: datetime, duration: timedelta, now: datetime
) -> RefusalReason | None:
    """What stands against a meeting; None when it can be booked."""
    if start <= now:
        return "past"
    if start > now + BOOKING_HORIZON:
        return "too_far"
    if start.astimezone(schedule.host.zone).date() in schedule.holidays:
        return "holiday"
    end = start.astimezone(UTC) + duration
    windows = working_windows(schedule.host, schedule.holidays, start, end)
    if not any(opens <= start and end <= closes for opens, closes in windows):
        return "closed"
    if schedule.claimed.isdisjoint(claims(schedule.host, start, duration)):
        return None
    return "taken"


def list_slots(
    team: Team,
    schedules: Sequence[Schedule],
    *,
    since: datetime,
    until: datetime,
    duration: timedelta,
    now: datetime,
) -> tuple[Slot, ...]:
    """Every host's free slots, earliest first, hosts in their order at the same time."""
    found = [
        slot_of(team, schedule.host, start, duration)
        for schedule in schedules
        for start in free_starts(schedule, since, until, duration, now)
    ]
    return tuple(sorted(found, key=lambda slot: slot.start))


def choose_slot(team: Team, schedules: Sequence[Schedule], wish: Wish, now: datetime) -> Slot:
    """The slot of the first host who can be booked.

    Raises:
        SlotRefused: nobody can.
        ValueError: the wish is off the granules.
    """
    check_granules(wish)
    reasons: set[RefusalReason] = set()
    for schedule in schedules:
        reason = find_refusal(schedule, wish.start, wish.duration, now)
        if reason is None:
            return slot_of(team, schedule.host, wish.start, wish.duration)
        reasons.add(reason)
    raise refused(_strongest(reasons))


def check_open(meeting: Meeting, now: datetime) -> Meeting:
    """The meeting, if it can still be changed.

    Raises:
        MeetingClosed: it was cancelled or has begun.
    """
    if meeting.status == "cancelled":
        raise MeetingClosed("That meeting was cancelled.", remedy="Book a new one.")
    if meeting.start <= now:
        raise MeetingClosed("That meeting has begun or is over.", remedy="Book a new one.")
    return meeting


def refused(reason: RefusalReason) -> SlotRefused:
    """The error for a reason."""
    return SlotRefused(REFUSALS[reason], reason=reason)


def slot_of(team: Team, host: Host, start: datetime, duration: timedelta) -> Slot:
    """A host's slot, in UTC."""
    begin = start.astimezone(UTC)
    return Slot(team=team, host_id=host.id, host_name=host.name, start=begin, end=begin + duration)


def _strongest(reasons: Iterable[RefusalReason]) -> RefusalReason:
    """The reason that comes nearest to a booking: one host is off, but the other is only taken."""
    order = list(REFUSALS)
    return max(reasons, key=order.index, default="closed")


def _steps(first: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    while first < end:
        yield first
        first += step


def _floor(moment: datetime, step: timedelta) -> datetime:
    seconds = moment.timestamp() % step.total_seconds()
    return moment - timedelta(seconds=seconds)


def _ceil(moment: datetime, step: timedelta) -> datetime:
    floor = _floor(moment, step)
    return floor if floor == moment else floor + step
