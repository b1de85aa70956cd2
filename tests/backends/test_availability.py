"""The rules of working time, with clock changes and for any set of meetings."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.backends.availability import (
    Schedule,
    choose_slot,
    claims,
    find_refusal,
    free_starts,
    granules,
    working_windows,
)
from assistant.backends.calendar import Host, Team, Wish, WorkingHours
from assistant.backends.errors import SlotRefused

ZURICH = ZoneInfo("Europe/Zurich")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
TEAM = Team(id="t", name="T", meeting_title="Talk")


def host(opens: time, closes: time, zone: ZoneInfo = ZURICH, buffer: int = 15) -> Host:
    return Host(
        id="h",
        name="H",
        team_id="t",
        zone=zone,
        hours=tuple(WorkingHours(weekday=d, opens=opens, closes=closes) for d in range(7)),
        buffer=timedelta(minutes=buffer),
    )


def free(who: Host, holidays: frozenset[date] = frozenset(), claimed=frozenset()) -> Schedule:
    return Schedule(host=who, holidays=holidays, claimed=frozenset(claimed))


def test_a_claim_covers_the_meeting_and_the_buffer_after_it():
    start = datetime(2026, 3, 2, 10, tzinfo=UTC)
    minutes = [f"{each:%H:%M}" for each in claims(host(time(9), time(17)), start, HALF_HOUR)]
    assert minutes == ["10:00", "10:15", "10:30"]


def test_granules_touch_whatever_is_begun():
    start = datetime(2026, 3, 2, 10, 7, tzinfo=UTC)
    found = [f"{each:%H:%M}" for each in granules(start, start + timedelta(minutes=10))]
    assert found == ["10:00", "10:15"]


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 28), 8.0), (date(2026, 3, 29), 7.0), (date(2026, 10, 25), 9.0)],
)
def test_a_night_has_an_hour_less_in_spring_and_one_more_in_autumn(day, hours):
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZURICH)
    [(opens, closes)] = working_windows(host(time(0), time(8)), frozenset(), noon, noon)
    assert (closes - opens) / timedelta(hours=1) == hours


def test_the_repeated_hour_in_autumn_is_offered_twice():
    since = datetime(2026, 10, 25, 2, 0, tzinfo=ZURICH)
    until = datetime(2026, 10, 25, 3, 0, tzinfo=ZURICH)
    found = free_starts(free(host(time(0), time(8))), since, until, HALF_HOUR, NOW)
    local = [start.astimezone(ZURICH).isoformat() for start in found]
    assert local == [
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:30:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T02:30:00+01:00",
    ]


def test_the_skipped_hour_in_spring_is_not_offered():
    since = datetime(2026, 3, 29, 1, 0, tzinfo=ZURICH)
    until = datetime(2026, 3, 29, 4, 0, tzinfo=ZURICH)
    found = free_starts(free(host(time(0), time(8))), since, until, HALF_HOUR, NOW)
    assert [f"{start.astimezone(ZURICH):%H:%M}" for start in found] == [
        "01:00",
        "01:30",
        "03:00",
        "03:30",
    ]


def test_a_meeting_over_the_autumn_change_lasts_as_long_as_asked():
    start = datetime(2026, 10, 25, 2, 30, tzinfo=ZURICH)
    wish = Wish(team_id="t", start=start, duration=timedelta(hours=1))
    slot = choose_slot(TEAM, [free(host(time(0), time(8)))], wish, NOW)
    assert slot.end - slot.start == timedelta(hours=1)
    assert slot.end.astimezone(ZURICH).isoformat() == "2026-10-25T02:30:00+01:00"


def test_a_holiday_is_a_day_of_the_host_not_of_utc():
    auckland = host(time(9), time(17), ZoneInfo("Pacific/Auckland"))
    off = free(auckland, frozenset({date(2026, 5, 5)}))
    # Nine in the morning of 5 May in Auckland is still 4 May in UTC.
    morning = datetime(2026, 5, 4, 21, tzinfo=UTC)
    assert find_refusal(off, morning, HALF_HOUR, NOW) == "holiday"
    assert find_refusal(off, morning + timedelta(days=1), HALF_HOUR, NOW) is None


def test_the_refusal_of_a_team_is_that_of_the_host_who_came_nearest():
    start = datetime(2026, 5, 4, 9, tzinfo=UTC)
    asleep = host(time(9), time(17), ZoneInfo("America/New_York"))
    busy = host(time(9), time(17))
    schedules = [free(busy, claimed=claims(busy, start, HALF_HOUR)), free(asleep)]
    with pytest.raises(SlotRefused) as refusal:
        choose_slot(TEAM, schedules, Wish(team_id="t", start=start, duration=HALF_HOUR), NOW)
    assert refusal.value.reason == "taken"


@given(
    offsets=st.lists(st.integers(min_value=0, max_value=4 * 24 * 3), max_size=12),
    minutes=st.sampled_from([15, 30, 45, 60]),
    buffer=st.sampled_from([0, 15, 30]),
    zone=st.sampled_from(["Europe/Zurich", "America/New_York", "Asia/Kathmandu", "UTC"]),
    day=st.dates(date(2026, 3, 20), date(2026, 11, 5)),
)
def test_whatever_is_offered_can_be_booked_and_never_clashes(offsets, minutes, buffer, zone, day):
    who = host(time(9), time(17), ZoneInfo(zone), buffer)
    duration = timedelta(minutes=minutes)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    claimed: set[datetime] = set()
    for offset in offsets:
        start = midnight + timedelta(minutes=15 * offset)
        if find_refusal(free(who, claimed=claimed), start, duration, NOW) is None:
            taken = claims(who, start, duration)
            assert claimed.isdisjoint(taken)
            claimed.update(taken)
    schedule = free(who, claimed=claimed)
    until = midnight + timedelta(days=3)
    for start in free_starts(schedule, midnight, until, duration, NOW):
        assert find_refusal(schedule, start, duration, NOW) is None
        local = start.astimezone(who.zone)
        assert time(9) <= local.time() < time(17)
