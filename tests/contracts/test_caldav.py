"""What only calendars outside do: other appointments, hosts who change meetings, lost servers."""

from __future__ import annotations

import asyncio

import icalendar
import pytest
import structlog
import yaml

from assistant.backends.caldav_events import CalDavEvents, StateChanged
from assistant.backends.calendar_caldav import UNFINISHED, CalDavCalendar
from assistant.backends.errors import BackendUnavailable, MeetingClosed, SlotRefused
from assistant.backends.invitations import meeting_ics, meeting_uid
from assistant.backends.staff_file import StaffFileInvalid, load_staff, write_staff
from tests.contracts.databases import CALENDAR_TABLES, open_database
from tests.contracts.test_calendar import NOW, at, book, starts, wish
from tests.radicale import Radicale


@pytest.fixture
async def database(tmp_path):
    async with open_database("sqlite", tmp_path, CALENDAR_TABLES) as opened:
        yield opened


@pytest.fixture
async def remote(radicale):
    radicale.empty()
    return CalDavEvents(radicale.staff())


@pytest.fixture
async def calendar(radicale, database, remote):
    await write_staff(database, radicale.staff())
    return CalDavCalendar(database, remote, lambda: NOW)


@pytest.fixture(autouse=True)
def logs():
    with structlog.testing.capture_logs() as captured:
        yield captured


def appointment(*lines: str) -> str:
    """Somebody's own event, as their program writes it."""
    return "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Somebody//EN",
            "BEGIN:VEVENT",
            "UID:own@example",
            "DTSTAMP:20261101T000000Z",
            "SUMMARY:Dentist",
            *lines,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    )


def change(radicale: Radicale, host_id: str, **values: object) -> None:
    """Change the one event of a calendar, as its owner does."""
    [(name, text)] = radicale.events(host_id).items()
    parsed = icalendar.Calendar.from_ical(text)
    event = parsed.walk("VEVENT")[0]
    for key, value in values.items():
        event.pop(key, None)
        event.add(key, value)
    radicale.put(host_id, name, parsed.to_ical().decode())


def event_of(radicale: Radicale, host_id: str) -> icalendar.Event:
    [text] = radicale.events(host_id).values()
    return icalendar.Calendar.from_ical(text).walk("VEVENT")[0]


async def test_a_booked_meeting_stands_in_the_host_s_own_calendar(calendar, radicale):
    meeting = await book(calendar, at(1, 14))
    event = event_of(radicale, "mara")
    assert list(radicale.events("mara")) == [f"{meeting_uid(meeting.id)}.ics"]
    assert (event.start, event.end) == (meeting.start, meeting.end)
    assert str(event["summary"]) == "Sales call with Mara Lindt"
    assert radicale.events("owen") == {}


@pytest.mark.parametrize(
    ("lines", "is_free"),
    [
        (("DTSTART:20261201T140000Z", "DTEND:20261201T150000Z"), False),
        (("DTSTART;TZID=Europe/Zurich:20261201T150000", "DURATION:PT1H"), False),
        (("DTSTART:20261201T150000", "DTEND:20261201T160000"), False),
        (("DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261202"), False),
        (
            (
                "DTSTART;TZID=Europe/Zurich:20261103T150000",
                "DTEND;TZID=Europe/Zurich:20261103T160000",
                "RRULE:FREQ=WEEKLY;BYDAY=TU",
            ),
            False,
        ),
        (
            (
                "DTSTART;TZID=Europe/Zurich:20261103T150000",
                "DTEND;TZID=Europe/Zurich:20261103T160000",
                "RRULE:FREQ=WEEKLY;BYDAY=TU",
                "EXDATE;TZID=Europe/Zurich:20261201T150000",
            ),
            True,
        ),
        (("DTSTART:20261201T140000Z", "DTEND:20261201T150000Z", "TRANSP:TRANSPARENT"), True),
        (("DTSTART:20261201T140000Z", "DTEND:20261201T150000Z", "STATUS:CANCELLED"), True),
        (("DTSTART:20261201T133000Z", "DTEND:20261201T134500Z"), True),
        (("DTSTART:20261201T133000Z", "DTEND:20261201T140000Z"), False),
    ],
)
async def test_a_host_is_busy_with_their_own_appointments(calendar, radicale, lines, is_free):
    radicale.put("mara", "own.ics", appointment(*lines))
    found = await starts(calendar, at(1, 14), at(1, 14, 30))
    assert found == (["01 14:00 mara"] if is_free else [])
    if is_free:
        await book(calendar, at(1, 14))
    else:
        with pytest.raises(SlotRefused) as refusal:
            await book(calendar, at(1, 14))
        assert refusal.value.reason == "taken"


