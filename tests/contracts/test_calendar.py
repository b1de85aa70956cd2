"""The contract of calendars, on the fake and on every adapter; CalDAV against a real Radicale.

The demo staff is the fixture: sales is Mara Lindt (Zurich) and Owen Park (New York), 9:00 to 17:30,
15 minutes free after each meeting.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from assistant.backends.caldav_events import CalDavEvents
from assistant.backends.calendar import Calendar, Meeting, Wish
from assistant.backends.calendar_caldav import CalDavCalendar
from assistant.backends.calendar_sql import SqlCalendar
from assistant.backends.demo_calendar import seed_demo_calendar
from assistant.backends.errors import MeetingClosed, MeetingNotFound, SlotRefused, TeamNotFound
from assistant.backends.staff_file import write_staff
from tests.contracts.databases import CALENDAR_TABLES, SQL_KINDS, open_database
from tests.fakes_calendar import InMemoryCalendar

NOW = datetime(2026, 11, 24, 10, 7, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture(params=["memory", *SQL_KINDS, "caldav"])
async def calendar(request, tmp_path):
    if request.param == "memory":
        yield InMemoryCalendar()
        return
    if request.param == "caldav":
        server = request.getfixturevalue("radicale")
        server.empty()
        async with open_database("sqlite", tmp_path, CALENDAR_TABLES) as database:
            staff = server.staff()
            await write_staff(database, staff)
            yield CalDavCalendar(database, CalDavEvents(staff), lambda: NOW)
        return
    async with open_database(request.param, tmp_path, CALENDAR_TABLES) as database:
        await seed_demo_calendar(database, NOW)
        await seed_demo_calendar(database, NOW)
        yield SqlCalendar(database)


def at(day: int, hour: int, minute: int = 0, month: int = 12) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def wish(start: datetime, host_id: str | None = "mara", minutes: int = 30) -> Wish:
    return Wish(team_id="sales", start=start, duration=timedelta(minutes=minutes), host_id=host_id)


async def book(
    calendar: Calendar, start: datetime, *, customer="cust-ada", key="k1", host_id="mara"
) -> Meeting:
    return await calendar.book(
        customer, wish(start, host_id), topic="Prices", idempotency_key=key, now=NOW
    )


async def starts(calendar: Calendar, since: datetime, until: datetime, **wanted) -> list[str]:
    slots = await calendar.free_slots(
        "sales",
        since=since,
        until=until,
        duration=HALF_HOUR,
        now=NOW,
        **{"host_id": "mara", **wanted},
    )
    return [f"{slot.start:%d %H:%M} {slot.host_id}" for slot in slots]


async def test_staff_is_listed_in_order(calendar):
    assert [team.id for team in await calendar.teams()] == ["sales", "support", "editorial"]
    assert [host.name for host in await calendar.hosts("sales")] == ["Mara Lindt", "Owen Park"]


async def test_free_slots_are_half_hours_within_working_hours_and_period(calendar):
    # Mara's day ends at 17:30 in Zurich, which is 16:30 UTC in winter.
    found = await starts(calendar, at(1, 15, 10), at(1, 20))
    assert found == ["01 15:30 mara", "01 16:00 mara"]


async def test_a_slot_must_end_within_the_period(calendar):
    assert await starts(calendar, at(1, 9), at(1, 9, 45)) == ["01 09:00 mara"]


async def test_slots_of_several_hosts_come_by_time_and_then_in_the_team_s_order(calendar):
    found = await starts(calendar, at(1, 13, 30), at(1, 14, 30), host_id=None)
    assert found == ["01 13:30 mara", "01 14:00 mara", "01 14:00 owen"]


async def test_past_weekend_and_holiday_are_never_offered(calendar):
    assert await starts(calendar, at(20, 8, month=11), at(24, 11, month=11)) == ["24 10:30 mara"]
    assert await starts(calendar, at(5, 0), at(7, 0)) == []
    assert await starts(calendar, at(25, 0), at(27, 0)) == []


async def test_a_booked_meeting_is_kept_as_asked(calendar):
    meeting = await book(calendar, at(1, 14))
    assert meeting == Meeting(
        id=meeting.id,
        team=(await calendar.teams())[0],
        host_id="mara",
        host_name="Mara Lindt",
        start=at(1, 14),
        end=at(1, 14, 30),
        topic="Prices",
        status="booked",
    )
    assert await calendar.meetings("cust-ada") == (meeting,)
    assert meeting.title == "Sales call with Mara Lindt"


async def test_a_booking_takes_its_time_and_the_buffer_around_it(calendar):
    await book(calendar, at(1, 14))
    found = await starts(calendar, at(1, 13), at(1, 15, 30))
    # 13:30 to 14:00 would leave no buffer before the meeting, 14:30 none after it.
    assert found == ["01 13:00 mara", "01 15:00 mara"]
    assert (await calendar.slot_at(wish(at(1, 14, 45)), now=NOW)).start == at(1, 14, 45)
    with pytest.raises(SlotRefused) as refusal:
        await calendar.slot_at(wish(at(1, 14, 30)), now=NOW)
    assert refusal.value.reason == "taken"


async def test_whoever_is_free_is_booked_when_nobody_is_named(calendar):
    first = await book(calendar, at(1, 15), key="k1", host_id=None)
    second = await book(calendar, at(1, 15), key="k2", host_id=None)
    assert (first.host_id, second.host_id) == ("mara", "owen")
    with pytest.raises(SlotRefused):
        await book(calendar, at(1, 15), key="k3", host_id=None)


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (at(24, 10, month=11), "past"),
        (NOW, "past"),
        (at(1, 7, 45), "closed"),
        (at(1, 16, 15), "closed"),
        (at(5, 10), "closed"),
        (at(25, 10), "holiday"),
        (datetime(2027, 12, 1, 10, tzinfo=UTC), "too_far"),
    ],
)
async def test_what_can_not_be_booked_is_refused_with_the_reason(calendar, start, reason):
    start = start.replace(minute=start.minute // 15 * 15)
    with pytest.raises(SlotRefused) as refusal:
        await book(calendar, start)
    assert refusal.value.reason == reason
    assert await calendar.meetings("cust-ada", include_cancelled=True) == ()


async def test_a_start_off_the_quarter_hour_is_a_mistake_of_the_caller(calendar):
    with pytest.raises(ValueError, match="quarter"):
        await book(calendar, at(1, 14, 5))
    with pytest.raises(ValueError, match="aware"):
        await book(calendar, datetime(2026, 12, 1, 14))
    with pytest.raises(TeamNotFound):
        await calendar.slot_at(
            Wish(team_id="marketing", start=at(1, 14), duration=HALF_HOUR), now=NOW
        )


async def test_of_a_hundred_bookings_of_one_slot_exactly_one_succeeds(calendar):
    results = await asyncio.gather(
        *(
            book(calendar, at(1, 14), customer=f"cust-{number}", key=f"key-{number}")
            for number in range(100)
        ),
        return_exceptions=True,
    )
    booked = [result for result in results if isinstance(result, Meeting)]
    refused = [result for result in results if isinstance(result, SlotRefused)]
    assert (len(booked), len(refused)) == (1, 99)
    assert {refusal.reason for refusal in refused} == {"taken"}


async def test_overlapping_bookings_at_once_never_overlap_in_the_calendar(calendar):
    quarters = [at(1, 12) + timedelta(minutes=15 * step) for step in range(8)]
    results = await asyncio.gather(
        *(
            book(calendar, start, customer=f"cust-{number}", key=f"key-{number}")
            for number, start in enumerate(quarters * 3)
        ),
        return_exceptions=True,
    )
    booked = sorted((r.start, r.end) for r in results if isinstance(r, Meeting))
    gaps = [later[0] - earlier[1] for earlier, later in pairwise(booked)]
    assert booked
    assert all(gap >= timedelta(minutes=15) for gap in gaps)
    assert all(isinstance(result, Meeting | SlotRefused) for result in results)


async def test_a_repeated_key_gives_the_same_meeting_and_books_nothing(calendar):
    first = await book(calendar, at(1, 14))
    assert await book(calendar, at(1, 14)) == first
    assert await book(calendar, at(2, 9)) == first
    assert await calendar.meetings("cust-ada") == (first,)


async def test_one_key_sent_many_times_at_once_books_once(calendar):
    results = await asyncio.gather(*(book(calendar, at(1, 14), host_id=None) for _ in range(20)))
    assert set(results) == {results[0]}
    assert await calendar.meetings("cust-ada") == (results[0],)


async def test_keys_of_different_customers_are_not_the_same(calendar):
    first = await book(calendar, at(1, 14), customer="cust-ada")
    second = await book(calendar, at(2, 14), customer="cust-ben")
    assert first.id != second.id


async def test_a_write_without_a_key_is_a_mistake_of_the_caller(calendar):
    with pytest.raises(ValueError, match="key"):
        await book(calendar, at(1, 14), key="")


async def test_a_move_frees_the_old_time_and_takes_the_new_one(calendar):
    meeting = await book(calendar, at(1, 14))
    moved = await calendar.move(
        "cust-ada", meeting.id, wish(at(2, 10), None), idempotency_key="k2", now=NOW
    )
    assert (moved.id, moved.start, moved.end) == (meeting.id, at(2, 10), at(2, 10, 30))
    assert moved.topic == "Prices"
    assert (await book(calendar, at(1, 14), key="k3")).start == at(1, 14)
    with pytest.raises(SlotRefused):
        await book(calendar, at(2, 10), key="k4")


async def test_a_move_may_overlap_the_meeting_s_own_time(calendar):
    meeting = await book(calendar, at(1, 14))
    moved = await calendar.move(
        "cust-ada", meeting.id, wish(at(1, 14, 15), None), idempotency_key="k2", now=NOW
    )
    assert (moved.start, moved.host_id) == (at(1, 14, 15), "mara")


async def test_a_move_keeps_the_host_if_free_and_else_takes_another(calendar):
    meeting = await book(calendar, at(1, 15), host_id="owen")
    await book(calendar, at(2, 15), key="k2", host_id="owen")
    moved = await calendar.move(
        "cust-ada", meeting.id, wish(at(3, 15), None), idempotency_key="k3", now=NOW
    )
    assert moved.host_id == "owen"
    moved = await calendar.move(
        "cust-ada", meeting.id, wish(at(2, 15), None), idempotency_key="k4", now=NOW
    )
    assert moved.host_id == "mara"


async def test_a_refused_move_leaves_the_meeting_where_it_was(calendar):
    meeting = await book(calendar, at(1, 14))
    await book(calendar, at(2, 10), customer="cust-ben")
    with pytest.raises(SlotRefused):
        await calendar.move("cust-ada", meeting.id, wish(at(2, 10)), idempotency_key="k2", now=NOW)
    assert await calendar.meetings("cust-ada") == (meeting,)
    with pytest.raises(SlotRefused):
        await book(calendar, at(1, 14), customer="cust-ben", key="k3")


async def test_a_repeated_move_is_done_once(calendar):
    meeting = await book(calendar, at(1, 14))
    first = await calendar.move(
        "cust-ada", meeting.id, wish(at(2, 10)), idempotency_key="k2", now=NOW
    )
    again = await calendar.move(
        "cust-ada", meeting.id, wish(at(2, 10)), idempotency_key="k2", now=NOW
    )
    assert first == again


async def test_many_moves_to_one_slot_let_one_through(calendar):
    meetings = [
        await book(calendar, at(day, 14), customer=f"cust-{day}") for day in (1, 2, 3, 4, 7, 8)
    ]
    results = await asyncio.gather(
        *(
            calendar.move(
                f"cust-{meeting.start.day}",
                meeting.id,
                wish(at(9, 9)),
                idempotency_key="move",
                now=NOW,
            )
            for meeting in meetings
        ),
        return_exceptions=True,
    )
    moved = [result for result in results if isinstance(result, Meeting)]
    assert len(moved) == 1
    assert sum(isinstance(result, SlotRefused) for result in results) == 5


async def test_cancelling_frees_the_time_and_is_done_once(calendar):
    meeting = await book(calendar, at(1, 14))
    cancelled = await calendar.cancel("cust-ada", meeting.id, idempotency_key="k2", now=NOW)
    again = await calendar.cancel("cust-ada", meeting.id, idempotency_key="k2", now=NOW)
    assert (cancelled.status, again) == ("cancelled", cancelled)
    assert await calendar.meetings("cust-ada") == ()
    assert await calendar.meetings("cust-ada", include_cancelled=True) == (cancelled,)
    assert (await book(calendar, at(1, 14), customer="cust-ben")).start == at(1, 14)
    with pytest.raises(MeetingClosed):
        await calendar.cancel("cust-ada", meeting.id, idempotency_key="k3", now=NOW)


async def test_another_customer_s_meeting_does_not_exist(calendar):
    meeting = await book(calendar, at(1, 14))
    with pytest.raises(MeetingNotFound):
        await calendar.meeting("cust-ben", meeting.id)
    with pytest.raises(MeetingNotFound):
        await calendar.cancel("cust-ben", meeting.id, idempotency_key="k2", now=NOW)
    with pytest.raises(MeetingNotFound):
        await calendar.move("cust-ben", meeting.id, wish(at(2, 10)), idempotency_key="k3", now=NOW)
    assert await calendar.meetings("cust-ben", include_cancelled=True) == ()
    assert await calendar.meetings("cust-ada") == (meeting,)


async def test_a_meeting_that_has_begun_stays_as_it_is(calendar):
    meeting = await book(calendar, at(1, 14))
    later = at(1, 14, 10)
    with pytest.raises(MeetingClosed):
        await calendar.move(
            "cust-ada", meeting.id, wish(at(2, 10)), idempotency_key="k2", now=later
        )
    with pytest.raises(MeetingClosed):
        await calendar.cancel("cust-ada", meeting.id, idempotency_key="k3", now=later)


async def test_meetings_of_a_period_are_those_that_touch_it(calendar):
    first = await book(calendar, at(1, 14))
    second = await book(calendar, at(2, 14), key="k2")
    assert await calendar.meetings("cust-ada") == (first, second)
    assert await calendar.meetings("cust-ada", since=at(1, 14, 30)) == (second,)
    assert await calendar.meetings("cust-ada", since=at(1, 14, 29)) == (first, second)
    assert await calendar.meetings("cust-ada", until=at(2, 14)) == (first,)


async def hold(calendar: Calendar, start: datetime, customer="cust-ada", **more):
    more = {"until": NOW + timedelta(minutes=10), "now": NOW, **more}
    return await calendar.hold(customer, wish(start, more.pop("host_id", "mara")), **more)


async def test_what_is_held_is_free_for_the_holder_only(calendar):
    slot = await hold(calendar, at(1, 14))
    assert (slot.start, slot.host_id) == (at(1, 14), "mara")
    around = (calendar, at(1, 13), at(1, 15, 30))
    assert await starts(*around) == ["01 13:00 mara", "01 15:00 mara"]
    assert await starts(*around, holder="cust-ben") == ["01 13:00 mara", "01 15:00 mara"]
    assert "01 14:00 mara" in await starts(*around, holder="cust-ada")
    for attempt in (hold(calendar, at(1, 14), "cust-ben"), book(calendar, at(1, 14), customer="b")):
        with pytest.raises(SlotRefused) as refusal:
            await attempt
        assert refusal.value.reason == "taken"
    assert (await book(calendar, at(1, 14))).start == at(1, 14)


async def test_a_hold_expires_by_itself(calendar):
    await hold(calendar, at(1, 14), until=NOW + timedelta(minutes=10))
    later = NOW + timedelta(minutes=10)
    slot = await hold(calendar, at(1, 14), "cust-ben", now=later, until=later + HALF_HOUR)
    assert slot.start == at(1, 14)
    with pytest.raises(SlotRefused):
        await calendar.slot_at(wish(at(1, 14)), now=later, holder="cust-ada")


async def test_a_released_hold_is_free_at_once(calendar):
    await hold(calendar, at(1, 14))
    await calendar.release("cust-ada")
    await calendar.release("cust-ada")
    assert (await hold(calendar, at(1, 14), "cust-ben")).start == at(1, 14)


async def test_a_customer_holds_one_slot_and_keeps_it_when_another_is_refused(calendar):
    await hold(calendar, at(1, 14))
    await hold(calendar, at(2, 10), "cust-ben")
    with pytest.raises(SlotRefused):
        await hold(calendar, at(2, 10))
    with pytest.raises(SlotRefused):
        await hold(calendar, at(1, 14), "cust-ben")
    await hold(calendar, at(3, 10))
    assert (await hold(calendar, at(1, 14), "cust-ben")).start == at(1, 14)


async def test_whoever_is_not_held_is_offered_when_nobody_is_named(calendar):
    held = [
        (await hold(calendar, at(1, 15), f"cust-{number}", host_id=None)).host_id
        for number in range(2)
    ]
    assert held == ["mara", "owen"]
    with pytest.raises(SlotRefused):
        await hold(calendar, at(1, 15), "cust-9", host_id=None)


async def test_booking_and_moving_let_go_of_what_was_held(calendar):
    await hold(calendar, at(1, 10))
    meeting = await book(calendar, at(2, 10))
    assert (await hold(calendar, at(1, 10), "cust-ben")).start == at(1, 10)
    await hold(calendar, at(3, 10), ignoring=meeting.id)
    await calendar.move("cust-ada", meeting.id, wish(at(4, 10)), idempotency_key="m", now=NOW)
    assert (await hold(calendar, at(3, 10), "cust-eve")).start == at(3, 10)


async def test_of_many_holds_of_one_slot_at_once_one_succeeds(calendar):
    results = await asyncio.gather(
        *(hold(calendar, at(1, 14), f"cust-{number}") for number in range(30)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, SlotRefused) for result in results) == 29


async def test_every_change_raises_the_sequence(calendar):
    meeting = await book(calendar, at(1, 14))
    moved = await calendar.move(
        "cust-ada", meeting.id, wish(at(2, 10)), idempotency_key="k2", now=NOW
    )
    again = await calendar.move(
        "cust-ada", meeting.id, wish(at(2, 10)), idempotency_key="k2", now=NOW
    )
    cancelled = await calendar.cancel("cust-ada", meeting.id, idempotency_key="k3", now=NOW)
    numbers = [each.sequence for each in (meeting, moved, again, cancelled)]
    assert numbers == [0, 1, 1, 2]


async def test_working_hours_follow_the_host_s_clock_through_the_change(calendar):
    # Zurich goes to summer time on 28 March 2027: nine o'clock is 08:00 UTC before, 07:00 after.
    before = datetime(2027, 3, 26, 8, tzinfo=UTC)
    after = datetime(2027, 3, 29, 7, tzinfo=UTC)
    assert (await calendar.slot_at(wish(before), now=NOW)).start == before
    assert (await calendar.slot_at(wish(after), now=NOW)).start == after
    with pytest.raises(SlotRefused):
        await calendar.slot_at(wish(before - timedelta(minutes=15)), now=NOW)
