"""Owns how times, lengths, money and lists are said to a visitor: one voice for every tool."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency

from assistant.core.money import Money

LOCALE = "en"

_CODE_AND_NUMBER = re.compile(r"(?<=[A-Z])\s?(?=\d)")


def format_money(money: Money) -> str:
    """`€2,480.15`, `-$12.00`, `CHF 90.00`."""
    text = format_currency(money.amount, money.currency, locale=LOCALE)
    # Babel leaves out the space that CLDR puts between a code of letters and the number.
    return _CODE_AND_NUMBER.sub(" ", text)


def format_day(day: date) -> str:
    """`Tuesday, 1 December 2026`."""
    return format_date(day, "EEEE, d MMMM y", locale=LOCALE)


def format_short_day(day: date) -> str:
    """`1 Dec 2026`."""
    return format_date(day, "d MMM y", locale=LOCALE)


def format_weekday(day: date) -> str:
    """`Tue 1 Dec`."""
    return format_date(day, "EEE d MMM", locale=LOCALE)


def format_when(moment: datetime, zone: ZoneInfo) -> str:
    """`Tuesday, 1 December 2026, 15:00 (Europe/Zurich)`: an aware moment in the visitor's time."""
    local = moment.astimezone(zone)
    return f"{format_day(local.date())}, {local:%H:%M} ({_zone_name(local, zone)})"


def format_span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """`Tuesday, 1 December 2026, 15:00–15:30 (Europe/Zurich)`."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    clock = f"{first:%H:%M}–{last:%H:%M}"
    return f"{format_day(first.date())}, {clock} ({_zone_name(first, zone)})"


def format_slot(start: datetime, zone: ZoneInfo) -> str:
    """`Tue 1 Dec, 15:00`: short, for a button or a list."""
    local = start.astimezone(zone)
    return f"{format_weekday(local.date())}, {local:%H:%M}"


def format_date_and_time(moment: datetime, zone: ZoneInfo) -> str:
    """`1 December 2026 at 15:00`: as a visitor would type it."""
    local = moment.astimezone(zone)
    return f"{format_date(local.date(), 'd MMMM y', locale=LOCALE)} at {local:%H:%M}"


def format_length(length: timedelta) -> str:
    """`30 minutes`, `1 hour`, `1 hour 30 minutes`."""
    hours, minutes = divmod(round(length.total_seconds() / 60), 60)
    parts = [count_of(hours, "hour")] if hours else []
    if minutes or not hours:
        parts.append(count_of(minutes, "minute"))
    return " ".join(parts)


def count_of(number: int, noun: str) -> str:
    """`1 invoice`, `2 invoices`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def join_words(words: Sequence[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def plain_text(text: str, limit: int) -> str:
    """One line of printable text, cut to `limit` characters: what a card or a row may hold."""
    printable = "".join(char if char.isprintable() else " " for char in text)
    line = " ".join(printable.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _zone_name(local: datetime, zone: ZoneInfo) -> str:
    # In the hour that clocks repeat, only the offset tells which of the two times is meant.
    is_ambiguous = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{zone.key}, UTC{local.isoformat()[-6:]}" if is_ambiguous else zone.key
