"""Owns the port to the calendar of staff: teams, free slots and customers' meetings.

Every moment that crosses this port is aware. Working hours are in the host's own time zone; which
zone a visitor reads times in is the tools' concern.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

GRANULE = timedelta(minutes=15)
"""Meetings start on a multiple of this and last a multiple of it."""

BOOKING_HORIZON = timedelta(days=365)
"""How far ahead a meeting can be booked."""

MeetingStatus = Literal["booked", "cancelled"]


@dataclass(frozen=True, kw_only=True)
class WorkingHours:
    """When a host works on one weekday; a host may have several on one day."""

    weekday: int
    """0 is Monday."""
    opens: time
    closes: time


@dataclass(frozen=True, kw_only=True)
class Team:
    """People who take the same kind of meetings."""

    id: str
    """`sales`."""
    name: str
    """`Sales`."""
    meeting_title: str
    """`Sales call`."""


@dataclass(frozen=True, kw_only=True)
class Host:
    """A member of staff who takes meetings."""

    id: str
    name: str
    team_id: str
    zone: ZoneInfo
    hours: tuple[WorkingHours, ...]
    buffer: timedelta
    """Kept free after each meeting."""


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A time at which a host can be booked."""

    team: Team
    host_id: str
    host_name: str
    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """A customer's meeting with a host."""

    id: str
    """Short and readable: `M-7K3QF9`."""
    team: Team
    host_id: str
    host_name: str
    start: datetime
    end: datetime
    topic: str
    status: MeetingStatus
    sequence: int = 0
    """How often it was changed since it was booked."""

    @property
    def title(self) -> str:
        """`Sales call with Mara Lindt`."""
        return f"{self.team.meeting_title} with {self.host_name}"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A time somebody wants."""

    team_id: str
    start: datetime
    duration: timedelta
    host_id: str | None = None
    """None takes whoever of the team is free."""


class Calendar(Protocol):
    """The calendar of staff, wherever it is kept.

    Guarantees of every adapter: two meetings of one host never overlap (buffer included), however
    many ask at once; what one customer holds no other one can book; a write with a key that was
    used before by the customer changes nothing and gives the meeting as it is; a move happens as a
    whole or not at all.
    """

    async def teams(self) -> tuple[Team, ...]:
        """Every team that can be booked."""
        ...

    async def hosts(self, team_id: str) -> tuple[Host, ...]:
        """The members of a team, in the order in which they are asked."""
        ...

    async def free_slots(
        self,
        team_id: str,
        *,
        since: datetime,
        until: datetime,
        duration: timedelta,
        now: datetime,
        host_id: str | None = None,
        ignoring: str | None = None,
        holder: str | None = None,
    ) -> tuple[Slot, ...]:
        """Free times on the half hour that lie within `since` and `until`, earliest first.

        One slot for each free host; `ignoring` names a meeting that shall be moved, whose own
        time counts as free; `holder` a customer, as does what they hold.
        """
        ...

    async def slot_at(
        self,
        wish: Wish,
        *,
        now: datetime,
        ignoring: str | None = None,
        holder: str | None = None,
    ) -> Slot:
        """The slot that booking the wish would take now.

        Raises:
            SlotRefused: nobody of the team can be booked then.
            ValueError: start or duration is off the granule.
        """
        ...

    async def hold(
        self,
        customer_id: str,
        wish: Wish,
        *,
        until: datetime,
        now: datetime,
        ignoring: str | None = None,
    ) -> Slot:
        """Keep the slot of a wish for a customer who is deciding.

        Nobody else is offered it or can book it before `until`. A customer holds one slot: a new
        one takes the place of the old one, which stays if the new one is refused.

        Raises:
            SlotRefused, ValueError: as `slot_at`.
        """
        ...

    async def release(self, customer_id: str) -> None:
        """Let go of the slot that a customer holds, if any; booking or moving does so itself."""
        ...

    async def book(
        self, customer_id: str, wish: Wish, *, topic: str, idempotency_key: str, now: datetime
    ) -> Meeting:
        """Book a meeting.

        Raises:
            SlotRefused: nobody can be booked then, or somebody else was quicker.
        """
        ...

    async def move(
        self,
        customer_id: str,
        meeting_id: str,
        wish: Wish,
        *,
        idempotency_key: str,
        now: datetime,
    ) -> Meeting:
        """Move a meeting to another time (or host of its team), as a whole or not at all.

        Raises:
            MeetingNotFound: no such meeting of this customer.
            MeetingClosed: it was cancelled or has begun.
            SlotRefused: nobody can be booked then; the meeting stays where it was.
        """
        ...

    async def cancel(
        self, customer_id: str, meeting_id: str, *, idempotency_key: str, now: datetime
    ) -> Meeting:
        """Cancel a meeting and free its time.

        Raises:
            MeetingNotFound: no such meeting of this customer.
            MeetingClosed: it was cancelled before or has begun.
        """
        ...

    async def meeting(self, customer_id: str, meeting_id: str) -> Meeting:
        """One meeting of the customer, whatever its status.

        Raises:
            MeetingNotFound: no such meeting of this customer.
        """
        ...

    async def meetings(
        self,
        customer_id: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        include_cancelled: bool = False,
    ) -> tuple[Meeting, ...]:
        """The customer's meetings that end after `since` and start before `until`, in order."""
        ...
