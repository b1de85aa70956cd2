"""How times, lengths and money are said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from assistant.core.money import Money
from assistant.core.phrasing import (
    count_of,
    format_date_and_time,
    format_length,
    format_money,
    format_slot,
    format_span,
    format_when,
    join_words,
    plain_text,
)

ZURICH = ZoneInfo("Europe/Zurich")
MOMENT = datetime(2026, 12, 1, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        ("2480.15", "EUR", "€2,480.15"),
        ("-12", "USD", "-$12.00"),
        ("90", "CHF", "CHF 90.00"),
        ("-90", "CHF", "-CHF 90.00"),
        ("1500", "JPY", "¥1,500"),
    ],
)
def test_money(amount, currency, said):
    assert format_money(Money(amount=Decimal(amount), currency=currency)) == said


def test_times_are_said_in_the_visitor_s_zone():
    assert format_when(MOMENT, ZURICH) == "Tuesday, 1 December 2026, 15:00 (Europe/Zurich)"
    assert format_span(MOMENT, MOMENT + timedelta(minutes=30), ZURICH) == (
        "Tuesday, 1 December 2026, 15:00–15:30 (Europe/Zurich)"
    )
    assert format_slot(MOMENT, ZURICH) == "Tue 1 Dec, 15:00"
    assert format_date_and_time(MOMENT, ZURICH) == "1 December 2026 at 15:00"


def test_the_repeated_hour_in_autumn_names_its_offset():
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    said = "Sunday, 25 October 2026, 02:30 (Europe/Zurich, UTC"
    assert format_when(first, ZURICH) == f"{said}+02:00)"
    assert format_when(second, ZURICH) == f"{said}+01:00)"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(15, "15 minutes"), (60, "1 hour"), (90, "1 hour 30 minutes"), (0, "0 minutes")],
)
def test_lengths(minutes, said):
    assert format_length(timedelta(minutes=minutes)) == said


def test_lists_and_counts():
    assert [join_words(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert (count_of(1, "invoice"), count_of(2, "invoice")) == ("1 invoice", "2 invoices")


def test_plain_text_is_one_short_printable_line():
    assert plain_text("a\n\tb\x00c\u202ed", 20) == "a b c d"
    assert plain_text("abcdef", 4) == "abc…"
