"""Owns the table of events: where a meeting stands in a calendar outside, and in which state.

Only calendars that are kept elsewhere too (CalDAV) have rows here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ForeignKey, String, delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from assistant.store.base import Base
from assistant.store.database import Database


class EventRow(Base):
    """The event of a meeting, as it was when we last wrote or read it."""

    __tablename__ = "calendar_events"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("calendar_meetings.id"), primary_key=True)
    host_id: Mapped[str] = mapped_column(String(40))
    etag: Mapped[str] = mapped_column(String(200))
    """The server's name for the state that we know; empty if it gives none."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Where a meeting's event is: in whose calendar, in which state."""

    meeting_id: str
    host_id: str
    etag: str


async def read_event(database: Database, meeting_id: str) -> Event | None:
    """The event of a meeting, if it has one."""
    async with database.begin() as session:
        row = await session.get(EventRow, meeting_id)
    if row is None:
        return None
    return Event(meeting_id=row.meeting_id, host_id=row.host_id, etag=row.etag)


async def write_event(database: Database, event: Event) -> None:
    """Keep where a meeting's event is now."""
    values = {"host_id": event.host_id, "etag": event.etag}
    change = update(EventRow).where(EventRow.meeting_id == event.meeting_id).values(**values)
    async with database.begin() as session:
        if cast(Any, await session.execute(change)).rowcount:
            return
    try:
        async with database.begin() as session:
            session.add(EventRow(**vars(event)))
    except IntegrityError:
        # Somebody else has written it since; the later state is as good.
        async with database.begin() as session:
            await session.execute(change)


async def delete_event(database: Database, meeting_id: str) -> None:
    """Forget the event of a meeting."""
    async with database.begin() as session:
        await session.execute(delete(EventRow).where(EventRow.meeting_id == meeting_id))
