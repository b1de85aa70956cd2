"""Owns the deletion of conversations, and the copy of everything that is kept about one.

Which tables belong to a conversation is not listed here but read from their foreign keys, so that a
new table is neither forgotten when somebody wants to be forgotten, nor left out of their copy.
Meetings and accounts are no part of conversations: they are the backends'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from assistant.core.projection import visitor_view
from assistant.store.base import Base, table_of
from assistant.store.budgets import UsageRow
from assistant.store.conversation_tables import ConversationRow
from assistant.store.database import Database
from assistant.store.erasure_table import ErasureReason, erasures
from assistant.store.event_log import EventLog, EventRow
from assistant.store.overwriting import overwrite_deleted
from assistant.store.saved_questions import SavedQuestionRow

BATCH = 50
"""Conversations that are deleted in one transaction: answers go on between."""

_conversations = table_of(ConversationRow)
_events = table_of(EventRow)
_usage = table_of(UsageRow)
_questions = table_of(SavedQuestionRow)
_MADE_ANEW = "review_"
"""Tables of this name are an index of the log and say nothing that is not in it."""


@dataclass(frozen=True, kw_only=True)
class Whose:
    """Which conversations; all that is given must hold."""

    customer_id: str | None = None
    visitor_id: str | None = None
    conversation_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What a deletion has done."""

    conversations: int
    question_ids: tuple[str, ...]
    """Questions of the evaluation that staff made of them: they stay, without saying of what."""


class Erasure:
    """Deletes and copies conversations of one database.

    Args:
        database: where they are kept.
        log: what was said in them.
    """

    def __init__(self, database: Database, log: EventLog) -> None:
        self._database = database
        self._log = log

    async def find(self, whose: Whose) -> tuple[str, ...]:
        """Ids of conversations, oldest first."""
        wanted = {
            _conversations.c.customer_id: whose.customer_id,
            _conversations.c.visitor_id: whose.visitor_id,
            _conversations.c.id: whose.conversation_id,
        }
        where = [column == value for column, value in wanted.items() if value is not None]
        if not where:
            raise ValueError("Nobody's conversations are meant.")
        query = select(_conversations.c.id).where(*where).order_by(_conversations.c.created_at)
        return tuple(await self._database.read(lambda each: each.scalars(query).all()))

    async def find_older(self, than: datetime) -> tuple[str, ...]:
        """Ids of conversations in which nothing has happened since a time, oldest first."""
        is_newer = (
            select(_events.c.seq)
            .where(_events.c.conversation_id == _conversations.c.id, _events.c.at >= than)
            .exists()
        )
        query = (
            select(_conversations.c.id)
            .where(_conversations.c.updated_at < than, ~is_newer)
            .order_by(_conversations.c.updated_at)
        )
        return tuple(await self._database.read(lambda each: each.scalars(query).all()))

    async def erase(self, ids: Sequence[str], reason: ErasureReason, now: datetime) -> Erased:
        """Delete conversations with everything that belongs to them, and note that it was done.

        A turn that is being answered ends without a trace. On SQLite, nothing of what was deleted
        is left in the file when this returns.
        """
        count, questions = 0, list[str]()
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]

            def write(connection: Connection, batch: Sequence[str] = batch) -> None:
                nonlocal count
                there = _lock(connection, batch)
                questions.extend(_unlink_questions(connection, there))
                _delete(connection, there, reason, now)
                count += len(there)

            await self._database.write(write)
            for conversation_id in batch:
                await self._log.notify(conversation_id)
        if count:
            await overwrite_deleted(self._database)
        return Erased(conversations=count, question_ids=tuple(questions))

    async def copy(self, conversation_id: str) -> dict[str, Any]:
        """Everything that is kept about a conversation, as JSON takes it but for times."""

        def read(connection: Connection) -> dict[str, Any]:
            own = select(_conversations).where(_conversations.c.id == conversation_id)
            parts = {table.name: _rows(connection, table, conversation_id) for table in _copied()}
            row = dict(connection.execute(own).one()._mapping)
            del row["token_generation"], row["predecessor_until"]
            return {"conversation": row, **parts}

        copied = await self._database.read(read)
        events = await self._log.read(conversation_id)
        return {**copied, "events": [visitor_view(event) for event in events]}


def _parts() -> list[Table]:
    """Tables whose rows belong to a conversation; those that others refer to come last."""
    return [
        table
        for table in reversed(Base.metadata.sorted_tables)
        if any(key.column is _conversations.c.id for key in table.foreign_keys)
    ]


def _copied() -> list[Table]:
    others = (_events.name,)
    return [
        table
        for table in _parts()
        if table.name not in others and not table.name.startswith(_MADE_ANEW)
    ]


def _rows(connection: Connection, table: Table, conversation_id: str) -> list[dict[str, Any]]:
    query = select(table).where(table.c.conversation_id == conversation_id)
    return [dict(row._mapping) for row in connection.execute(query)]


def _lock(connection: Connection, ids: Sequence[str]) -> Sequence[str]:
    """Those that exist, with whoever writes to them waiting until they are gone."""
    query = select(_conversations.c.id).where(_conversations.c.id.in_(ids)).with_for_update()
    return connection.scalars(query.order_by(_conversations.c.id)).all()


def _unlink_questions(connection: Connection, ids: Sequence[str]) -> Sequence[str]:
    is_of_them = _questions.c.conversation_id.in_(ids)
    found = connection.scalars(select(_questions.c.id).where(is_of_them)).all()
    change = update(_questions).where(is_of_them).values(conversation_id=None, turn_id="")
    connection.execute(change)
    return found


def _delete(
    connection: Connection, ids: Sequence[str], reason: ErasureReason, now: datetime
) -> None:
    for table in _parts():
        connection.execute(delete(table).where(table.c.conversation_id.in_(ids)))
    connection.execute(delete(_usage).where(_usage.c.scope.in_(ids)))
    connection.execute(delete(_conversations).where(_conversations.c.id.in_(ids)))
    notes = [{"conversation_id": each, "erased_at": now, "reason": reason} for each in ids]
    if notes:
        connection.execute(insert(erasures), notes)
