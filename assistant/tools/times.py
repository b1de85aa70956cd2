"""Owns how times in arguments are read: ISO 8601, local to the visitor or with an offset."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from assistant.backends.calendar import GRANULE
from assistant.core.errors import InvalidInput

FIRST_YEAR, LAST_YEAR = 2000, 2200


def read_moment(text: str, zone: ZoneInfo, field: str) -> datetime:
    """An aware moment in the visitor's zone.

    A local time that clocks repeat in autumn is read as the first of the two; an offset names the
    other one.

    Raises:
        InvalidInput: no moment, or a local time that clocks skip in spring.
    """
    moment = _parse(text, field)
    if moment.tzinfo is not None:
        return moment.astimezone(zone)
    local = moment.replace(tzinfo=zone)
    existing = local.astimezone(UTC).astimezone(zone)
    if existing.replace(tzinfo=None) != moment:
        raise InvalidInput(
            f"{moment:%H:%M} does not exist on {moment:%Y-%m-%d} in {zone.key}: "
            "clocks go forward over it.",
            field=field,
            remedy=f"Choose {existing:%H:%M} or another time.",
        )
    return local


def read_start(text: str, zone: ZoneInfo, field: str = "start") -> datetime:
    """The start of a meeting: a moment on the quarter of an hour.

    Raises:
        InvalidInput: no such moment.
    """
    if len(text) <= len("2026-12-01"):
        raise InvalidInput(
            "The time of day is missing.", field=field, remedy="Say at what time, such as 15:00."
        )
    moment = read_moment(text, zone, field)
    if moment.timestamp() % GRANULE.total_seconds():
        raise InvalidInput(
            f"Meetings start on the quarter hour, and {moment:%H:%M} is between two.",
            field=field,
            remedy="Choose a start at :00, :15, :30 or :45.",
        )
    return moment


def read_bound(text: str, zone: ZoneInfo, field: str, *, is_end: bool) -> datetime:
    """An end of a period: a moment, or a whole day, which begins or ends it.

    Raises:
        InvalidInput: neither a moment nor a day.
    """
    if len(text) > len("2026-12-01"):
        return read_moment(text, zone, field)
    day = read_day(text, field)
    if is_end:
        day += timedelta(days=1)
    return datetime.combine(day, time(), zone)


def read_day(text: str, field: str) -> date:
    """A calendar day.

    Raises:
        InvalidInput: no such day.
    """
    return _parse(text, field).date()


def _parse(text: str, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            f"“{text[:40]}” is no date or time of the calendar.",
            field=field,
            remedy="Give it as YYYY-MM-DDTHH:MM.",
        ) from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise InvalidInput(
            f"The year {moment.year} is out of range.", field=field, remedy="Choose a nearer date."
        )
    return moment
