"""Owns days: which calendar days a message names, as of the visitor's today. Pure; English.

Each mention keeps where it stands, so that a reader can tell "my *Friday* meeting" from "to
*Monday*", and says when it can't be taken at its word: two readings ("03/04"), or no such day
("31 April"). Calendar arithmetic is dateutil's; a grammar of our own finds the words, because slot
filling needs day and time apart and has to know what was not said.

Conventions: a weekday alone is the first one after today; "this Friday" is that of the current
week (Monday to Sunday), "next Friday" that of the week after; a date without a year is the next
one to come. Does not own times of day (`clocks.py`) or time zones (`moments.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from dateutil.relativedelta import MO, relativedelta

from assistant.core.counts import COUNT, read_count
from assistant.core.lowering import lower

_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)


class DayKind(StrEnum):
    """How far a mention settles the day."""

    DAY = "day"
    PERIOD = "period"
    AMBIGUOUS = "ambiguous"
    IMPOSSIBLE = "impossible"


@dataclass(frozen=True, kw_only=True)
class DayReading:
    """What words mean, whatever they are."""

    kind: DayKind
    days: tuple[date, ...]
    """The day; a period's first and last; the two readings of an ambiguous date; none if there is
    no such day."""
    other: date | None = None
    """What some people mean by the same words: "next Friday" said on a Monday."""


@dataclass(frozen=True, kw_only=True)
class DayMention:
    """Words of a message that name a day or several."""

    reading: DayReading
    words: str
    start: int
    end: int

    @property
    def day(self) -> date | None:
        """The day, if the words settle it."""
        return self.reading.days[0] if self.reading.kind is DayKind.DAY else None


_Reader = Callable[[re.Match[str], date], DayReading]

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = (
    r"(?P<weekday>mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday|s)?|thu(?:r(?:s(?:day)?)?)?|"
    r"fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
_MONTHS = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR = r"(?:,?\s+(?P<year>20\d\d|19\d\d|21\d\d))?"
_ORDINAL = r"(?:st|nd|rd|th)"
_UNIT = r"(?P<unit>day|week|fortnight|month)s?"


def find_days(text: str, today: date) -> tuple[DayMention, ...]:
    """Every mention of a day or period, in the order of the text, as of today."""
    lowered = lower(text)
    found: list[DayMention] = []
    for pattern, read in _FORMS:
        for match in pattern.finditer(lowered):
            if any(match.start() < other.end and other.start < match.end() for other in found):
                continue
            found.append(
                DayMention(
                    reading=_read(read, match, today),
                    words=text[match.start() : match.end()],
                    start=match.start(),
                    end=match.end(),
                )
            )
    return tuple(sorted(found, key=lambda mention: mention.start))


def _read(read: _Reader, match: re.Match[str], today: date) -> DayReading:
    try:
        return read(match, today)
    except (ValueError, OverflowError):
        return DayReading(kind=DayKind.IMPOSSIBLE, days=())


def _one(day: date, other: date | None = None) -> DayReading:
    return DayReading(kind=DayKind.DAY, days=(day,), other=other)


def _either(one: date, another: date) -> DayReading:
    return DayReading(kind=DayKind.AMBIGUOUS, days=(min(one, another), max(one, another)))


def _period(first: date, last: date) -> DayReading:
    return DayReading(kind=DayKind.PERIOD, days=(first, last))


def _iso(match: re.Match[str], today: date) -> DayReading:
    return _one(date.fromisoformat(match.group("iso")))


def _slashed(match: re.Match[str], today: date) -> DayReading:
    """`03/04`, `25/12/2026`: day first or month first, nobody can tell."""
    first, second = int(match.group("first")), int(match.group("second"))
    year = _full_year(match.group("year"))
    if first > 12 or second > 12 or first == second:
        day, month = (first, second) if second <= 12 else (second, first)
        return _one(_dated(day, month, year, today))
    return _either(_dated(first, second, year, today), _dated(second, first, year, today))


def _dotted(match: re.Match[str], today: date) -> DayReading:
    """`3.12.` or `3.12.2026`: where dates have dots the day comes first."""
    year = _full_year(match.group("year"))
    return _one(_dated(int(match.group("first")), int(match.group("second")), year, today))


def _full_year(digits: str | None) -> int | None:
    if not digits:
        return None
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _dated(day: int, month: int, year: int | None, today: date) -> date:
    if year is not None:
        return date(year, month, day)
    return _next_to_come(day, month, today)


def _next_to_come(day: int, month: int, today: date) -> date:
    """The next such day from today on; 29 February waits for a leap year."""
    for year in range(today.year, today.year + 9):
        try:
            candidate = date(year, month, day)
        except ValueError:
            continue
        if candidate >= today:
            return candidate
    raise ValueError(f"no day {day} in month {month}")


def _named(match: re.Match[str], today: date) -> DayReading:
    """`1st of December`, `Dec 1, 2026`, `Tuesday 1 December`."""
    day, month = int(match.group("date")), _MONTHS.index(match.group("month")[:3]) + 1
    return _checked(match, _dated(day, month, _full_year(match.group("year")), today))


def _checked(match: re.Match[str], day: date) -> DayReading:
    """The day, or it and the nearest such weekday where the weekday said is another."""
    if not match.group("weekday"):
        return _one(day)
    distance = (_weekday_of(match) - day.weekday() + 3) % 7 - 3
    return _either(day, day + distance * _DAY) if distance else _one(day)


def _ordinal(match: re.Match[str], today: date) -> DayReading:
    """`the 3rd`: the next 3rd, of a month that has one."""
    number = int(match.group("date"))
    for months in range(14):
        candidate = today + relativedelta(months=months, day=number)
        if candidate.day == number and candidate >= today:
            return _checked(match, candidate)
    raise ValueError(f"no day {number} in any month")


def _near(match: re.Match[str], today: date) -> DayReading:
    words = " ".join(match.group("near").split())
    if "day after" in words:
        return _one(today + 2 * _DAY)
    if "day before" in words:
        return _one(today - 2 * _DAY)
    if words == "yesterday":
        return _one(today - _DAY)
    return _one(today if words.startswith(("today", "tonight", "this")) else today + _DAY)


def _ahead(match: re.Match[str], today: date) -> DayReading:
    return _one(today + _span(match))


def _ago(match: re.Match[str], today: date) -> DayReading:
    return _one(today - _span(match))


def _span(match: re.Match[str]) -> relativedelta:
    count = read_count(match.group("count"))
    match match.group("unit"):
        case "day":
            return relativedelta(days=count)
        case "week":
            return relativedelta(weeks=count)
        case "fortnight":
            return relativedelta(weeks=2 * count)
        case _:
            return relativedelta(months=count)


def _monday(day: date) -> date:
    return day + relativedelta(weekday=MO(-1))


def _weekday_of(match: re.Match[str]) -> int:
    return _WEEKDAYS.index(match.group("weekday")[:3])


def _weekday_alone(match: re.Match[str], today: date) -> DayReading:
    day = _first_after(today, _weekday_of(match))
    return _one(day, other=today if day - today == _WEEK else None)


def _weekday_later(match: re.Match[str], today: date) -> DayReading:
    """`a week on Tuesday`, `Tuesday week`."""
    return _one(_first_after(today, _weekday_of(match)) + _WEEK)


def _first_after(today: date, weekday: int) -> date:
    return today + ((weekday - today.weekday() - 1) % 7 + 1) * _DAY


def _weekday_of_week(match: re.Match[str], today: date) -> DayReading:
    """`next Tuesday`, `Tuesday of this week`, `last Friday`."""
    day = _monday(today) + _weekday_of(match) * _DAY
    match match.group("which"):
        case "this":
            return _one(day if day >= today else day + _WEEK)
        case "next":
            return _one(day + _WEEK, other=day if day > today else None)
        case "after next":
            return _one(day + 2 * _WEEK)
        case _:
            return _one(day if day < today else day - _WEEK)


def _week(match: re.Match[str], today: date) -> DayReading:
    monday = _monday(today)
    match match.group("which"):
        case "this":
            return _period(today, monday + 6 * _DAY)
        case "next" | "following":
            return _period(monday + _WEEK, monday + 13 * _DAY)
        case "after next":
            return _period(monday + 2 * _WEEK, monday + 20 * _DAY)
        case _:
            return _period(monday - _WEEK, monday - _DAY)


def _weekend(match: re.Match[str], today: date) -> DayReading:
    saturday = _monday(today) + 5 * _DAY
    if match.group("which") == "next":
        saturday += _WEEK
    return _period(max(saturday, today), saturday + _DAY)


def _month(match: re.Match[str], today: date) -> DayReading:
    if match.group("which") == "this":
        return _period(today, today + relativedelta(day=31))
    first = today + relativedelta(months=1, day=1)
    return _period(first, first + relativedelta(day=31))


def _month_named(match: re.Match[str], today: date) -> DayReading:
    """`in December`: what is left of the next one to come."""
    first = date(today.year, _MONTHS.index(match.group("month")[:3]) + 1, 1)
    if match.group("year"):
        first = first.replace(year=int(match.group("year")))
    elif first + relativedelta(day=31) < today:
        first += relativedelta(years=1)
    last = first + relativedelta(day=31)
    return _period(max(first, today) if last >= today else first, last)


def _form(pattern: str, read: _Reader) -> tuple[re.Pattern[str], _Reader]:
    spaced = pattern.replace(" ", r"\s+")
    return re.compile(rf"(?<![\w/.:]){spaced}(?![\w/])"), read


_FORMS = (
    (re.compile(r"(?<![\w-])(?P<iso>\d{4}-\d\d-\d\d)(?=t\d|(?![\w-]))"), _iso),
    _form(r"(?P<first>\d{1,2})/(?P<second>\d{1,2})(?:/(?P<year>\d{4}|\d\d))?", _slashed),
    _form(r"(?P<first>\d{1,2})\.\s?(?P<second>\d{1,2})\.(?:\s?(?P<year>\d{4}))?", _dotted),
    _form(
        rf"(?:{_WEEKDAY},? )?(?:the )?(?P<date>\d{{1,2}}){_ORDINAL}?(?: of)? {_MONTH}\b\.?{_YEAR}",
        _named,
    ),
    _form(
        rf"(?:{_WEEKDAY},? )?{_MONTH}\.? (?:the )?(?P<date>\d{{1,2}}){_ORDINAL}?(?![\d:.]\d|\d)"
        rf"(?! ?(?:am|pm|a\.m|p\.m|o'clock|min|hour)){_YEAR}",
        _named,
    ),
    _form(
        r"(?P<near>(?:the )?day after tomm?orr?ow|(?:the )?day before yesterday|today|tonight|"
        r"this (?:morning|afternoon|evening)|yesterday|tomm?orr?ow|tmrw|tmr)",
        _near,
    ),
    _form(rf"a week (?:on|from) {_WEEKDAY}", _weekday_later),
    _form(rf"{_WEEKDAY} week", _weekday_later),
    _form(rf"{_WEEKDAY},? (?:of |in )?(?:the )?(?P<which>next|this|last) week", _weekday_of_week),
    _form(rf"(?P<which>next|this|last) week,? (?:on )?{_WEEKDAY}", _weekday_of_week),
    _form(rf"(?:the )?{_WEEKDAY} (?P<which>after next)", _weekday_of_week),
    _form(rf"(?P<which>next|this|last|past|previous) {_WEEKDAY}", _weekday_of_week),
    _form(rf"in {COUNT} {_UNIT}(?:'s?)?(?: time)?", _ahead),
    _form(rf"{COUNT} {_UNIT} (?:from (?:now|today)|ahead)", _ahead),
    _form(rf"{COUNT} {_UNIT} ago", _ago),
    _form(r"(?:the )?week (?P<which>after next)", _week),
    _form(r"(?:the )?(?P<which>this|next|following|last|past|previous) week", _week),
    _form(r"(?P<which>this|next|the) weekend", _weekend),
    _form(r"(?P<which>this|next) month", _month),
    _form(rf"(?:{_WEEKDAY},? )?(?:the )?(?P<date>\d{{1,2}}){_ORDINAL}", _ordinal),
    _form(rf"(?:in|during|this|next|early|late|mid) {_MONTH}{_YEAR}", _month_named),
    _form(rf"(?:(?:this )?coming )?{_WEEKDAY}", _weekday_alone),
)
"""Narrow forms first: words that one form has taken are not read again."""