async def test_a_meeting_that_its_host_moved_is_where_they_put_it(calendar, radicale):
    meeting = await book(calendar, at(1, 14))
    change(radicale, "mara", dtstart=at(2, 10), dtend=at(2, 10, 30))
    moved = await calendar.meeting("cust-ada", meeting.id)
    assert (moved.start, moved.end, moved.sequence) == (at(2, 10), at(2, 10, 30), 1)
    assert await calendar.meetings("cust-ada") == (moved,)
    assert await calendar.meetings("cust-ada", until=at(2, 0)) == ()
    assert (await book(calendar, at(1, 14), customer="cust-ben")).start == at(1, 14)
    with pytest.raises(SlotRefused):
        await book(calendar, at(2, 10), customer="cust-ben", key="k2")


async def test_a_meeting_that_its_host_deleted_is_cancelled(calendar, radicale):
    meeting = await book(calendar, at(1, 14))
    [name] = radicale.events("mara")
    radicale.client.delete(f"/heidi/mara/{name}")
    cancelled = await calendar.meeting("cust-ada", meeting.id)
    assert cancelled.status == "cancelled"
    assert await calendar.meetings("cust-ada") == ()
    with pytest.raises(MeetingClosed):
        await calendar.cancel("cust-ada", meeting.id, idempotency_key="k2", now=NOW)
    assert (await book(calendar, at(1, 14), customer="cust-ben")).start == at(1, 14)


async def test_a_move_keeps_what_the_host_wrote_into_the_event(calendar, radicale):
    meeting = await book(calendar, at(1, 14))
    change(radicale, "mara", location="Room 4", sequence=5)
    moved = await calendar.move(
        "cust-ada", meeting.id, wish(at(2, 10)), idempotency_key="k2", now=NOW
    )
    event = event_of(radicale, "mara")
    assert (event.start, event.end) == (moved.start, moved.end) == (at(2, 10), at(2, 10, 30))
    assert (str(event["location"]), event["sequence"]) == ("Room 4", 6)
    assert await calendar.meeting("cust-ada", meeting.id) == moved


async def test_a_move_to_another_host_moves_the_event(calendar, radicale):
    meeting = await book(calendar, at(1, 15))
    moved = await calendar.move(
        "cust-ada", meeting.id, wish(at(1, 20), None), idempotency_key="k2", now=NOW
    )
    assert moved.host_id == "owen"
    assert radicale.events("mara") == {}
    assert event_of(radicale, "owen").start == at(1, 20)
    await calendar.cancel("cust-ada", meeting.id, idempotency_key="k3", now=NOW)
    assert radicale.events("owen") == {}


async def test_a_write_meant_for_another_state_is_refused_by_the_server(remote, calendar):
    meeting = await book(calendar, at(1, 14))
    uid, content = meeting_uid(meeting.id), meeting_ics(meeting, stamp=NOW)
    first = await remote.read("mara", uid)
    with pytest.raises(StateChanged):
        await remote.write("mara", uid, content, replacing=None)
    await remote.write("mara", uid, content.replace(b"Mara", b"Maria"), replacing=first.etag)
    for stale in (
        remote.write("mara", uid, content, replacing=first.etag),
        remote.delete("mara", uid, replacing=first.etag),
    ):
        with pytest.raises(StateChanged):
            await stale
    second = await remote.read("mara", uid)
    await remote.delete("mara", uid, replacing=second.etag)
    await remote.delete("mara", uid, replacing=second.etag)
    assert await remote.read("mara", uid) is None


class Interfering(CalDavEvents):
    """Something happens just before the first write."""

    def __init__(self, staff, happen) -> None:
        super().__init__(staff)
        self._happen = happen

    async def write(self, *args, **options) -> None:
        happen, self._happen = self._happen, lambda: None
        happen()
        await super().write(*args, **options)


async def test_an_appointment_that_came_first_in_the_last_moment_stays(
    calendar, database, radicale
):
    own = appointment("DTSTART:20261201T141500Z", "DTEND:20261201T150000Z")
    remote = Interfering(radicale.staff(), lambda: radicale.put("mara", "own.ics", own))
    with pytest.raises(SlotRefused):
        await book(CalDavCalendar(database, remote, lambda: NOW), at(1, 14))
    assert list(radicale.events("mara")) == ["own.ics"]
    assert await calendar.meetings("cust-ada", include_cancelled=True) == ()


