"""Days and times in a zone: clock changes, and zones in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from assistant.core.moments import Existence, clock_change, find_zone, resolve, say_offset

ZURICH = ZoneInfo("Europe/Zurich")
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("day", "clock", "zone", "at", "existence"),
    [
        (date(2026, 12, 1), time(15), ZURICH, "2026-12-01T15:00:00+01:00", Existence.ONCE),
        (date(2027, 3, 28), time(2, 30), ZURICH, "2027-03-28T03:30:00+02:00", Existence.NEVER),
        (date(2026, 10, 25), time(2, 30), ZURICH, "2026-10-25T02:30:00+02:00", Existence.TWICE),
        (date(2026, 10, 25), time(3, 30), ZURICH, "2026-10-25T03:30:00+01:00", Existence.ONCE),
        (date(2027, 3, 14), time(2, 30), NEW_YORK, "2027-03-14T03:30:00-04:00", Existence.NEVER),
        (date(2026, 11, 1), time(1, 30), NEW_YORK, "2026-11-01T01:30:00-04:00", Existence.TWICE),
    ],
)
def test_local_times_are_resolved_through_clock_changes(day, clock, zone, at, existence):
    moment = resolve(day, clock, zone)

    assert (moment.at.isoformat(), moment.existence) == (at, existence)


@pytest.mark.parametrize(
    ("now", "at", "zone", "day"),
    [
        (datetime(2027, 3, 20), datetime(2027, 3, 31), ZURICH, date(2027, 3, 28)),
        (datetime(2026, 10, 20), datetime(2026, 11, 3), NEW_YORK, date(2026, 11, 1)),
        (datetime(2026, 10, 20), datetime(2026, 10, 31), NEW_YORK, None),
        (datetime(2026, 12, 1), datetime(2027, 12, 1), ZURICH, None),
        (datetime(2026, 7, 1), datetime(2026, 12, 1), ZoneInfo("Asia/Tokyo"), None),
    ],
)
def test_the_last_clock_change_before_a_moment_is_found(now, at, zone, day):
    assert clock_change(now.replace(tzinfo=UTC), at.replace(tzinfo=UTC), zone) == day


def test_the_offset_is_said():
    assert say_offset(datetime(2026, 12, 1, tzinfo=UTC), NEW_YORK) == "UTC-05:00"


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("3pm zurich time", "Europe/Zurich"),
        ("at 10am New York time", "America/New_York"),
        ("half past three London time", "Europe/London"),
        ("15:00 UTC", "UTC"),
        ("3pm EST", "America/New_York"),
        ("9 am Pacific time", "America/Los_Angeles"),
        ("tomorrow at 9 Europe/Paris", "Europe/Paris"),
    ],
)
def test_zones_in_words(text, zone):
    found = find_zone(text)

    assert found is not None
    assert found[0].key == zone


@pytest.mark.parametrize(
    "text", ["", "next time", "what time is it", "first time", "et cetera", "and/or"]
)
def test_words_that_name_no_zone(text):
    assert find_zone(text) is None
