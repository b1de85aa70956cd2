"""How times in arguments are read, clock changes included."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from assistant.core.errors import InvalidInput
from assistant.tools.times import read_bound, read_day, read_moment, read_start

ZURICH = ZoneInfo("Europe/Zurich")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-12-01T15:00", "2026-12-01T15:00:00+01:00"),
        ("2026-12-01 15:00", "2026-12-01T15:00:00+01:00"),
        ("2026-07-01T15:00:00", "2026-07-01T15:00:00+02:00"),
        ("2026-12-01T15:00Z", "2026-12-01T16:00:00+01:00"),
        ("2026-12-01T09:00-05:00", "2026-12-01T15:00:00+01:00"),
        # Clocks go back at three on 25 October: half past two comes twice.
        ("2026-10-25T02:30", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:30+01:00", "2026-10-25T02:30:00+01:00"),
    ],
)
def test_a_moment_is_local_to_the_visitor_unless_it_has_an_offset(text, read):
    assert read_moment(text, ZURICH, "start").isoformat() == read


def test_a_local_time_that_clocks_skip_is_refused_with_the_next_one():
    with pytest.raises(InvalidInput, match="does not exist") as refusal:
        read_moment("2027-03-28T02:30", ZURICH, "start")
    assert (refusal.value.field, refusal.value.remedy) == (
        "start",
        "Choose 03:30 or another time.",
    )


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-02-30T10:00", "2026-12-01T25:00", "0001-01-01T00:00", "9999-12-31"]
)
def test_what_is_no_time_of_the_calendar_is_refused(text):
    with pytest.raises(InvalidInput):
        read_moment(text, ZURICH, "start")


@pytest.mark.parametrize("text", ["2026-12-01", "2026-12-01T15:10", "2026-12-01T15:00:01"])
def test_a_meeting_starts_at_a_time_of_day_on_the_quarter_hour(text):
    with pytest.raises(InvalidInput):
        read_start(text, ZURICH)


def test_a_day_as_a_bound_is_the_whole_day():
    bounds = [
        read_bound("2026-10-25", ZURICH, "until", is_end=is_end).isoformat()
        for is_end in (False, True)
    ]
    assert bounds == ["2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00"]
    moment = read_bound("2026-10-25T12:00", ZURICH, "until", is_end=True)
    assert moment.isoformat() == "2026-10-25T12:00:00+01:00"
    assert read_day("2026-10-25", "since") == date(2026, 10, 25)
