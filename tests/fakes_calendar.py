"""A `Calendar` in memory, for tests: the same rules as every adapter, no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from assistant.backends.availability import (
    Schedule,
    check_open,
    choose_slot,
    claims,
    list_slots,
)
from assistant.backends.calendar import Host, Meeting, Slot, Team, Wish, WorkingHours
from assistant.backends.calendar_sql import make_meeting_id
from assistant.backends.demo_calendar import DEMO_TEAMS, HOLIDAYS, WORKDAYS
from assistant.backends.errors import MeetingNotFound, SlotRefused, TeamNotFound


@dataclass(frozen=True, kw_only=True)
class _Booked:
    customer_id: str
    meeting: Meeting


@dataclass(frozen=True, kw_only=True)
class _Held:
    host_id: str
    granules: frozenset[datetime]
    until: datetime


class InMemoryCalendar:
    """Keeps the demo staff's meetings in dictionaries."""

    def __init__(self) -> None:
        self._meetings: dict[str, _Booked] = {}
        self._written: dict[tuple[str, str], str] = {}
        self._holds: dict[str, _Held] = {}

    async def teams(self) -> tuple[Team, ...]:
        return tuple(
            Team(id=team.id, name=team.name, meeting_title=team.meeting_title)
            for team in DEMO_TEAMS
        )

    async def hosts(self, team_id: str) -> tuple[Host, ...]:
        return tuple(
            Host(
                id=host.id,
                name=host.name,
                team_id=team.id,
                zone=ZoneInfo(host.timezone),
                hours=tuple(
                    WorkingHours(weekday=day, opens=host.opens, closes=host.closes)
                    for day in WORKDAYS
                ),
                buffer=timedelta(minutes=host.buffer_minutes),
            )
            for team in DEMO_TEAMS
            for host in team.hosts
            if team.id == team_id
        )

    async def free_slots(
        self, team_id, *, since, until, duration, now, host_id=None, ignoring=None, holder=None
    ) -> tuple[Slot, ...]:
        team = await self._team(team_id)
        schedules = await self._schedules(team_id, now, host_id, ignoring, holder)
        return list_slots(team, schedules, since=since, until=until, duration=duration, now=now)

    async def slot_at(
        self, wish: Wish, *, now: datetime, ignoring: str | None = None, holder: str | None = None
    ) -> Slot:
        team = await self._team(wish.team_id)
        schedules = await self._schedules(wish.team_id, now, wish.host_id, ignoring, holder)
        return choose_slot(team, schedules, wish, now)

    async def hold(self, customer_id, wish, *, until, now, ignoring=None) -> Slot:
        slot = await self.slot_at(wish, now=now, ignoring=ignoring, holder=customer_id)
        [host] = [h for h in await self.hosts(wish.team_id) if h.id == slot.host_id]
        granules = frozenset(claims(host, slot.start, slot.end - slot.start))
        self._holds[customer_id] = _Held(host_id=host.id, granules=granules, until=until)
        return slot

    async def release(self, customer_id: str) -> None:
        self._holds.pop(customer_id, None)

    async def book(
        self, customer_id: str, wish: Wish, *, topic: str, idempotency_key: str, now: datetime
    ) -> Meeting:
        if earlier := self._earlier(customer_id, idempotency_key):
            return earlier
        slot = await self.slot_at(wish, now=now, holder=customer_id)
        await self.release(customer_id)
        meeting = Meeting(
            id=make_meeting_id(customer_id, idempotency_key),
            team=slot.team,
            host_id=slot.host_id,
            host_name=slot.host_name,
            start=slot.start,
            end=slot.end,
            topic=topic,
            status="booked",
        )
        return self._keep(customer_id, idempotency_key, meeting)

    async def move(
        self, customer_id: str, meeting_id: str, wish: Wish, *, idempotency_key: str, now: datetime
    ) -> Meeting:
        if earlier := self._earlier(customer_id, idempotency_key):
            return earlier
        meeting = check_open(await self.meeting(customer_id, meeting_id), now)
        wish = replace(wish, team_id=meeting.team.id)
        slot = await self._slot_for_move(customer_id, meeting, wish, now)
        await self.release(customer_id)
        moved = replace(
            meeting,
            host_id=slot.host_id,
            host_name=slot.host_name,
            start=slot.start,
            end=slot.end,
            sequence=meeting.sequence + 1,
        )
        return self._keep(customer_id, idempotency_key, moved)

    async def cancel(
        self, customer_id: str, meeting_id: str, *, idempotency_key: str, now: datetime
    ) -> Meeting:
        if earlier := self._earlier(customer_id, idempotency_key):
            return earlier
        meeting = check_open(await self.meeting(customer_id, meeting_id), now)
        cancelled = replace(meeting, status="cancelled", sequence=meeting.sequence + 1)
        return self._keep(customer_id, idempotency_key, cancelled)

    async def meeting(self, customer_id: str, meeting_id: str) -> Meeting:
        booked = self._meetings.get(meeting_id)
        if booked is None or booked.customer_id != customer_id:
            raise MeetingNotFound("You have no such meeting.")
        return booked.meeting

    async def meetings(
        self, customer_id, *, since=None, until=None, include_cancelled=False
    ) -> tuple[Meeting, ...]:
        found = [
            booked.meeting
            for booked in self._meetings.values()
            if booked.customer_id == customer_id
            and (since is None or booked.meeting.end > since)
            and (until is None or booked.meeting.start < until)
            and (include_cancelled or booked.meeting.status == "booked")
        ]
        return tuple(sorted(found, key=lambda meeting: (meeting.start, meeting.id)))

    def _earlier(self, customer_id: str, key: str) -> Meeting | None:
        if not key:
            raise ValueError("a write needs an idempotency key")
        meeting_id = self._written.get((customer_id, key))
        return self._meetings[meeting_id].meeting if meeting_id else None

    def _keep(self, customer_id: str, key: str, meeting: Meeting) -> Meeting:
        self._written[customer_id, key] = meeting.id
        self._meetings[meeting.id] = _Booked(customer_id=customer_id, meeting=meeting)
        return meeting

    async def _slot_for_move(
        self, customer_id: str, meeting: Meeting, wish: Wish, now: datetime
    ) -> Slot:
        view = {"now": now, "ignoring": meeting.id, "holder": customer_id}
        if wish.host_id is None:
            try:
                return await self.slot_at(replace(wish, host_id=meeting.host_id), **view)
            except SlotRefused:
                pass
        return await self.slot_at(wish, **view)

    async def _team(self, team_id: str) -> Team:
        for team in await self.teams():
            if team.id == team_id:
                return team
        raise TeamNotFound("There is no such team.")

    async def _schedules(
        self,
        team_id: str,
        now: datetime,
        host_id: str | None,
        ignoring: str | None,
        holder: str | None,
    ) -> Sequence[Schedule]:
        holidays = frozenset(
            date(now.year + years, month, day) for years in range(3) for month, day, _ in HOLIDAYS
        )
        return [
            Schedule(
                host=host,
                holidays=holidays,
                claimed=self._claimed(host, ignoring) | self._held(host, holder, now),
            )
            for host in await self.hosts(team_id)
            if host_id in (None, host.id)
        ]

    def _held(self, host: Host, holder: str | None, now: datetime) -> frozenset[datetime]:
        return frozenset(
            granule
            for customer_id, held in self._holds.items()
            if held.host_id == host.id and held.until > now and customer_id != holder
            for granule in held.granules
        )

    def _claimed(self, host: Host, ignoring: str | None) -> frozenset[datetime]:
        return frozenset(
            granule
            for booked in self._meetings.values()
            if booked.meeting.host_id == host.id
            and booked.meeting.status == "booked"
            and booked.meeting.id != ignoring
            for granule in claims(
                host, booked.meeting.start, booked.meeting.end - booked.meeting.start
            )
        )
