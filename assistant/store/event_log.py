"""Owns the append-only log of a conversation's events: the one thing that is written, and read by all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.core.events import EventBody, TurnEvent
from assistant.store.base import Base
from assistant.store.database import Database
from assistant.store.event_codec import decode_body, encode_body
from assistant.streaming.notifier import Notifier

APPEND_ATTEMPTS = 20
"""Another writer can take the next number first; then the append is tried again."""


class EventRow(Base):
    """One event."""

    __tablename__ = "events"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    turn_id: Mapped[str | None] = mapped_column(String(40), index=True)
    type: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]


class EventLog:
    """Appends events and reads them back; wakes the readers after each append.

    Args:
        database: where the log is kept.
        notifier: wakes whoever tails a conversation.
    """

    def __init__(self, database: Database, notifier: Notifier) -> None:
        self._database = database
        self._notifier = notifier

    async def append(
        self,
        conversation_id: str,
        turn_id: str | None,
        bodies: Sequence[EventBody],
        at: datetime,
    ) -> tuple[TurnEvent, ...]:
        """Append events in order and in one transaction; gives them with their numbers."""
        for attempt in range(APPEND_ATTEMPTS):
            try:
                async with self._database.begin() as session:
                    first = await self.append_within(session, conversation_id, turn_id, bodies, at)
                break
            except IntegrityError:
                if attempt == APPEND_ATTEMPTS - 1:
                    raise
                await asyncio.sleep(0.002 * attempt)
        await self._notifier.notify(conversation_id)
        return tuple(
            TurnEvent(
                seq=first + index,
                conversation_id=conversation_id,
                turn_id=turn_id,
                at=at,
                body=body,
            )
            for index, body in enumerate(bodies)
        )

    async def read(
        self, conversation_id: str, *, after: int = 0, turn_id: str | None = None
    ) -> tuple[TurnEvent, ...]:
        """Events with a higher number than `after`, in order; of one turn if `turn_id` is given."""
        query = (
            select(EventRow)
            .where(EventRow.conversation_id == conversation_id, EventRow.seq > after)
            .order_by(EventRow.seq)
        )
        if turn_id is not None:
            query = query.where(EventRow.turn_id == turn_id)
        async with self._database.begin() as session:
            rows = (await session.scalars(query)).all()
        return tuple(
            TurnEvent(
                seq=row.seq,
                conversation_id=row.conversation_id,
                turn_id=row.turn_id,
                at=row.at,
                body=decode_body(row.data),
            )
            for row in rows
        )

    async def last_seq(self, conversation_id: str) -> int:
        """The highest number in the conversation's log; 0 when it is empty."""
        query = select(func.max(EventRow.seq)).where(EventRow.conversation_id == conversation_id)
        async with self._database.begin() as session:
            return await session.scalar(query) or 0

    async def append_within(
        self,
        session: AsyncSession,
        conversation_id: str,
        turn_id: str | None,
        bodies: Sequence[EventBody],
        at: datetime,
    ) -> int:
        """Append in the caller's transaction; who commits calls `notify` afterwards.

        Returns:
            The number of the first event.

        Raises:
            sqlalchemy.exc.IntegrityError: another writer took the number; try the whole again.
        """
        last = await session.scalar(
            select(func.max(EventRow.seq)).where(EventRow.conversation_id == conversation_id)
        )
        first = (last or 0) + 1
        rows = [
            {
                "conversation_id": conversation_id,
                "seq": first + index,
                "turn_id": turn_id,
                "type": body.type,
                "at": at,
                "data": encode_body(body),
            }
            for index, body in enumerate(bodies)
        ]
        await session.execute(insert(EventRow), rows)
        return first

    async def notify(self, conversation_id: str) -> None:
        """Wake the readers of a conversation."""
        await self._notifier.notify(conversation_id)
