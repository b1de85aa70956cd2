"""Owns moments: a day and a time of day in a time zone, clock changes included. Pure.

A local time can be skipped (spring) or happen twice (autumn); both are said, never guessed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones


class Existence(StrEnum):
    """How often a local time happens."""

    ONCE = "once"
    NEVER = "never"
    """Clocks go forward over it."""
    TWICE = "twice"
    """Clocks go back over it."""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A local time, resolved."""

    at: datetime
    """Aware; the first of the two if it happens twice, the same distance later if it is skipped."""
    existence: Existence


def resolve(day: date, clock: time, zone: ZoneInfo) -> Moment:
    """The moment at which clocks in the zone show this day and time."""
    local = datetime.combine(day, clock, zone)
    existing = local.astimezone(UTC).astimezone(zone)
    if existing.replace(tzinfo=None, fold=0) != local.replace(tzinfo=None):
        return Moment(at=existing, existence=Existence.NEVER)
    is_twice = local.utcoffset() != local.replace(fold=1).utcoffset()
    return Moment(at=local, existence=Existence.TWICE if is_twice else Existence.ONCE)


def clock_change(now: datetime, at: datetime, zone: ZoneInfo) -> date | None:
    """The last day before `at` on which clocks change, if the offset differs from now's."""
    first, last = now.astimezone(zone), at.astimezone(zone)
    if first.utcoffset() == last.utcoffset():
        return None
    # No zone goes a year without changing its clocks and still has two offsets.
    first = max(first, last - timedelta(days=366))
    day = last
    while day > first and day.utcoffset() == last.utcoffset():
        day = (day.astimezone(UTC) - timedelta(hours=1)).astimezone(zone)
    return day.date()


def say_offset(at: datetime, zone: ZoneInfo) -> str:
    """`UTC+01:00`."""
    return f"UTC{at.astimezone(zone).isoformat()[-6:]}"


_ABBREVIATIONS = {
    "utc": "UTC", "gmt": "UTC", "z": "UTC",
    "cet": "Europe/Paris", "cest": "Europe/Paris", "bst": "Europe/London",
    "est": "America/New_York", "edt": "America/New_York", "et": "America/New_York",
    "cst": "America/Chicago", "cdt": "America/Chicago", "ct": "America/Chicago",
    "mst": "America/Denver", "mdt": "America/Denver",
    "pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "pt": "America/Los_Angeles",
    "jst": "Asia/Tokyo",
    "eastern": "America/New_York", "central": "America/Chicago", "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
}  # fmt: skip
_AFTER_A_TIME = (
    r"(?:\d|am|pm|noon|o'clock)\s*\(?(?P<short>utc|gmt|cest|cet|bst|e[sd]?t|c[sd]?t|m[sd]t|p[sd]?t|"
    r"jst)\b"
)
_CITY_TIME = r"\b(?P<city>[a-z]+(?: [a-z]+)?)(?: standard| daylight| local)? time\b"
_ZONE = re.compile(rf"{_AFTER_A_TIME}|(?P<key>[a-z]+/[a-z_]+(?:/[a-z_]+)?)|{_CITY_TIME}")


def find_zone(text: str) -> tuple[ZoneInfo, int, int] | None:
    """The time zone that a message names ("3pm Zurich time", "15:00 UTC"), and where."""
    for match in _ZONE.finditer(text.lower()):
        if short := match.group("short"):
            return ZoneInfo(_ABBREVIATIONS[short]), match.start("short"), match.end()
        found = _named(match)
        if found is not None:
            return found
    return None


def _named(match: re.Match[str]) -> tuple[ZoneInfo, int, int] | None:
    if key := match.group("key"):
        name = _by_name().get(key)
        return (ZoneInfo(name), match.start(), match.end()) if name else None
    words = match.group("city")
    # "three Zurich time" and "New York time" look alike: the longer name first.
    for city in (words, words.split()[-1]):
        name = _ABBREVIATIONS.get(city) or _by_name().get(city)
        if name:
            return ZoneInfo(name), match.end("city") - len(city), match.end()
    return None


@cache
def _by_name() -> dict[str, str]:
    """IANA names by themselves and by their city, in lower case."""
    names: dict[str, str] = {}
    for key in sorted(available_timezones()):
        area, _, city = key.rpartition("/")
        names[key.lower()] = key
        if area and area not in ("Etc", "SystemV", "US"):
            names.setdefault(city.replace("_", " ").lower(), key)
    return names
