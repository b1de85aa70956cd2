"""Owns `SqlCalendar`: the built-in calendar, kept in the assistant's database."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

from assistant.backends.availability import (
    Schedule,
    check_granules,
    check_open,
    choose_slot,
    claims,
    list_slots,
    refused,
)
from assistant.backends.calendar import (
    Calendar,
    Host,
    Meeting,
    MeetingStatus,
    Slot,
    Team,
    Wish,
    WorkingHours,
)
from assistant.backends.calendar_taken import Taken, View
from assistant.backends.errors import BackendUnavailable, MeetingNotFound, SlotRefused, TeamNotFound
from assistant.backends.shared_reads import SharedReads
from assistant.store import calendar as store
from assistant.store import calendar_holds as holds
from assistant.store.database import Database

WRITE_ATTEMPTS = 5
"""A write that lost a race looks again; the last try's refusal is final."""

ID_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without signs that are read for one another (0 and O, 1, I and L)."""
ID_LENGTH = 6

MARGIN = timedelta(hours=4)
"""Longest meeting and buffer: claims outside a period that matter inside it."""


class OutsideCalendars(Protocol):
    """Calendars of the staff elsewhere, which know of other appointments."""

    async def busy(
        self, hosts: Sequence[Host], since: datetime, until: datetime, ignoring: str | None
    ) -> Mapping[str, frozenset[datetime]]:
        """Granules, by host, in which appointments stand; those of one meeting left out."""
        ...


class SqlCalendar(Calendar):
    """A `Calendar` in the database.

    Args:
        database: where it is kept.
        outside: further calendars in which the staff may be busy.
    """

    def __init__(self, database: Database, outside: OutsideCalendars | None = None) -> None:
        self._database = database
        self._outside = outside
        # A hundred who want one slot ask for the same teams, hosts and claims at the same moment.
        self._reads = SharedReads()

    async def teams(self) -> tuple[Team, ...]:
        """Every team that can be booked."""
        return await self._reads.read("teams", self._read_teams)

    async def hosts(self, team_id: str) -> tuple[Host, ...]:
        """The members of a team, in the order in which they are asked."""
        return await self._reads.read(("hosts", team_id), lambda: self._read_hosts(team_id))

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
        team = await self._team(team_id)
        view = View(now=now, host_id=host_id, ignoring=ignoring, holder=holder)
        schedules = await self._schedules(team_id, since, until, view)
        return list_slots(team, schedules, since=since, until=until, duration=duration, now=now)

    async def slot_at(
        self,
        wish: Wish,
        *,
        now: datetime,
        ignoring: str | None = None,
        holder: str | None = None,
    ) -> Slot:
        """The slot that booking the wish would take now."""
        check_granules(wish)
        team = await self._team(wish.team_id)
        start = wish.start.astimezone(UTC)
        view = View(now=now, host_id=wish.host_id, ignoring=ignoring, holder=holder)
        schedules = await self._schedules(wish.team_id, start, start + wish.duration, view)
        return choose_slot(team, schedules, wish, now)

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
        for _ in range(WRITE_ATTEMPTS):
            slot = await self.slot_at(wish, now=now, ignoring=ignoring, holder=customer_id)
            granules = await self._claims(slot)
            try:
                await holds.replace_hold(
                    self._database,
                    customer_id,
                    slot.host_id,
                    granules,
                    until=until,
                    now=now,
                    ignoring=ignoring,
                )
            except holds.Unavailable:
                continue
            return slot
        raise refused("taken")

    async def release(self, customer_id: str) -> None:
        """Let go of the slot that a customer holds, if any."""
        await holds.delete_hold(self._database, customer_id)

    async def book(
        self, customer_id: str, wish: Wish, *, topic: str, idempotency_key: str, now: datetime
    ) -> Meeting:
        """Book a meeting, once for each key."""
        change = _change(customer_id, idempotency_key, "book", now)
        for attempt in range(WRITE_ATTEMPTS):
            if earlier := await self.written(customer_id, idempotency_key):
                return earlier
            slot = await self.slot_at(wish, now=now, holder=customer_id)
            meeting_id = make_meeting_id(customer_id, idempotency_key, attempt)
            values = {
                "id": meeting_id,
                "customer_id": customer_id,
                "team_id": slot.team.id,
                "host_id": slot.host_id,
                "starts_at": slot.start,
                "ends_at": slot.end,
                "topic": topic,
                "status": "booked",
                "created_at": now,
                "updated_at": now,
            }
            try:
                await store.insert_meeting(self._database, values, await self._claims(slot), change)
            except store.Clash:
                continue
            return await self.meeting(customer_id, meeting_id)
        raise refused("taken")

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
        change = _change(customer_id, idempotency_key, "move", now)
        for _ in range(WRITE_ATTEMPTS):
            if earlier := await self.written(customer_id, idempotency_key):
                return earlier
            meeting = await self._open_meeting(customer_id, meeting_id, now)
            wish = replace(wish, team_id=meeting.team.id)
            slot = await self._slot_for_move(customer_id, meeting, wish, now)
            values = {"host_id": slot.host_id, "starts_at": slot.start, "ends_at": slot.end}
            if await self._update(meeting_id, values, slot, change):
                return await self.meeting(customer_id, meeting_id)
        raise refused("taken")

    async def cancel(
        self, customer_id: str, meeting_id: str, *, idempotency_key: str, now: datetime
    ) -> Meeting:
        """Cancel a meeting and free its time, once for each key."""
        change = _change(customer_id, idempotency_key, "cancel", now)
        for _ in range(WRITE_ATTEMPTS):
            if earlier := await self.written(customer_id, idempotency_key):
                return earlier
            await self._open_meeting(customer_id, meeting_id, now)
            if await self._update(meeting_id, {"status": "cancelled"}, None, change):
                return await self.meeting(customer_id, meeting_id)
        raise BackendUnavailable("The calendar is busy.", remedy="Try again in a moment.")

    async def meeting(self, customer_id: str, meeting_id: str) -> Meeting:
        """One meeting of the customer, whatever its status."""
        found = await store.read_meeting(self._database, customer_id, meeting_id)
        if found is None:
            raise MeetingNotFound(
                "You have no such meeting.", remedy="Ask for your meetings to see them."
            )
        return _meeting(found)

    async def meetings(
        self,
        customer_id: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        include_cancelled: bool = False,
    ) -> tuple[Meeting, ...]:
        """The customer's meetings in the period, in order."""
        found = await store.read_meetings(
            self._database,
            customer_id,
            since=since,
            until=until,
            include_cancelled=include_cancelled,
        )
        return tuple(map(_meeting, found))

    async def written(self, customer_id: str, idempotency_key: str) -> Meeting | None:
        """The meeting that this key has written before, as it is now."""
        if not idempotency_key:
            raise ValueError("a write needs an idempotency key")
        meeting_id = await store.read_meeting_id(self._database, customer_id, idempotency_key)
        return await self.meeting(customer_id, meeting_id) if meeting_id else None

    async def _team(self, team_id: str) -> Team:
        for team in await self.teams():
            if team.id == team_id:
                return team
        raise TeamNotFound("There is no such team.", remedy="Choose one of our teams.")

    async def _read_teams(self) -> tuple[Team, ...]:
        return tuple(_team(row) for row in await store.read_teams(self._database))

    async def _read_hosts(self, team_id: str) -> tuple[Host, ...]:
        rows = await store.read_hosts(self._database, team_id)
        return tuple(_host(row, hours) for row, hours in rows)

    async def _schedules(
        self, team_id: str, since: datetime, until: datetime, view: View
    ) -> Sequence[Schedule]:
        since, until = since - MARGIN, until + MARGIN
        taken = await self._reads.read(
            ("taken", team_id, since, until, view.ignoring),
            lambda: self._read_taken(team_id, since, until, view.ignoring),
        )
        hosts = [host for host in taken.hosts if view.host_id in (None, host.id)]
        busy: Mapping[str, frozenset[datetime]] = {}
        if self._outside is not None:
            busy = await self._outside.busy(hosts, since, until, view.ignoring)
        return [
            Schedule(
                host=host,
                holidays=taken.holidays.get(host.id, frozenset()),
                claimed=busy.get(host.id, frozenset())
                | taken.claimed.get(host.id, frozenset())
                | taken.held_at(host.id, view),
            )
            for host in hosts
        ]

    async def _read_taken(
        self, team_id: str, since: datetime, until: datetime, ignoring: str | None
    ) -> Taken:
        hosts = await self.hosts(team_id)
        ids = [host.id for host in hosts]
        holidays = await store.read_holidays(self._database, team_id)
        claimed = await store.read_claims(self._database, team_id, since, until, ignoring)
        held = await holds.read_holds(self._database, ids, since, until)
        return Taken(
            hosts=hosts,
            holidays={
                name: frozenset(row.day for row in holidays if row.host_id == name) for name in ids
            },
            claimed={
                name: frozenset(row.starts_at for row in claimed if row.host_id == name)
                for name in ids
            },
            held=tuple((row.host_id, row.starts_at, row.holder, row.expires_at) for row in held),
        )

    async def _claims(self, slot: Slot) -> tuple[datetime, ...]:
        hosts = await self.hosts(slot.team.id)
        host = next(host for host in hosts if host.id == slot.host_id)
        return claims(host, slot.start, slot.end - slot.start)

    async def _open_meeting(self, customer_id: str, meeting_id: str, now: datetime) -> Meeting:
        return check_open(await self.meeting(customer_id, meeting_id), now)

    async def _slot_for_move(
        self, customer_id: str, meeting: Meeting, wish: Wish, now: datetime
    ) -> Slot:
        if wish.host_id is None:
            try:
                same_host = replace(wish, host_id=meeting.host_id)
                return await self.slot_at(
                    same_host, now=now, ignoring=meeting.id, holder=customer_id
                )
            except SlotRefused:
                pass
        return await self.slot_at(wish, now=now, ignoring=meeting.id, holder=customer_id)

    async def _update(
        self, meeting_id: str, values: dict[str, Any], slot: Slot | None, change: store.Change
    ) -> bool:
        """Whether the write went through; if not, the caller looks again."""
        try:
            await store.update_meeting(
                self._database,
                meeting_id,
                values,
                slot.host_id if slot else "",
                await self._claims(slot) if slot else (),
                change,
            )
        except (store.Clash, store.Unchanged):
            return False
        return True


