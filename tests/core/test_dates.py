"""Days in words, as of Tuesday, 24 November 2026."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.dates import DayKind, find_days

TODAY = date(2026, 11, 24)


def read(text: str, today: date = TODAY) -> list[tuple[str, list[str]]]:
    return [
        (mention.reading.kind.value, [day.isoformat() for day in mention.reading.days])
        for mention in find_days(text, today)
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-11-24"),
        ("tonight", "2026-11-24"),
        ("this afternoon", "2026-11-24"),
        ("tomorrow morning", "2026-11-25"),
        ("tommorow", "2026-11-25"),
        ("tmrw at 4", "2026-11-25"),
        ("the day after tomorrow at noon", "2026-11-26"),
        ("yesterday", "2026-11-23"),
        ("the day before yesterday", "2026-11-22"),
        ("Friday 14:30", "2026-11-27"),
        ("on fri", "2026-11-27"),
        ("Tuesday", "2026-12-01"),
        ("this Tuesday", "2026-11-24"),
        ("this Monday", "2026-11-30"),
        ("coming Thursday", "2026-11-26"),
        ("next tuesday at 3pm", "2026-12-01"),
        ("next friday", "2026-12-04"),
        ("next Monday", "2026-11-30"),
        ("Friday next week", "2026-12-04"),
        ("next week on Monday", "2026-11-30"),
        ("the Friday after next", "2026-12-11"),
        ("a week on Friday", "2026-12-04"),
        ("Friday week", "2026-12-04"),
        ("last Friday", "2026-11-20"),
        ("in two weeks", "2026-12-08"),
        ("in 10 days", "2026-12-04"),
        ("in a fortnight's time", "2026-12-08"),
        ("in a month", "2026-12-24"),
        ("three days from now", "2026-11-27"),
        ("2 weeks ago", "2026-11-10"),
        ("1st of December", "2026-12-01"),
        ("December 1", "2026-12-01"),
        ("Dec 3rd at 14:30", "2026-12-03"),
        ("1 December 2026 at 15:00", "2026-12-01"),
        ("Tuesday, 1 December", "2026-12-01"),
        ("March 3, 2027", "2027-03-03"),
        ("3 March", "2027-03-03"),
        ("24 November", "2026-11-24"),
        ("29 feb", "2028-02-29"),
        ("the 3rd", "2026-12-03"),
        ("the 31st", "2026-12-31"),
        ("Thursday the 3rd", "2026-12-03"),
        ("2026-12-01T15:00", "2026-12-01"),
        ("25/12", "2026-12-25"),
        ("12/25/2026", "2026-12-25"),
        ("12/12", "2026-12-12"),
        ("3.12.", "2026-12-03"),
        ("am 3.12.2026", "2026-12-03"),
    ],
)
def test_words_that_name_one_day(text, day):
    assert read(text) == [("day", [day])]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("this week", "2026-11-24", "2026-11-29"),
        ("next week", "2026-11-30", "2026-12-06"),
        ("the week after next", "2026-12-07", "2026-12-13"),
        ("last week", "2026-11-16", "2026-11-22"),
        ("this weekend", "2026-11-28", "2026-11-29"),
        ("next weekend", "2026-12-05", "2026-12-06"),
        ("this month", "2026-11-24", "2026-11-30"),
        ("next month", "2026-12-01", "2026-12-31"),
        ("in December", "2026-12-01", "2026-12-31"),
        ("in November", "2026-11-24", "2026-11-30"),
        ("in March", "2027-03-01", "2027-03-31"),
    ],
)
def test_words_that_name_a_period(text, first, last):
    assert read(text) == [("period", [first, last])]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("12/05", ["2026-12-05", "2027-05-12"]),
        ("03/04", ["2027-03-04", "2027-04-03"]),
        ("03/04/2027", ["2027-03-04", "2027-04-03"]),
        ("Tuesday, 2 December", ["2026-12-01", "2026-12-02"]),
        ("Wednesday the 3rd", ["2026-12-02", "2026-12-03"]),
    ],
)
def test_words_with_two_readings(text, days):
    assert read(text) == [("ambiguous", days)]


@pytest.mark.parametrize(
    "text",
    ["31 April", "30 February 2027", "2026-13-01", "99/99", "0/5", "the 32nd", "31.6.", "45/1"],
)  # fmt: skip
def test_days_that_no_calendar_has(text):
    assert read(text)[-1] == ("impossible", [])


@pytest.mark.parametrize(
    "text",
    ["", "at 4", "14.30", "1.5 hours", "may I book", "march on", "v1.2.3", "10%", "sunny",
     "the second one", "MEETING-2026", "half past three"],
)  # fmt: skip
def test_words_that_name_no_day(text):
    assert read(text) == []


def test_every_mention_is_found_in_order_with_its_place():
    text = "move it from Friday to next Monday"

    mentions = find_days(text, TODAY)

    assert [(text[m.start : m.end], m.words, m.day) for m in mentions] == [
        ("Friday", "Friday", date(2026, 11, 27)),
        ("next Monday", "next Monday", date(2026, 11, 30)),
    ]


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("next Friday", date(2026, 11, 27)),
        ("next Tuesday", None),
        ("next Monday", None),
        ("Tuesday", TODAY),
        ("Wednesday", None),
    ],
)
def test_the_other_reading_is_kept_where_people_differ(text, other):
    (mention,) = find_days(text, TODAY)

    assert mention.reading.other == other


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 6))
def test_a_weekday_is_within_a_week_and_next_is_in_the_next_week(today, weekday):
    name = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")[weekday]
    (alone,), (following,) = find_days(name, today), find_days(f"next {name}", today)

    monday = today - timedelta(days=today.weekday())
    assert alone.day is not None
    assert 1 <= (alone.day - today).days <= 7
    assert alone.day.weekday() == weekday
    assert following.day == monday + timedelta(days=7 + weekday)


@given(st.text(max_size=60), st.dates())
def test_any_text_is_read_without_failing(text, today):
    for mention in find_days(text, today):
        assert text[mention.start : mention.end] == mention.words
        assert (mention.reading.days == ()) == (mention.reading.kind is DayKind.IMPOSSIBLE)
