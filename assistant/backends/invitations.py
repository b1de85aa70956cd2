"""Owns invitations: a meeting as an iCalendar file (RFC 5545), and as mail (RFC 5546, RFC 6047)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

import icalendar
import structlog

from assistant.backends.accounts import Accounts
from assistant.backends.calendar import Meeting
from assistant.backends.mail import CalendarPart, Mailer
from assistant.core.errors import HeidiError
from assistant.core.phrasing import format_span

PRODUCT = "-//Heidi//Meetings//EN"
UID_DOMAIN = "meetings.heidi"

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]
Occasion = Literal["booked", "moved", "cancelled"]
Sent = Literal["sent", "failed", "off"]
"""`off`: no mail is sent from here."""

log = structlog.get_logger(__name__)


def meeting_uid(meeting_id: str) -> str:
    """The meeting's name in every calendar, the same for its whole life.

    A meeting's id is made from its booking's idempotency key, and so this is too.
    """
    return f"{meeting_id.lower()}@{UID_DOMAIN}"


def meeting_ics(
    meeting: Meeting,
    *,
    stamp: datetime,
    method: Method = "PUBLISH",
    organizer: str = "",
    attendee: str = "",
) -> bytes:
    """A meeting as an iCalendar file.

    Args:
        meeting: as it is now.
        stamp: when the file is made.
        method: what the receiver shall do with it.
        organizer: mail address of whoever invites; needed to invite.
        attendee: mail address of whoever is invited.
    """
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(meeting_event(meeting, stamp, organizer=organizer, attendee=attendee))
    return bytes(calendar.to_ical())


def meeting_event(
    meeting: Meeting, stamp: datetime, *, organizer: str = "", attendee: str = ""
) -> icalendar.Event:
    """The event of a meeting; times are in UTC, so that no clock change can shift them."""
    event = icalendar.Event()
    event.add("uid", meeting_uid(meeting.id))
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("sequence", meeting.sequence)
    event.add("dtstart", meeting.start.astimezone(UTC))
    event.add("dtend", meeting.end.astimezone(UTC))
    event.add("summary", meeting.title)
    event.add("description", _describe(meeting))
    event.add("status", "CANCELLED" if meeting.status == "cancelled" else "CONFIRMED")
    if organizer:
        event.add("organizer", _person(organizer, meeting.host_name))
    if attendee:
        person = _person(attendee)
        person.params["ROLE"] = icalendar.vText("REQ-PARTICIPANT")
        person.params["PARTSTAT"] = icalendar.vText("ACCEPTED")
        event.add("attendee", person)
    return event


@dataclass(frozen=True, kw_only=True)
class Invitations:
    """Sends a customer their meetings by mail."""

    mailer: Mailer
    accounts: Accounts
    """Where customers' addresses are."""
    sender: str
    """Mail address that invites."""

    async def send(
        self,
        customer_id: str,
        meeting: Meeting,
        occasion: Occasion,
        *,
        now: datetime,
        zone: ZoneInfo,
    ) -> Sent:
        """Tell the customer by mail; whatever goes wrong, the meeting stands as it is."""
        method: Method = "CANCEL" if meeting.status == "cancelled" else "REQUEST"
        try:
            profile = await self.accounts.profile(customer_id)
            content = meeting_ics(
                meeting, stamp=now, method=method, organizer=self.sender, attendee=profile.email
            )
            await self.mailer.send(
                profile.email,
                f"{meeting.title}: {occasion}",
                _letter(meeting, occasion, zone),
                CalendarPart(content=content, method=method),
            )
        except HeidiError as error:
            log.warning("invitation not sent", meeting_id=meeting.id, problem=error.detail)
            return "failed"
        return "sent"


def _person(address: str, name: str = "") -> icalendar.vCalAddress:
    person = icalendar.vCalAddress(f"mailto:{address}")
    if name:
        person.params["CN"] = icalendar.vText(name)
    return person


def _describe(meeting: Meeting) -> str:
    topic = [f"Topic: {meeting.topic}"] if meeting.topic else []
    return "\n".join((*topic, f"Number: {meeting.id}"))


def _letter(meeting: Meeting, occasion: Occasion, zone: ZoneInfo) -> str:
    when = format_span(meeting.start, meeting.end, zone)
    lead = {
        "booked": "Your meeting is booked:",
        "moved": "Your meeting was moved. The new time:",
        "cancelled": "Your meeting was cancelled:",
    }[occasion]
    return f"{lead}\n\n{meeting.title}\n{when}\n{_describe(meeting)}\n"