async def test_a_host_who_changes_the_event_during_a_move_is_not_overwritten(
    calendar, database, radicale
):
    meeting = await book(calendar, at(1, 14))
    remote = Interfering(radicale.staff(), lambda: change(radicale, "mara", location="Room 4"))
    moving = CalDavCalendar(database, remote, lambda: NOW)
    moved = await moving.move(
        "cust-ada", meeting.id, wish(at(2, 10)), idempotency_key="k2", now=NOW
    )
    event = event_of(radicale, "mara")
    assert (event.start, str(event["location"])) == (moved.start, "Room 4")


def fail() -> None:
    raise BackendUnavailable("The calendar does not answer now.")


async def test_a_server_lost_in_the_middle_books_nothing_and_the_key_can_be_used_again(
    calendar, database, radicale
):
    losing = CalDavCalendar(database, Interfering(radicale.staff(), fail), lambda: NOW)
    with pytest.raises(BackendUnavailable):
        await book(losing, at(1, 14))
    assert await calendar.meetings("cust-ada", include_cancelled=True) == ()
    meeting = await book(calendar, at(1, 14))
    assert (meeting.status, event_of(radicale, "mara").start) == ("booked", at(1, 14))


async def test_a_booking_that_is_cut_off_while_it_is_written_leaves_nothing_behind(
    calendar, database, radicale
):
    writing: list[asyncio.Task] = []
    remote = Interfering(radicale.staff(), lambda: writing[0].cancel())
    booking = book(CalDavCalendar(database, remote, lambda: NOW), at(1, 14))
    writing.append(asyncio.create_task(booking))
    with pytest.raises(asyncio.CancelledError):
        await writing[0]
    assert radicale.events("mara") == {}
    assert await calendar.meetings("cust-ada", include_cancelled=True) == ()


async def test_a_move_lost_in_the_middle_leaves_the_meeting_where_it_was(
    calendar, database, radicale
):
    meeting = await book(calendar, at(1, 14))
    losing = CalDavCalendar(database, Interfering(radicale.staff(), fail), lambda: NOW)
    for start, host in ((at(2, 10), "mara"), (at(1, 20), "owen")):
        with pytest.raises(BackendUnavailable):
            await CalDavCalendar(database, Interfering(radicale.staff(), fail), lambda: NOW).move(
                "cust-ada",
                meeting.id,
                wish(start, host),
                idempotency_key=f"to-{host}",
                now=NOW,
            )
        found = await losing.meeting("cust-ada", meeting.id)
        assert (found.start, found.host_id, found.status) == (at(1, 14), "mara", "booked")
    assert event_of(radicale, "mara").start == at(1, 14)
    assert radicale.events("owen") == {}


async def test_without_the_server_nothing_is_booked_and_nothing_is_shown_as_free(
    calendar, radicale
):
    radicale.stop()
    try:
        for attempt in (
            book(calendar, at(1, 14)),
            starts(calendar, at(1, 14), at(1, 15)),
            calendar.slot_at(wish(at(1, 14)), now=NOW),
        ):
            with pytest.raises(BackendUnavailable):
                await attempt
    finally:
        radicale.start()
    assert (await book(calendar, at(1, 14))).start == at(1, 14)


async def test_a_wrong_password_is_no_calendar(radicale, database, monkeypatch, logs):
    monkeypatch.setenv("TEST_CALDAV_PASSWORD", "wrong-password")
    await write_staff(database, radicale.staff())
    calendar = CalDavCalendar(database, CalDavEvents(radicale.staff()), lambda: NOW)
    with pytest.raises(BackendUnavailable):
        await calendar.slot_at(wish(at(1, 14)), now=NOW)
    assert "wrong-password" not in str(logs)


async def test_a_change_of_the_staff_file_reaches_the_calendar(radicale, database, remote):
    staff = radicale.staff()
    await write_staff(database, staff)
    [sales, *others] = staff.teams
    mara, owen = sales.hosts
    late = mara.model_copy(update={"hours": (mara.hours[0].model_copy(update={"days": (5,)}),)})
    sales = sales.model_copy(update={"hosts": (late, owen)})
    await write_staff(database, staff.model_copy(update={"teams": (sales, *others)}))
    calendar = CalDavCalendar(database, remote, lambda: NOW)
    with pytest.raises(SlotRefused):
        await calendar.slot_at(wish(at(1, 14)), now=NOW)
    assert (await calendar.slot_at(wish(at(5, 14)), now=NOW)).start == at(5, 14)


