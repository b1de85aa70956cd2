"""Owns the append-only log of a conversation's events: written once, read by all."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Row, String, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.core.events import EventBody, TurnEvent
from assistant.store.base import Base, table_of
from assistant.store.budgets import Ledger
from assistant.store.conversation_tables import TurnRow
from assistant.store.conversations import EventWriter, lock_log
from assistant.store.database import Database
from assistant.store.event_codec import decode_body, encode_body
from assistant.store.uninterrupted import uninterrupted
from assistant.streaming.notifier import Notifier

_AT_HAND_CONVERSATIONS = 256
_AT_HAND_EVENTS = 128


_Row = dict[str, Any]


class TurnEnded(Exception):
    """The turn has its terminal event already: nothing may follow it."""


class EventRow(Base):
    """One event."""

    __tablename__ = "events"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    turn_id: Mapped[str | None] = mapped_column(String(40), index=True)
    type: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]


# Built once: building a statement takes longer than SQLite takes to execute it.
_events = table_of(EventRow)
_turns = table_of(TurnRow)
_READ = (
    select(_events.c.seq, _events.c.turn_id, _events.c.at, _events.c.data)
    .where(_events.c.conversation_id == bindparam("of"), _events.c.seq > bindparam("after"))
    .order_by(_events.c.seq)
)
_LAST_SEQ = select(func.max(_events.c.seq)).where(_events.c.conversation_id == bindparam("of"))
_TURN_STATUS = select(_turns.c.status).where(_turns.c.id == bindparam("turn"))
_INSERT = insert(_events)


class EventLog:
    """Appends events and reads them back; wakes the readers after each append.

    Args:
        database: where the log is kept.
        notifier: wakes whoever tails a conversation.
        ledger: counts what ended turns have used; None: nothing is counted.
    """

    def __init__(
        self, database: Database, notifier: Notifier, ledger: Ledger | None = None
    ) -> None:
        self._database = database
        self._notifier = notifier
        self._ledger = ledger
        self._recent: OrderedDict[str, tuple[TurnEvent, ...]] = OrderedDict()

    async def append(
        self,
        conversation_id: str,
        turn_id: str | None,
        bodies: Sequence[EventBody],
        at: datetime | Sequence[datetime],
        *,
        only_while_running: bool = False,
    ) -> tuple[TurnEvent, ...]:
        """Append events in order and in one transaction; gives them with their numbers.

        Args:
            conversation_id: whose log.
            turn_id: the turn they belong to, if any.
            bodies: what happened.
            at: when; of each, or of all of them.
            only_while_running: for who answers the turn; another process may have ended it.

        Raises:
            TurnEnded: the turn is no longer running, and it should be.
        """
        times = [at] * len(bodies) if isinstance(at, datetime) else at
        rows = await uninterrupted(
            self._append(conversation_id, turn_id, bodies, times, only_while_running)
        )
        events = tuple(
            TurnEvent(
                seq=row["seq"],
                conversation_id=conversation_id,
                turn_id=turn_id,
                at=row["at"],
                body=body,
            )
            for row, body in zip(rows, bodies, strict=True)
        )
        self._keep_at_hand(events, rows)
        await self._notifier.notify(conversation_id)
        return events

    async def _append(
        self,
        conversation_id: str,
        turn_id: str | None,
        bodies: Sequence[EventBody],
        times: Sequence[datetime],
        only_while_running: bool,
    ) -> list[_Row]:
        async with self._database.begin_writing() as session:
            rows = await self.append_within(session, conversation_id, turn_id, bodies, times)
            if only_while_running:
                status = await session.scalar(_TURN_STATUS, {"turn": turn_id})
                if status != "running":
                    raise TurnEnded(turn_id)
            return rows

    async def read(
        self,
        conversation_id: str,
        *,
        after: int = 0,
        types: Collection[str] = (),
        limit: int | None = None,
    ) -> tuple[TurnEvent, ...]:
        """Events with a higher number than `after`, in order.

        Args:
            conversation_id: whose log.
            after: number of the last event that is known already.
            types: only these types; empty: all.
            limit: most events to read; None: all.
        """
        if not types and (at_hand := self._at_hand(conversation_id, after)):
            return at_hand[:limit]
        query = _READ.limit(limit) if limit is not None else _READ
        if types:
            query = query.where(_events.c.type.in_(types))
        given = {"of": conversation_id, "after": after}

        async def rows() -> Sequence[Row[int, str | None, datetime, dict[str, Any]]]:
            async with self._database.begin() as session:
                return (await session.execute(query, given)).all()

        return tuple(
            TurnEvent(
                seq=seq,
                conversation_id=conversation_id,
                turn_id=turn_id,
                at=at,
                body=decode_body(data),
            )
            for seq, turn_id, at, data in await uninterrupted(rows())
        )

    async def last_seq(self, conversation_id: str) -> int:
        """The highest number in the conversation's log; 0 when it is empty."""
        async with self._database.begin() as session:
            return await session.scalar(_LAST_SEQ, {"of": conversation_id}) or 0

    async def append_within(
        self,
        session: AsyncSession,
        conversation_id: str,
        turn_id: str | None,
        bodies: Sequence[EventBody],
        times: Sequence[datetime],
    ) -> list[_Row]:
        """Append in the caller's transaction; who commits calls `notify` afterwards.

        Returns:
            The events as the database keeps them.
        """
        await lock_log(session, conversation_id)
        last = await session.scalar(_LAST_SEQ, {"of": conversation_id})
        first = (last or 0) + 1
        rows: list[_Row] = [
            {
                "conversation_id": conversation_id,
                "seq": first + index,
                "turn_id": turn_id,
                "type": body.type,
                "at": times[index],
                "data": encode_body(body),
            }
            for index, body in enumerate(bodies)
        ]
        await session.execute(_INSERT, rows)
        if self._ledger is not None:
            await self._ledger.record(session, conversation_id, list(bodies), times[-1])
        return rows

    def writer(
        self, conversation_id: str, turn_id: str | None, body: EventBody, at: datetime
    ) -> EventWriter:
        """Appends one event in a transaction of the conversations' store."""

        async def write(session: AsyncSession) -> int:
            (row,) = await self.append_within(session, conversation_id, turn_id, [body], [at])
            return int(row["seq"])

        return write

    async def notify(self, conversation_id: str) -> None:
        """Wake the readers of a conversation, to whose log a transaction was added elsewhere."""
        self._recent.pop(conversation_id, None)
        await self._notifier.notify(conversation_id)

    def _keep_at_hand(self, events: Sequence[TurnEvent], rows: Sequence[_Row]) -> None:
        """Let readers have what was just written, as the database has it, without asking it.

        Only on SQLite: between servers a wake-up may tell of events of both.
        """
        if not events or not self._database.is_sqlite:
            return
        kept = tuple(
            replace(event, body=decode_body(row["data"]))
            for event, row in zip(events, rows, strict=True)
        )
        key = events[0].conversation_id
        before = self._recent.pop(key, ())
        follows = bool(before) and before[-1].seq + 1 == events[0].seq
        self._recent[key] = ((*before, *kept) if follows else kept)[-_AT_HAND_EVENTS:]
        while len(self._recent) > _AT_HAND_CONVERSATIONS:
            self._recent.popitem(last=False)

    def _at_hand(self, conversation_id: str, after: int) -> tuple[TurnEvent, ...]:
        """The events after a number, if the next one is at hand; else nothing."""
        recent = self._recent.get(conversation_id, ())
        if not recent or not recent[0].seq <= after + 1 <= recent[-1].seq:
            return ()
        return recent[after + 1 - recent[0].seq :]
