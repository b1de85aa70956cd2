"""Owns the append-only log of a conversation's events: written once, read by all."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    ForeignKey,
    Row,
    String,
    bindparam,
    func,
    insert,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.core.events import EventBody, TurnEvent
from assistant.store.base import Base, table_of
from assistant.store.budgets import Ledger
from assistant.store.conversation_tables import TurnRow
from assistant.store.conversations import lock_row
from assistant.store.database import Database
from assistant.store.event_codec import as_read, decode_body, encode_body
from assistant.streaming.notifier import Notifier

_AT_HAND_CONVERSATIONS = 256
_AT_HAND_EVENTS = 128


_Row = dict[str, Any]
Timed = tuple[EventBody, datetime]
"""What happened, and when."""


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
_END_OF_LOG = select(
    _LAST_SEQ.scalar_subquery(),
    select(_turns.c.status).where(_turns.c.id == bindparam("turn")).scalar_subquery(),
)
"""The last number of a log (`of`), and the status of a turn (`turn`)."""
_INSERT = insert(_events)


class Addition:
    """Events on their way into a log: written in somebody's transaction, then told by `publish`.

    Args:
        log: where they go.
        conversation_id: whose log.
        turn_id: the turn they belong to, if any.
        timed: what happened, in order, and when.
    """

    def __init__(
        self, log: EventLog, conversation_id: str, turn_id: str | None, timed: Sequence[Timed]
    ) -> None:
        self._log = log
        self.conversation_id = conversation_id
        self.turn_id = turn_id
        self.bodies = [body for body, _ in timed]
        self.rows: list[_Row] = [
            {
                "conversation_id": conversation_id,
                "turn_id": turn_id,
                "type": body.type,
                "at": at,
                "data": encode_body(body),
            }
            for body, at in timed
        ]
        """As the database keeps them; with their numbers (`seq`) once they are written."""
        self.is_written = False

    def __call__(self, connection: Connection) -> int:
        """Write them in the transaction of a connection; gives the number of the first."""
        return self._log.write(connection, self)


Watcher = Callable[[Addition], None]
"""Is told of what was written; neither waits nor fails."""


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
        self._watchers: list[Watcher] = []

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
        addition = self.writer_of(conversation_id, turn_id, list(zip(bodies, times, strict=True)))

        def write(connection: Connection) -> None:
            self.write(connection, addition, only_while_running=only_while_running)

        await self._database.write(write)
        await self.publish(addition)
        return tuple(
            TurnEvent(
                seq=row["seq"],
                conversation_id=conversation_id,
                turn_id=turn_id,
                at=row["at"],
                body=body,
            )
            for row, body in zip(addition.rows, bodies, strict=True)
        )

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

        def rows(connection: Connection) -> Sequence[Row[int, str | None, datetime, _Row]]:
            return connection.execute(query, given).all()

        return tuple(
            TurnEvent(
                seq=seq,
                conversation_id=conversation_id,
                turn_id=turn_id,
                at=at,
                body=decode_body(data),
            )
            for seq, turn_id, at, data in await self._database.read(rows)
        )

    async def last_seq(self, conversation_id: str) -> int:
        """The highest number in the conversation's log; 0 when it is empty."""
        given = {"of": conversation_id}
        last = await self._database.read(lambda each: each.scalar(_LAST_SEQ, given))
        return last or 0

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
        addition = self.writer_of(conversation_id, turn_id, list(zip(bodies, times, strict=True)))
        connection = await session.connection()
        await connection.run_sync(addition)
        return addition.rows

    def write(
        self, connection: Connection, addition: Addition, *, only_while_running: bool = False
    ) -> int:
        """Write events in the transaction of a connection; gives the number of the first.

        Raises:
            TurnEnded: the turn is no longer running, and it should be.
        """
        lock_row(connection, addition.conversation_id)
        given = {"of": addition.conversation_id, "turn": addition.turn_id}
        last, status = connection.execute(_END_OF_LOG, given).one()
        if only_while_running and status != "running":
            raise TurnEnded(addition.turn_id)
        first = (last or 0) + 1
        for index, row in enumerate(addition.rows):
            row["seq"] = first + index
        connection.execute(_INSERT, addition.rows)
        if self._ledger is not None:
            at = addition.rows[-1]["at"]
            self._ledger.record(connection, addition.conversation_id, addition.bodies, at)
        addition.is_written = True
        return first

    def writer(
        self, conversation_id: str, turn_id: str | None, body: EventBody, at: datetime
    ) -> Addition:
        """Appends one event in a transaction of the conversations' store."""
        return self.writer_of(conversation_id, turn_id, [(body, at)])

    def writer_of(
        self, conversation_id: str, turn_id: str | None, timed: Sequence[Timed]
    ) -> Addition:
        """Appends several events in a transaction of the conversations' store."""
        return Addition(self, conversation_id, turn_id, timed)

    async def publish(self, addition: Addition) -> None:
        """Tell the readers of events whose transaction has been committed."""
        if addition.is_written:
            for watcher in self._watchers:
                watcher(addition)
            self._keep_at_hand(addition)
            await self._notifier.notify(addition.conversation_id)

    def watch(self, watcher: Watcher) -> None:
        """Let a watcher be told of everything that this process publishes from now on."""
        self._watchers.append(watcher)

    async def notify(self, conversation_id: str) -> None:
        """Wake the readers of a conversation, to whose log a transaction was added elsewhere."""
        self._recent.pop(conversation_id, None)
        await self._notifier.notify(conversation_id)

    def _keep_at_hand(self, addition: Addition) -> None:
        """Let readers have what was just written, as the database has it, without asking it.

        Only on SQLite: between servers a wake-up may tell of events of both.
        """
        if not self._database.is_sqlite:
            return
        kept = tuple(
            TurnEvent(
                seq=row["seq"],
                conversation_id=addition.conversation_id,
                turn_id=addition.turn_id,
                at=row["at"],
                body=as_read(body, row["data"]),
            )
            for row, body in zip(addition.rows, addition.bodies, strict=True)
        )
        key = addition.conversation_id
        before = self._recent.pop(key, ())
        follows = bool(before) and before[-1].seq + 1 == kept[0].seq
        self._recent[key] = ((*before, *kept) if follows else kept)[-_AT_HAND_EVENTS:]
        while len(self._recent) > _AT_HAND_CONVERSATIONS:
            self._recent.popitem(last=False)

    def _at_hand(self, conversation_id: str, after: int) -> tuple[TurnEvent, ...]:
        """The events after a number, if the next one is at hand; else nothing."""
        recent = self._recent.get(conversation_id, ())
        if not recent or not recent[0].seq <= after + 1 <= recent[-1].seq:
            return ()
        return recent[after + 1 - recent[0].seq :]
