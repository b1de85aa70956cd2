"""Meetings as calendar files and invitations, read back by a calendar library."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import structlog

from assistant.backends.calendar import Meeting, Team
from assistant.backends.invitations import Invitations, meeting_ics, meeting_uid
from tests.fakes_accounts import InMemoryAccounts
from tests.fakes_mail import FakeMailer

NOW = datetime(2026, 11, 24, 10, 7, tzinfo=UTC)
ZURICH = ZoneInfo("Europe/Zurich")
MEETING = Meeting(
    id="M-7K3QF9",
    team=Team(id="sales", name="Sales", meeting_title="Sales call"),
    host_id="mara",
    host_name="Mara Lindt",
    start=datetime(2026, 12, 1, 14, tzinfo=UTC),
    end=datetime(2026, 12, 1, 14, 30, tzinfo=UTC),
    topic="Prices; seats, and more",
    status="booked",
)


def event_of(content: bytes) -> icalendar.Event:
    calendar = icalendar.Calendar.from_ical(content)
    [event] = calendar.walk("VEVENT")
    return event


def test_a_meeting_is_a_complete_event_in_utc():
    content = meeting_ics(MEETING, stamp=NOW)
    event = event_of(content)
    assert icalendar.Calendar.from_ical(content)["method"] == "PUBLISH"
    assert (event.start, event.end) == (MEETING.start, MEETING.end)
    assert b"DTSTART:20261201T140000Z" in content
    assert {name: str(event[name]) for name in ("uid", "summary", "status", "description")} == {
        "uid": "m-7k3qf9@meetings.heidi",
        "summary": "Sales call with Mara Lindt",
        "status": "CONFIRMED",
        "description": "Topic: Prices; seats, and more\nNumber: M-7K3QF9",
    }
    assert "attendee" not in event


@pytest.mark.parametrize(
    "topic", ["a\r\nBEGIN:VALARM", "x\nATTENDEE:mailto:eve@example.com", "ü" * 200]
)
def test_a_topic_stays_text(topic):
    event = event_of(meeting_ics(replace(MEETING, topic=topic), stamp=NOW))
    assert event.subcomponents == []
    assert "attendee" not in event
    lines = str(event["description"]).splitlines()
    assert lines == [*f"Topic: {topic}".splitlines(), "Number: M-7K3QF9"]


def test_a_change_keeps_the_uid_and_raises_the_sequence():
    moved = replace(MEETING, start=MEETING.start + timedelta(days=1), sequence=1)
    cancelled = replace(moved, status="cancelled", sequence=2)
    events = [event_of(meeting_ics(each, stamp=NOW)) for each in (MEETING, moved, cancelled)]
    assert {str(event["uid"]) for event in events} == {meeting_uid(MEETING.id)}
    assert [event["sequence"] for event in events] == [0, 1, 2]
    assert str(events[2]["status"]) == "CANCELLED"


@pytest.mark.parametrize("fold", [0, 1])
def test_the_repeated_hour_in_autumn_is_unmistakable(fold):
    start = datetime(2027, 10, 31, 2, 30, tzinfo=ZURICH, fold=fold)
    end = start.astimezone(UTC) + timedelta(minutes=30)
    event = event_of(meeting_ics(replace(MEETING, start=start, end=end), stamp=NOW))
    assert event.start == datetime(2027, 10, 31, fold, 30, tzinfo=UTC)
    assert event.end - event.start == timedelta(minutes=30)


class Addresses(InMemoryAccounts):
    """Customers of whom only the address is asked."""

    async def profile(self, customer_id: str):
        if customer_id == "cust-ada":
            return type("Profile", (), {"email": "ada@example.com"})()
        return await super().profile(customer_id)


def invitations(mailer: FakeMailer) -> Invitations:
    return Invitations(mailer=mailer, accounts=Addresses({}), sender="heidi@news.example")


async def test_an_invitation_names_who_invites_and_who_comes():
    mailer = FakeMailer()
    sent = await invitations(mailer).send("cust-ada", MEETING, "booked", now=NOW, zone=ZURICH)
    [letter] = mailer.letters
    event = event_of(letter.calendar.content)
    assert (sent, letter.to, letter.calendar.method) == ("sent", "ada@example.com", "REQUEST")
    assert letter.subject == "Sales call with Mara Lindt: booked"
    assert letter.text == (
        "Your meeting is booked:\n\nSales call with Mara Lindt\n"
        "Tuesday, 1 December 2026, 15:00–15:30 (Europe/Zurich)\n"
        "Topic: Prices; seats, and more\nNumber: M-7K3QF9\n"
    )
    assert str(event["organizer"]) == "mailto:heidi@news.example"
    assert str(event["attendee"]) == "mailto:ada@example.com"


async def test_a_cancelled_meeting_is_taken_back():
    mailer = FakeMailer()
    cancelled = replace(MEETING, status="cancelled", sequence=1)
    await invitations(mailer).send("cust-ada", cancelled, "cancelled", now=NOW, zone=ZURICH)
    [letter] = mailer.letters
    assert letter.calendar.method == "CANCEL"
    assert b"METHOD:CANCEL" in letter.calendar.content


@pytest.mark.parametrize(
    ("customer", "mailer"),
    [("cust-ada", FakeMailer(is_broken=True)), ("cust-zoe", FakeMailer())],
)
async def test_whatever_goes_wrong_is_said_and_no_more(customer, mailer):
    with structlog.testing.capture_logs() as logs:
        sent = await invitations(mailer).send(customer, MEETING, "booked", now=NOW, zone=ZURICH)
    assert (sent, mailer.letters) == ("failed", [])
    assert [log["event"] for log in logs] == ["invitation not sent"]
