"""Owns periods: what a question says about time, as days, as of a given day. Pure; English.

Does not own what the rest of the question means (`understanding.py`), nor the dates of meetings,
which need times and zones.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta


@dataclass(frozen=True, kw_only=True)
class Period:
    """Days that a question names, and where it names them."""

    since: date | None
    until: date | None
    """Last day, included."""
    start: int
    end: int
    """The words that say it, as a span of the question."""
    is_relative: bool
    """Whether it is counted from today ("this week"), which only publication can mean."""


_MONTHS = {
    name.lower(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
} | {"sept": 9}
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)\.?"
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = "(?:" + "|".join(_DAYS) + ")"
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11)}
_YEAR = r"(?:19|20)\d\d"
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "couple of": 2, "few": 3, "several": 4,
}  # fmt: skip
_COUNT = r"(\d{1,3}|a couple of|couple of|" + "|".join(_NUMBERS) + ")"
_UNIT = r"(day|week|fortnight|month|quarter|year)s?"
_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_NAMED_QUARTER = rf"(?:the )?(?:{'|'.join(_QUARTERS)}) quarter(?: of|,)? {_YEAR}"
_POINT = (
    rf"(?:\d{{4}}-\d\d-\d\d|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? {_YEAR})?|"
    rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:,? {_YEAR})?|{_MONTH}(?: (?:of )?{_YEAR})?|"
    rf"(?:q[1-4]|h[12])(?: (?:of )?{_YEAR})?|{_NAMED_QUARTER}|{_YEAR}|today|yesterday|{_DAY}|"
    r"(?:last|this) (?:week|month|quarter|year|spring|summer|autumn|fall))"
)

_Range = tuple[date | None, date | None]


def find_period(question: str, today: date) -> Period | None:
    """The first period that a question names, as of today."""
    text = question.lower()
    for pattern, read, is_relative in _FORMS:
        for match in pattern.finditer(text):
            found = read(match, today)
            if found is not None:
                since, until = found
                return Period(
                    since=since,
                    until=until,
                    start=match.start(),
                    end=match.end(),
                    is_relative=is_relative or _counts_from_today(match.group()),
                )
    return None


def _counts_from_today(words: str) -> bool:
    return re.search(rf"\b(?:today|yesterday|last|this|{_DAY[3:-1]})\b", words) is not None


def _between(match: re.Match[str], today: date) -> _Range | None:
    first, last = _point(match.group(1), today), _point(match.group(2), today)
    if first is None or last is None:
        return None
    since, until = first[0], last[1]
    year = re.search(_YEAR, match.group(2))
    if year and not re.search(_YEAR, match.group(1)):
        since = _safely(since, int(year.group()))
    if since > until:
        since = _safely(since, since.year - 1)
    return (since, until) if since <= until else None


def _safely(day: date, year: int) -> date:
    return day + relativedelta(year=year)


def _since(match: re.Match[str], today: date) -> _Range | None:
    point = _point(match.group(1), today)
    if point is None or point[0] > today:
        return None
    return point[0], None


def _after(match: re.Match[str], today: date) -> _Range | None:
    point = _point(match.group(1), today)
    if point is None or point[1] >= today:
        return None
    return point[1] + timedelta(days=1), None


def _before(match: re.Match[str], today: date) -> _Range | None:
    point = _point(match.group(1), today)
    return None if point is None else (None, point[0] - timedelta(days=1))


def _last_n(match: re.Match[str], today: date) -> _Range | None:
    return today - _span(match.group(1), match.group(2)), today


def _ago(match: re.Match[str], today: date) -> _Range | None:
    unit = match.group(2)
    middle = today - _span(match.group(1), unit)
    slack = {"day": 0, "week": 3, "fortnight": 4, "month": 15, "quarter": 45, "year": 180}[unit]
    return middle - timedelta(days=slack), min(today, middle + timedelta(days=slack))


def _span(count: str, unit: str) -> relativedelta:
    number = int(count) if count.isdigit() else _NUMBERS[count.removeprefix("a ").strip() or "a"]
    match unit:
        case "day":
            return relativedelta(days=number)
        case "week":
            return relativedelta(weeks=number)
        case "fortnight":
            return relativedelta(weeks=2 * number)
        case "quarter":
            return relativedelta(months=3 * number)
        case "year":
            return relativedelta(years=number)
        case _:
            return relativedelta(months=number)


def _within(match: re.Match[str], today: date) -> _Range | None:
    point = _point(match.group(1), today)
    if point is None or point[0] > today:
        return None
    return point


def _calendar_unit(match: re.Match[str], today: date) -> _Range | None:
    which, unit = match.group(1), match.group(2)
    if which == "past" or (which == "last" and unit == "few"):
        return today - _span("1", unit), today
    return _unit_range(which, unit, today)


def _unit_range(which: str, unit: str, today: date) -> _Range:
    step = {
        "week": relativedelta(weeks=1),
        "month": relativedelta(months=1),
        "quarter": relativedelta(months=3),
        "year": relativedelta(years=1),
    }[unit]
    first = _start_of(unit, today)
    if which == "this":
        return _this_unit(unit, first, today)
    return first - step, first - timedelta(days=1)


def _this_unit(unit: str, first: date, today: date) -> _Range:
    if unit == "week":
        first = min(first, today - timedelta(days=6))
    return first, today


def _start_of(unit: str, today: date) -> date:
    match unit:
        case "week":
            return today - timedelta(days=today.weekday())
        case "month":
            return today.replace(day=1)
        case "quarter":
            return date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
        case _:
            return date(today.year, 1, 1)


def _half(match: re.Match[str], today: date) -> _Range | None:
    year = int(match.group(2) or today.year)
    months = {"first half": (1, 6), "second half": (7, 12), "early": (1, 4), "mid": (5, 8)}
    first, last = months.get(match.group(1).rstrip("-"), (9, 12))
    return _months(year, first, last)


def _months(year: int, first: int, last: int) -> _Range:
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def _point(words: str, today: date) -> tuple[date, date] | None:
    """The days that a name of a day, month, quarter, season or year covers."""
    words = words.strip()
    for pattern, read in _POINTS:
        match = pattern.fullmatch(words)
        if match:
            try:
                return read(match, today)
            except ValueError:
                return None
    return None


def _iso(match: re.Match[str], _: date) -> tuple[date, date]:
    day = date.fromisoformat(match.group())
    return day, day


def _named_day(match: re.Match[str], today: date) -> tuple[date, date]:
    back = {"today": 0, "yesterday": 1}.get(match.group())
    if back is None:
        back = (today.weekday() - _DAYS.index(match.group())) % 7 or 7
    day = today - timedelta(days=back)
    return day, day


def _day_of_month(match: re.Match[str], today: date) -> tuple[date, date]:
    parts = match.groupdict()
    month = _MONTHS[parts["month"].rstrip(".")]
    year = int(parts["year"] or _recent_year(month, today))
    day = date(year, month, int(parts["day"]))
    return day, day


def _month(match: re.Match[str], today: date) -> tuple[date, date]:
    month = _MONTHS[match.group("month").rstrip(".")]
    year = int(match.group("year") or _recent_year(month, today))
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _recent_year(month: int, today: date) -> int:
    return today.year if month <= today.month else today.year - 1


def _part_of_year(match: re.Match[str], today: date) -> tuple[date, date]:
    kind, number = match.group(1), int(match.group(2))
    length = 3 if kind == "q" else 6
    first = length * (number - 1) + 1
    year = int(match.group("year") or _recent_year(first, today))
    last = first + length - 1
    return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])


def _named_quarter(match: re.Match[str], _: date) -> tuple[date, date]:
    first = 3 * _QUARTERS[match.group(1)] - 2
    year = int(match.group("year"))
    return date(year, first, 1), date(year, first + 2, calendar.monthrange(year, first + 2)[1])


def _year(match: re.Match[str], _: date) -> tuple[date, date]:
    year = int(match.group())
    return date(year, 1, 1), date(year, 12, 31)


def _unit(match: re.Match[str], today: date) -> tuple[date, date] | None:
    which, unit = match.group(1), match.group(2)
    if unit in _SEASONS:
        first, last = _SEASONS[unit]
        year = _recent_year(first, today) - (which == "last" and first <= today.month <= last)
        return date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1])
    since, until = _unit_range(which, unit, today)
    return (since, until) if since and until else None


_POINTS: tuple[
    tuple[re.Pattern[str], Callable[[re.Match[str], date], tuple[date, date] | None]], ...
] = (
    (re.compile(r"\d{4}-\d\d-\d\d"), _iso),
    (re.compile(rf"today|yesterday|{_DAY}"), _named_day),
    (
        re.compile(
            rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})"
            rf"(?:,? (?P<year>{_YEAR}))?"
        ),
        _day_of_month,
    ),
    (
        re.compile(
            rf"(?P<month>{_MONTH}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>{_YEAR}))?"
        ),
        _day_of_month,
    ),
    (re.compile(rf"(?P<month>{_MONTH})(?: (?:of )?(?P<year>{_YEAR}))?"), _month),
    (re.compile(rf"(q|h)([1-4])(?: (?:of )?(?P<year>{_YEAR}))?"), _part_of_year),
    (
        re.compile(
            rf"(?:the )?({'|'.join(_QUARTERS)}) quarter(?: of|,)? (?P<year>{_YEAR})",
        ),
        _named_quarter,
    ),
    (re.compile(_YEAR), _year),
    (re.compile(r"(last|this) (week|month|quarter|year|spring|summer|autumn|fall)"), _unit),
)

_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], _Range | None], bool], ...] = (
    tuple(
        (re.compile(pattern), read, is_relative)
        for pattern, read, is_relative in (
            (rf"\bbetween ({_POINT}) and ({_POINT})\b", _between, False),
            (rf"\bfrom ({_POINT}) (?:to|until|till|through) ({_POINT})\b", _between, False),
            (
                r"\b(?:in|over|during|within|from)? ?(?:the )?"
                rf"(?:last|past|previous) {_COUNT} {_UNIT}\b",
                _last_n,
                True,
            ),
            (rf"\b{_COUNT} {_UNIT} ago\b", _ago, True),
            (rf"\bsince (?:the (?:start|beginning) of )?({_POINT})\b", _since, False),
            (rf"\bafter ({_POINT})\b", _after, False),
            (rf"\b(?:before|until|till|up to|prior to) ({_POINT})\b", _before, False),
            (
                r"\b(?:in |during |over |from )?(?:the )?(this|last|past|previous) "
                r"(week|month|quarter|year)(?:'s)?\b",
                _calendar_unit,
                True,
            ),
            (r"\b(?:in |during )?(this|last) (spring|summer|autumn|fall)\b", _unit, True),
            (r"\b(today|yesterday)(?:'s)?\b", _within, True),
            (r"\bthis (?:morning|afternoon|evening)\b", lambda _, today: (today, today), True),
            (
                r"\b(?:in )?(?:the )?(first half|second half|early|mid|late)[ -]"
                rf"(?:of )?({_YEAR})?\b",
                lambda match, today: _half(match, today) if match.group(2) else None,
                False,
            ),
            (rf"\b(?:in|during|from|of|on|for|throughout) ({_POINT})(?:'s)?\b", _within, False),
            (
                rf"(?:^|(?<=[ (]))({_MONTH} {_YEAR}|q[1-4] {_YEAR}|h[12] {_YEAR}|"
                r"\d{4}-\d\d-\d\d)\b",
                _within,
                False,
            ),
        )
    )
)
