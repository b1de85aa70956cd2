"""Owns the tables of the built-in calendar and their queries and transactions.

`calendar_claims` is what makes double booking impossible: a meeting inserts one row for each
granule it needs, and (host, granule) is the primary key, so of any number of writers the database
lets one through. Does not own the rules of working time (`backends/availability.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, cast

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.store.base import Base
from assistant.store.database import Database


class TeamRow(Base):
    """A team that takes meetings."""

    __tablename__ = "calendar_teams"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    meeting_title: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]


class HostRow(Base):
    """A member of a team."""

    __tablename__ = "calendar_hosts"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    team_id: Mapped[str] = mapped_column(ForeignKey("calendar_teams.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    timezone: Mapped[str] = mapped_column(String(64))
    buffer_minutes: Mapped[int]
    position: Mapped[int]


class HoursRow(Base):
    """Working hours of a host on one weekday."""

    __tablename__ = "calendar_hours"

    host_id: Mapped[str] = mapped_column(ForeignKey("calendar_hosts.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opens: Mapped[time] = mapped_column(primary_key=True)
    closes: Mapped[time]


class HolidayRow(Base):
    """A day off of one host."""

    __tablename__ = "calendar_holidays"

    host_id: Mapped[str] = mapped_column(ForeignKey("calendar_hosts.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))


class MeetingRow(Base):
    """A meeting of a customer with a host."""

    __tablename__ = "calendar_meetings"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(200), index=True)
    team_id: Mapped[str] = mapped_column(ForeignKey("calendar_teams.id"))
    host_id: Mapped[str] = mapped_column(ForeignKey("calendar_hosts.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    topic: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(12))
    sequence: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ClaimRow(Base):
    """One granule of a host's time, held by one meeting."""

    __tablename__ = "calendar_claims"

    host_id: Mapped[str] = mapped_column(ForeignKey("calendar_hosts.id"), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("calendar_meetings.id"), index=True)


class HoldRow(Base):
    """One granule of a host's time, kept for one holder until it expires."""

    __tablename__ = "calendar_holds"

    host_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(String(200), index=True)
    """The customer who is deciding."""
    expires_at: Mapped[datetime]