def make_meeting_id(customer_id: str, idempotency_key: str, attempt: int = 0) -> str:
    """A short id that can be read aloud; the same write gets the same one."""
    seed = f"{customer_id}\n{idempotency_key}\n{attempt}"
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest())
    signs = []
    for _ in range(ID_LENGTH):
        number, index = divmod(number, len(ID_ALPHABET))
        signs.append(ID_ALPHABET[index])
    return f"M-{''.join(signs)}"


def _change(customer_id: str, idempotency_key: str, kind: str, now: datetime) -> store.Change:
    if not idempotency_key:
        raise ValueError("a write needs an idempotency key")
    return store.Change(customer_id=customer_id, idempotency_key=idempotency_key, kind=kind, at=now)


def _team(row: store.TeamRow) -> Team:
    return Team(id=row.id, name=row.name, meeting_title=row.meeting_title)


def _host(row: store.HostRow, hours: Sequence[store.HoursRow]) -> Host:
    return Host(
        id=row.id,
        name=row.name,
        team_id=row.team_id,
        zone=ZoneInfo(row.timezone),
        hours=tuple(
            WorkingHours(weekday=each.weekday, opens=each.opens, closes=each.closes)
            for each in hours
        ),
        buffer=timedelta(minutes=row.buffer_minutes),
    )


def _meeting(found: store.MeetingAndNames) -> Meeting:
    row, team, host = found
    return Meeting(
        id=row.id,
        team=_team(team),
        host_id=host.id,
        host_name=host.name,
        start=row.starts_at,
        end=row.ends_at,
        topic=row.topic,
        status=cast(MeetingStatus, row.status),
        sequence=row.sequence,
    )