HOST = {
    "id": "mara",
    "name": "Mara",
    "timezone": "Europe/Zurich",
    "hours": [{"days": ["mon"], "opens": "09:00", "closes": "17:00"}],
}
TEAM = {"id": "sales", "name": "Sales", "meeting_title": "Call", "hosts": [HOST]}


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ({"teams": []}, "teams"),
        ({"teams": [{**TEAM, "hosts": [HOST, HOST]}]}, "same id"),
        ({"teams": [{**TEAM, "hosts": [{**HOST, "timezone": "Mars/Base"}]}]}, "Mars"),
        (
            {"teams": [{**TEAM, "hosts": [{**HOST, "hours": [
                {"days": ["mon"], "opens": "22:00", "closes": "06:00"}]}]}]},
            "split a night",
        ),
        (
            {
                "teams": [TEAM],
                "caldav": {"url": "https://x", "username": "u", "password_env": "P"},
            },
            "needs a calendar",
        ),
        ({"teams": [TEAM], "unknown": 1}, "unknown"),
    ],
)  # fmt: skip
def test_a_staff_file_that_makes_no_sense_says_why(tmp_path, document, problem):
    file = tmp_path / "staff.yaml"
    file.write_text(yaml.safe_dump(document))
    with pytest.raises(StaffFileInvalid, match=problem):
        load_staff(file)


def test_the_password_comes_from_the_environment(radicale, monkeypatch):
    monkeypatch.delenv("TEST_CALDAV_PASSWORD")
    with pytest.raises(StaffFileInvalid, match="TEST_CALDAV_PASSWORD"):
        CalDavEvents(radicale.staff())


def later(calendar: CalDavCalendar) -> CalDavCalendar:
    """The calendar of a process that was started after a crash."""
    return CalDavCalendar(calendar._database, calendar._remote, lambda: NOW + UNFINISHED)


async def book_and_die(calendar: CalDavCalendar):
    """Book in the database alone, as a process does that dies before it writes to the server."""
    return await book(calendar._sql, at(1, 14))


async def test_a_booking_that_a_crash_cut_off_is_finished_by_the_next_look(calendar, radicale):
    meeting = await book_and_die(calendar)
    assert radicale.events("mara") == {}

    assert await later(calendar).meetings("cust-ada") == (meeting,)

    assert list(radicale.events("mara")) == [f"{meeting_uid(meeting.id)}.ics"]


async def test_a_booking_that_was_cut_off_gives_way_to_what_came_meanwhile(calendar, radicale):
    meeting = await book_and_die(calendar)
    lines = ("DTSTART:20261201T140000Z", "DTEND:20261201T150000Z")
    radicale.put("mara", "own.ics", appointment(*lines))

    found = await later(calendar).meeting("cust-ada", meeting.id)

    assert found.status == "cancelled"
    assert list(radicale.events("mara")) == ["own.ics"]


async def test_a_booking_that_is_being_written_is_left_alone(calendar, radicale):
    meeting = await book_and_die(calendar)

    assert await calendar.meetings("cust-ada") == (meeting,)

    assert radicale.events("mara") == {}


async def test_a_cancellation_that_a_crash_cut_off_is_done(calendar, radicale, monkeypatch):
    meeting = await book(calendar, at(1, 14))

    async def die(*_: object, **__: object) -> None:
        raise ConnectionError("the process is gone")

    with monkeypatch.context() as crash:
        crash.setattr(calendar._sql, "cancel", die)
        with pytest.raises(ConnectionError):
            await calendar.cancel("cust-ada", meeting.id, idempotency_key="k2", now=NOW)

    assert (await later(calendar).meeting("cust-ada", meeting.id)).status == "cancelled"
    assert radicale.events("mara") == {}


async def test_a_move_that_a_crash_cut_off_is_undone(calendar, radicale):
    meeting = await book(calendar, at(1, 14))
    await calendar._sql.move("cust-ada", meeting.id, wish(at(2, 10)), idempotency_key="k2", now=NOW)

    found = await later(calendar).meeting("cust-ada", meeting.id)

    assert (found.start, found.status) == (at(1, 14), "booked")
    assert event_of(radicale, "mara").start == at(1, 14)