class ChangeRow(Base):
    """A write that was done, by its key: the same key is never done twice."""

    __tablename__ = "calendar_changes"
    __table_args__ = (UniqueConstraint("customer_id", "idempotency_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(200))
    idempotency_key: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(12))
    meeting_id: Mapped[str] = mapped_column(ForeignKey("calendar_meetings.id"), index=True)
    at: Mapped[datetime]


class Clash(Exception):
    """A constraint refused the write: the key, the id or a granule was taken meanwhile."""


class Unchanged(Exception):
    """The meeting is no longer booked for this customer, so nothing was written."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """Who writes, under which key, when."""

    customer_id: str
    idempotency_key: str
    kind: str
    at: datetime


async def insert_meeting(
    database: Database, values: dict[str, Any], claims: Sequence[datetime], change: Change
) -> None:
    """Write a meeting, its claims and its key, or nothing.

    Raises:
        Clash: the key, the id or a granule is taken.
    """
    try:
        async with database.begin() as session:
            await session.execute(insert(MeetingRow).values(**values))
            await _write(session, values["id"], values["host_id"], claims, change)
    except IntegrityError as error:
        raise Clash from error


async def update_meeting(
    database: Database,
    meeting_id: str,
    values: dict[str, Any],
    host_id: str,
    claims: Sequence[datetime],
    change: Change,
) -> None:
    """Change a booked meeting, replace its claims and write the key, or nothing.

    Raises:
        Clash: the key or a granule is taken.
        Unchanged: the customer has no such booked meeting.
    """
    try:
        async with database.begin() as session:
            # First of all, so that the row is locked against any other change of this meeting.
            result = await session.execute(
                update(MeetingRow)
                .where(
                    MeetingRow.id == meeting_id,
                    MeetingRow.customer_id == change.customer_id,
                    MeetingRow.status == "booked",
                )
                .values(**values, sequence=MeetingRow.sequence + 1, updated_at=change.at)
            )
            if not cast(Any, result).rowcount:
                raise Unchanged
            await session.execute(delete(ClaimRow).where(ClaimRow.meeting_id == meeting_id))
            await _write(session, meeting_id, host_id, claims, change)
    except IntegrityError as error:
        raise Clash from error


async def _write(
    session: AsyncSession,
    meeting_id: str,
    host_id: str,
    claims: Sequence[datetime],
    change: Change,
) -> None:
    await session.execute(insert(ChangeRow).values(**vars(change), meeting_id=meeting_id))
    if claims:
        # What the customer held while deciding is now theirs, or no longer wanted.
        await session.execute(delete(HoldRow).where(HoldRow.holder == change.customer_id))
        # Sorted: writers who want overlapping times wait for each other instead of deadlocking.
        rows = [
            {"host_id": host_id, "starts_at": start, "meeting_id": meeting_id}
            for start in sorted(claims)
        ]
        await session.execute(insert(ClaimRow), rows)


async def read_teams(database: Database) -> Sequence[TeamRow]:
    """Every team, in order."""
    async with database.begin() as session:
        return (await session.scalars(select(TeamRow).order_by(TeamRow.position))).all()


async def read_hosts(
    database: Database, team_id: str
) -> Sequence[tuple[HostRow, Sequence[HoursRow]]]:
    """A team's hosts in order, with their hours."""
    of_team = select(HostRow).where(HostRow.team_id == team_id).order_by(HostRow.position)
    hours_of_team = select(HoursRow).join(HostRow).where(HostRow.team_id == team_id)
    async with database.begin() as session:
        hosts = (await session.scalars(of_team)).all()
        hours = (await session.scalars(hours_of_team.order_by(HoursRow.opens))).all()
    return [(host, [each for each in hours if each.host_id == host.id]) for host in hosts]


async def read_holidays(database: Database, team_id: str) -> Sequence[HolidayRow]:
    """Days off of a team's hosts."""
    query = select(HolidayRow).join(HostRow).where(HostRow.team_id == team_id)
    async with database.begin() as session:
        return (await session.scalars(query)).all()


async def read_claims(
    database: Database, team_id: str, since: datetime, until: datetime, ignoring: str | None
) -> Sequence[ClaimRow]:
    """Granules held within the period, without those of one meeting."""
    query = (
        select(ClaimRow)
        .join(HostRow)
        .where(HostRow.team_id == team_id, ClaimRow.starts_at >= since, ClaimRow.starts_at < until)
    )
    if ignoring is not None:
        query = query.where(ClaimRow.meeting_id != ignoring)
    async with database.begin() as session:
        return (await session.scalars(query)).all()


MeetingAndNames = tuple[MeetingRow, TeamRow, HostRow]


async def read_meetings(
    database: Database,
    customer_id: str,
    *,
    since: datetime | None,
    until: datetime | None,
    include_cancelled: bool,
) -> Sequence[MeetingAndNames]:
    """A customer's meetings in the period, in order."""
    query = _with_names().where(MeetingRow.customer_id == customer_id)
    if since is not None:
        query = query.where(MeetingRow.ends_at > since)
    if until is not None:
        query = query.where(MeetingRow.starts_at < until)
    if not include_cancelled:
        query = query.where(MeetingRow.status == "booked")
    async with database.begin() as session:
        rows = await session.execute(query.order_by(MeetingRow.starts_at, MeetingRow.id))
        return [(meeting, team, host) for meeting, team, host in rows]


async def read_meeting(
    database: Database, customer_id: str, meeting_id: str
) -> MeetingAndNames | None:
    """One meeting of a customer."""
    query = _with_names().where(MeetingRow.customer_id == customer_id, MeetingRow.id == meeting_id)
    async with database.begin() as session:
        row = (await session.execute(query)).first()
    return (row[0], row[1], row[2]) if row else None


async def read_meeting_id(database: Database, customer_id: str, key: str) -> str | None:
    """The meeting that a key has written before."""
    query = select(ChangeRow.meeting_id).where(
        ChangeRow.customer_id == customer_id, ChangeRow.idempotency_key == key
    )
    async with database.begin() as session:
        return await session.scalar(query)


async def read_changed_at(database: Database, meeting_id: str) -> datetime | None:
    """When a meeting was last written; None when there is none."""
    query = select(MeetingRow.updated_at).where(MeetingRow.id == meeting_id)
    async with database.begin() as session:
        return await session.scalar(query)


async def merge_staff(
    database: Database,
    teams: Sequence[TeamRow],
    hosts: Sequence[HostRow],
    times: Sequence[HoursRow | HolidayRow],
) -> None:
    """Write staff and their times; rows that exist are brought up to date."""
    # Another process that seeds at the same time writes the same rows: then it has done the work.
    with suppress(IntegrityError):
        async with database.begin() as session:
            for rows in (teams, hosts, times):
                for row in rows:
                    await session.merge(row)
                await session.flush()


async def replace_staff(
    database: Database,
    teams: Sequence[TeamRow],
    hosts: Sequence[HostRow],
    times: Sequence[HoursRow | HolidayRow],
) -> None:
    """Write staff as `merge_staff`, after forgetting the times that these hosts had."""
    ids = [host.id for host in hosts]
    async with database.begin() as session:
        for table in (HoursRow, HolidayRow):
            await session.execute(delete(table).where(table.host_id.in_(ids)))
        for rows in (teams, hosts, times):
            for row in rows:
                await session.merge(row)
            await session.flush()


async def delete_meeting(database: Database, meeting_id: str) -> None:
    """Forget a meeting that could not be booked after all, with its claims and its key."""
    async with database.begin() as session:
        for table in (ClaimRow, ChangeRow):
            await session.execute(delete(table).where(table.meeting_id == meeting_id))
        await session.execute(delete(MeetingRow).where(MeetingRow.id == meeting_id))


def _with_names() -> Select[MeetingRow, TeamRow, HostRow]:
    return (
        select(MeetingRow, TeamRow, HostRow)
        .join(TeamRow, MeetingRow.team_id == TeamRow.id)
        .join(HostRow, MeetingRow.host_id == HostRow.id)
    )
