"""Owns `CalDavCalendar`: the built-in calendar, joined with the staff's own calendars by CalDAV.

The database stays the judge of double booking, of keys and of whose meeting it is; the server knows
of everything else that fills people's days, and has the last word on a meeting that its host moved
or deleted there. A meeting is claimed in the database first and written to the server then, and it
counts as booked only after both.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import icalendar
import structlog

from assistant.backends.availability import check_open, granules, refused
from assistant.backends.caldav_events import CalDavEvents, RemoteEvent, StateChanged
from assistant.backends.calendar import Calendar, Host, Meeting, Slot, Team, Wish
from assistant.backends.calendar_sql import SqlCalendar
from assistant.backends.errors import BackendUnavailable, MeetingClosed, SlotRefused
from assistant.backends.invitations import meeting_ics, meeting_uid
from assistant.store import calendar as store
from assistant.store import calendar_events as events
from assistant.store.database import Database

ATTEMPTS = 3
"""A write that met a changed event looks again; then it gives up."""

UNFINISHED = timedelta(minutes=2)
"""A booking without an event is being written for so long; then whoever wrote it is gone."""

log = structlog.get_logger(__name__)


class OutsideTimes:
    """What fills the staff's own calendars, for the built-in one.

    Args:
        remote: the calendars.
    """

    def __init__(self, remote: CalDavEvents) -> None:
        self._remote = remote

    async def busy(
        self, hosts: Sequence[Host], since: datetime, until: datetime, ignoring: str | None
    ) -> Mapping[str, frozenset[datetime]]:
        """Granules, by host, in which an event stands; one meeting's own event left out."""
        found = await asyncio.gather(*(self._remote.busy(host.id, since, until) for host in hosts))
        own = meeting_uid(ignoring) if ignoring is not None else None
        return {
            host.id: frozenset(
                granule
                for time in times
                if time.uid != own
                for granule in granules(max(time.start, since), min(time.end + host.buffer, until))
            )
            for host, times in zip(hosts, found, strict=True)
        }


