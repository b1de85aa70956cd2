"""Owns reading the dates of feeds strictly: a date that can be read in two ways is no date.

Libraries guess here, and a wrong day is worse than none: it makes old news the latest.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = (
    "january february march april may june july august september october november december sept"
).split()
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS_OF_ZONES = {
    "": 0, "z": 0, "ut": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5,
    "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "cet": 1, "cest": 2, "eet": 2, "eest": 3,
    "jst": 9, "aest": 10, "aedt": 11,
}  # fmt: skip
"""RFC 822's names and unmistakable others; "IST" and "BST" name several zones, so they are none."""
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d+)?)?"
_ZONE = r"\s*(?P<zone>[A-Za-z]{1,5}|(?:GMT|UTC)?[+-]\d\d:?\d\d)?"
_WEEKDAY = r"(?:(?P<weekday>[A-Za-z]{3,9})\.?,?\s+)?"
_MONTH = r"(?P<month>[A-Za-z]{3,9})\.?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        # RFC 3339 and W3C date and time; a year or a month alone is no day
        rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)(?:[Tt\s]\s*{_TIME}{_ZONE})?",
        # RFC 822, with the four-digit years of RFC 1123 or two digits
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})[\s-]+{_MONTH}[\s-]+(?P<year>\d{{4}}|\d\d)"
        rf"(?:,?\s+{_TIME}{_ZONE})?",
        # asctime
        rf"{_WEEKDAY}{_MONTH}\s+(?P<day>\d{{1,2}})\s+{_TIME}{_ZONE}\s+(?P<year>\d{{4}})",
        rf"{_WEEKDAY}{_MONTH}\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})(?:,?\s+{_TIME}{_ZONE})?",
    )
)
_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""The web had no feeds before; such dates are a program's zero."""
_SLACK = timedelta(hours=26)
"""Clocks that are wrong by a time zone are common; what is later is dated in the future."""


class DateUnusable(ValueError):
    """A date that cannot be relied on; the text says why."""


def read_moment(text: str, *, now: datetime) -> datetime:
    """The moment that a feed names, in UTC; without a zone it is taken to be UTC.

    Args:
        text: As it stands in the feed.
        now: The present time.

    Raises:
        DateUnusable: It is in no known form, is no day of the calendar, contradicts its weekday,
            or lies in the future or before the time of feeds.
    """
    shown = repr(" ".join(text.split())[:60])
    found = next((hit for form in _FORMS if (hit := form.fullmatch(text.strip()))), None)
    if found is None:
        raise DateUnusable(f"the date {shown} is in no form that has one meaning")
    try:
        moment = _moment(found.groupdict())
    except (ValueError, OverflowError) as error:
        raise DateUnusable(f"the date {shown} does not exist") from error
    if not _fits_weekday(moment, found.groupdict().get("weekday")):
        raise DateUnusable(f"the date {shown} is not a day of that name")
    in_utc = moment.astimezone(UTC)
    if in_utc < _EARLIEST:
        raise DateUnusable(f"the date {shown} is before the time of feeds")
    if in_utc > now + _SLACK:
        raise DateUnusable(f"the date {shown} is in the future")
    return min(in_utc, now)


def _moment(parts: dict[str, str | None]) -> datetime:
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") == 2:  # RFC 2822, section 4.3
        year += 2000 if year < 50 else 1900
    second = int(parts["second"] or 0)
    return datetime(
        year,
        _month(parts["month"] or ""),
        int(parts["day"] or 0),
        int(parts["hour"] or 0),
        int(parts["minute"] or 0),
        min(second, 59) if second == 60 else second,
        tzinfo=_zone((parts["zone"] or "").lower()),
    )


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    name = text.lower()
    if name not in _MONTHS and name not in _MONTH_NAMES:
        raise ValueError(f"no month: {text}")
    return _MONTHS.index(name[:3]) + 1


def _zone(text: str) -> timezone:
    offset = re.fullmatch(r"(?:gmt|utc)?([+-])(\d\d):?(\d\d)", text)
    if offset is None:
        if text not in _HOURS_OF_ZONES:
            raise ValueError(f"no time zone: {text}")
        return timezone(timedelta(hours=_HOURS_OF_ZONES[text]))
    difference = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
    if difference > timedelta(hours=14):
        raise ValueError(f"no time zone: {text}")
    return timezone(-difference if offset[1] == "-" else difference)


def _fits_weekday(moment: datetime, weekday: str | None) -> bool:
    """One day off is a time zone's doing; more means that day and month may be swapped."""
    if not weekday:
        return True
    name = weekday.lower()[:3]
    if name not in _WEEKDAYS:
        return False
    return (_WEEKDAYS.index(name) - moment.weekday() + 1) % 7 <= 2