class CalDavCalendar(Calendar):
    """A `Calendar` in the database and on a CalDAV server.

    Args:
        database: keeps who has which meeting.
        remote: the staff's own calendars.
        clock: the time, in UTC.
    """

    def __init__(
        self, database: Database, remote: CalDavEvents, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._remote = remote
        self._clock = clock
        self._sql = SqlCalendar(database, outside=OutsideTimes(remote))

    async def teams(self) -> tuple[Team, ...]:
        """Every team that can be booked."""
        return await self._sql.teams()

    async def hosts(self, team_id: str) -> tuple[Host, ...]:
        """The members of a team, in the order in which they are asked."""
        return await self._sql.hosts(team_id)

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
        """Free times on the half hour within the period, earliest first."""
        return await self._sql.free_slots(
            team_id,
            since=since,
            until=until,
            duration=duration,
            now=now,
            host_id=host_id,
            ignoring=ignoring,
            holder=holder,
        )

    async def slot_at(
        self,
        wish: Wish,
        *,
        now: datetime,
        ignoring: str | None = None,
        holder: str | None = None,
    ) -> Slot:
        """The slot that booking the wish would take now."""
        return await self._sql.slot_at(wish, now=now, ignoring=ignoring, holder=holder)

    async def hold(
        self,
        customer_id: str,
        wish: Wish,
        *,
        until: datetime,
        now: datetime,
        ignoring: str | None = None,
    ) -> Slot:
        """Keep the slot of a wish for a customer who is deciding."""
        return await self._sql.hold(customer_id, wish, until=until, now=now, ignoring=ignoring)

    async def release(self, customer_id: str) -> None:
        """Let go of the slot that a customer holds, if any."""
        await self._sql.release(customer_id)

    async def book(
        self, customer_id: str, wish: Wish, *, topic: str, idempotency_key: str, now: datetime
    ) -> Meeting:
        """Book a meeting, once for each key."""
        meeting = await self._sql.book(
            customer_id, wish, topic=topic, idempotency_key=idempotency_key, now=now
        )
        if meeting.status == "cancelled" or await events.read_event(self._database, meeting.id):
            return meeting
        placing = asyncio.create_task(self._place(meeting, now))
        try:
            await asyncio.shield(placing)
        except BaseException:
            # Also when cancelled: a booking that nobody was told of must not block the time.
            await asyncio.shield(self._forget(meeting, placing))
            raise
        return meeting

    async def move(
        self,
        customer_id: str,
        meeting_id: str,
        wish: Wish,
        *,
        idempotency_key: str,
        now: datetime,
    ) -> Meeting:
        """Move a meeting as a whole or not at all, once for each key."""
        await self._refreshed(customer_id, await self._sql.meeting(customer_id, meeting_id), now)
        moved = await self._sql.move(
            customer_id, meeting_id, wish, idempotency_key=idempotency_key, now=now
        )
        for _ in range(ATTEMPTS):
            try:
                await self._republish(moved, now)
            except StateChanged:
                continue
            return moved
        # The server's state is the truth: the next look at this meeting takes it over.
        raise BackendUnavailable("The calendar is busy.", remedy="Try again in a moment.")

    async def cancel(
        self, customer_id: str, meeting_id: str, *, idempotency_key: str, now: datetime
    ) -> Meeting:
        """Cancel a meeting and free its time, once for each key."""
        if earlier := await self._sql.written(customer_id, idempotency_key):
            return earlier
        found = await self._sql.meeting(customer_id, meeting_id)
        meeting = check_open(await self._refreshed(customer_id, found, now), now)
        # The server first, where an event that is gone is taken for a cancelled meeting; what is
        # known of the event goes last, so that a crash before that leaves it looked for.
        if event := await events.read_event(self._database, meeting.id):
            await self._delete(event.host_id, meeting.id)
        try:
            cancelled = await self._sql.cancel(
                customer_id, meeting_id, idempotency_key=idempotency_key, now=now
            )
        except MeetingClosed:
            return await self._sql.meeting(customer_id, meeting_id)
        await events.delete_event(self._database, meeting.id)
        return cancelled

    async def meeting(self, customer_id: str, meeting_id: str) -> Meeting:
        """One meeting of the customer, whatever its status."""
        found = await self._sql.meeting(customer_id, meeting_id)
        return await self._refreshed(customer_id, found, self._clock())

    async def meetings(
        self,
        customer_id: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        include_cancelled: bool = False,
    ) -> tuple[Meeting, ...]:
        """The customer's meetings in the period, in order."""
        booked = await self._sql.meetings(customer_id)
        now = self._clock()
        await asyncio.gather(*(self._refreshed(customer_id, each, now) for each in booked))
        return await self._sql.meetings(
            customer_id, since=since, until=until, include_cancelled=include_cancelled
        )

    async def _place(self, meeting: Meeting, now: datetime) -> None:
        """Write a new event, unless somebody else's is in the way."""
        await self._publish(meeting, now)
        await self._give_way(meeting)

    async def _publish(self, meeting: Meeting, now: datetime) -> None:
        """Write a new event; one that is there already is from a try whose end we missed."""
        uid, content = meeting_uid(meeting.id), meeting_ics(meeting, stamp=now)
        try:
            await self._remote.write(meeting.host_id, uid, content, replacing=None)
        except StateChanged:
            log.info("event was there already", meeting_id=meeting.id)
        await self._note(meeting)

    async def _note(self, meeting: Meeting) -> None:
        """Remember the event's state: the server may have changed what we wrote."""
        remote = await self._remote.read(meeting.host_id, meeting_uid(meeting.id))
        if remote is not None:
            event = events.Event(meeting_id=meeting.id, host_id=meeting.host_id, etag=remote.etag)
            await events.write_event(self._database, event)

    async def _give_way(self, meeting: Meeting) -> None:
        """Take a new event back if somebody else's came into the same time meanwhile."""
        busy = await self._remote.busy(meeting.host_id, meeting.start, meeting.end)
        own = meeting_uid(meeting.id)
        if any(t.uid != own and t.start < meeting.end and t.end > meeting.start for t in busy):
            await self._withdraw(meeting.id)
            raise refused("taken")

    async def _forget(self, meeting: Meeting, placing: asyncio.Task[None]) -> None:
        """Undo a booking that could not be finished, once a write on its way has arrived."""
        await asyncio.gather(placing, return_exceptions=True)
        try:
            await self._delete(meeting.host_id, meeting.id)
        except BackendUnavailable:
            log.error("event left behind", meeting_id=meeting.id, host=meeting.host_id)
        await events.delete_event(self._database, meeting.id)
        await store.delete_meeting(self._database, meeting.id)

    async def _republish(self, meeting: Meeting, now: datetime) -> None:
        """Bring the event to a meeting that was moved; whatever others added to it stays."""
        event = await events.read_event(self._database, meeting.id)
        uid = meeting_uid(meeting.id)
        if event is None or event.host_id != meeting.host_id:
            await self._publish(meeting, now)
            if event is not None:
                await self._leave(event)
            return
        remote = await self._remote.read(meeting.host_id, uid)
        if remote is None:
            await self._publish(meeting, now)
        elif remote.start != meeting.start or remote.end != meeting.end:
            content = _moved(remote, meeting, now)
            await self._remote.write(meeting.host_id, uid, content, replacing=remote.etag)
            await self._note(meeting)

    async def _leave(self, event: events.Event) -> None:
        """Take the event out of the calendar of whoever does not host the meeting any more."""
        try:
            await self._delete(event.host_id, event.meeting_id)
        except BackendUnavailable:
            log.error("event left behind", meeting_id=event.meeting_id, host=event.host_id)

    async def _withdraw(self, meeting_id: str) -> None:
        event = await events.read_event(self._database, meeting_id)
        if event is not None:
            await self._delete(event.host_id, meeting_id)
            await events.delete_event(self._database, meeting_id)

    async def _delete(self, host_id: str, meeting_id: str) -> None:
        """Delete an event in whatever state it is by now."""
        uid = meeting_uid(meeting_id)
        for _ in range(ATTEMPTS):
            remote = await self._remote.read(host_id, uid)
            if remote is None:
                return
            try:
                await self._remote.delete(host_id, uid, replacing=remote.etag)
            except StateChanged:
                continue
            return
        raise BackendUnavailable("The calendar is busy.", remedy="Try again in a moment.")

    async def _refreshed(self, customer_id: str, meeting: Meeting, now: datetime) -> Meeting:
        """The meeting, after what its host did to it in their own calendar."""
        if meeting.status == "cancelled" or meeting.end <= now:
            return meeting
        event = await events.read_event(self._database, meeting.id)
        if event is None:
            return await self._finished(customer_id, meeting, now)
        remote = await self._remote.read(event.host_id, meeting_uid(meeting.id))
        if remote is None or remote.is_cancelled:
            log.info("meeting was deleted by its host", meeting_id=meeting.id)
            await self._take_over(customer_id, meeting, {"status": "cancelled"}, "gone", now)
        elif (remote.start, remote.end, event.host_id) != _when_and_who(meeting):
            log.info("meeting was moved by its host", meeting_id=meeting.id)
            values = {
                "starts_at": remote.start,
                "ends_at": remote.end,
                "host_id": event.host_id,
            }
            await self._take_over(customer_id, meeting, values, remote.etag, now)
        else:
            return meeting
        return await self._sql.meeting(customer_id, meeting.id)

    async def _finished(self, customer_id: str, meeting: Meeting, now: datetime) -> Meeting:
        """A booking whose writer went away between database and server, brought to its end."""
        changed_at = await store.read_changed_at(self._database, meeting.id)
        if changed_at is None or now - changed_at < UNFINISHED:
            return meeting
        log.warning("unfinished booking", meeting_id=meeting.id)
        try:
            await self._place(meeting, now)
        except SlotRefused:
            await self._take_over(customer_id, meeting, {"status": "cancelled"}, "taken", now)
        return await self._sql.meeting(customer_id, meeting.id)

    async def _take_over(
        self,
        customer_id: str,
        meeting: Meeting,
        values: Mapping[str, object],
        state: str,
        now: datetime,
    ) -> None:
        digest = hashlib.sha256(f"{meeting.id}\n{meeting.sequence}\n{state}".encode()).hexdigest()
        change = store.Change(
            customer_id=customer_id,
            idempotency_key=f"outside-{digest[:40]}",
            kind="outside",
            at=now,
        )
        try:
            # Without claims: the event itself keeps its time taken.
            await store.update_meeting(
                self._database, meeting.id, dict(values), meeting.host_id, (), change
            )
        except (store.Clash, store.Unchanged):
            log.info("change was taken over already", meeting_id=meeting.id)


def _when_and_who(meeting: Meeting) -> tuple[datetime, datetime, str]:
    return meeting.start, meeting.end, meeting.host_id


def _moved(remote: RemoteEvent, meeting: Meeting, now: datetime) -> bytes:
    calendar = icalendar.Calendar.from_ical(remote.content)
    event = calendar.walk("VEVENT")[0]
    for name, value in (
        ("dtstart", meeting.start.astimezone(UTC)),
        ("dtend", meeting.end.astimezone(UTC)),
        ("dtstamp", now.astimezone(UTC)),
        ("sequence", max(meeting.sequence, remote.sequence + 1)),
    ):
        event.pop(name, None)
        event.add(name, value)
    event.pop("duration", None)
    return bytes(calendar.to_ical())
