"""Owns bringing what the console searches and counts up to date with the log.

One more reader of the log: it reads when staff look (`ReviewIndex.catch_up`), so that no answer
waits for it, and what it made can be thrown away and read again at any time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.core.events import TurnEvent
from assistant.store.base import Base
from assistant.store.conversation_tables import ConversationRow
from assistant.store.database import Database
from assistant.store.event_codec import decode_body
from assistant.store.event_log import EventRow
from assistant.store.review_facts import SAID_TYPES, Indexed, TurnFacts, read_for_search
from assistant.store.review_tables import FacetRow, ReviewCitationRow, ReviewRow, ReviewTurnRow
from indexing.database import upserting

BATCH = 50
"""Conversations that are read and written at a time: answers go on between."""
MOST_AT_ONCE = 2_000
"""Conversations that are read while somebody waits for the list."""

_Rows = Any
"""A row of several columns, by name or in order."""
_ROW = (
    "conversation_id",
    "customer_id",
    "last_seq",
    "text",
    "last_speaker",
    "last_said",
    "is_resolved",
)
_TURN = (
    "turn_id",
    "day",
    "started_at",
    "agent",
    "message",
    "outcome",
    "feedback",
    "first_text_ms",
    "answer_ms",
    "tokens",
    "cost_usd",
)


class ReviewIndex:
    """Keeps the index of one database.

    Args:
        database: where it is kept, beside the log that it is made from.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = asyncio.Lock()

    async def catch_up(self, *, limit: int = MOST_AT_ONCE, since: datetime | None = None) -> int:
        """Read what was logged since the last time; gives how many conversations that were.

        Args:
            limit: most conversations to read now, latest first.
            since: look only at those in which a visitor spoke since then, which costs next to
                nothing; None: at all of them.
        """
        async with self._lock:  # several members who look at once need not read the same
            behind = await self._behind(limit, since)
            for start in range(0, len(behind), BATCH):
                batch = behind[start : start + BATCH]
                logs = await self._logs([row.id for row in batch])
                read = await asyncio.to_thread(_read, batch, logs)
                async with self._database.begin_writing() as session:
                    await _write(session, sorted(read, key=lambda one: one.conversation_id))
            return len(behind)

    async def _behind(self, limit: int, since: datetime | None) -> Sequence[_Rows]:
        """Conversations that were not read to their end, or got a customer since."""
        last = (
            select(func.max(EventRow.seq))
            .where(EventRow.conversation_id == ConversationRow.id)
            .scalar_subquery()
        )
        customer = func.coalesce(ConversationRow.customer_id, "")
        query = (
            select(
                ConversationRow.id,
                ConversationRow.customer_id,
                ConversationRow.customer_name,
                ConversationRow.first_message,
                func.coalesce(last, 0).label("last_seq"),
            )
            .outerjoin(ReviewRow, ReviewRow.conversation_id == ConversationRow.id)
            .where(
                ConversationRow.turn_count > 0,
                or_(
                    func.coalesce(last, 0) > func.coalesce(ReviewRow.last_seq, -1),
                    customer != func.coalesce(ReviewRow.customer_id, ""),
                ),
            )
            .order_by(ConversationRow.updated_at.desc())
            .limit(limit)
        )
        if since is not None:
            query = query.where(ConversationRow.updated_at >= since)
        async with self._database.begin() as session:
            return list(await session.execute(query))

    async def _logs(self, ids: Sequence[str]) -> Sequence[_Rows]:
        """What was said in these conversations, read at once."""
        query = (
            select(
                EventRow.conversation_id, EventRow.seq, EventRow.turn_id, EventRow.at, EventRow.data
            )
            .where(EventRow.conversation_id.in_(ids), EventRow.type.in_(SAID_TYPES))
            .order_by(EventRow.conversation_id, EventRow.seq)
        )
        async with self._database.begin() as session:
            return list(await session.execute(query))


def _read(batch: Sequence[_Rows], rows: Sequence[_Rows]) -> list[Indexed]:
    """What some logs say; takes a while, so it is done beside the answers."""
    logs: dict[str, list[TurnEvent]] = {row.id: [] for row in batch}
    for conversation_id, seq, turn_id, at, data in rows:
        logs[conversation_id].append(
            TurnEvent(
                seq=seq,
                conversation_id=conversation_id,
                turn_id=turn_id,
                at=at,
                body=decode_body(data),
            )
        )
    return [
        read_for_search(
            row.id,
            logs[row.id],
            row.last_seq,
            names=[row.id, row.customer_id or "", row.customer_name, row.first_message],
            customer_id=row.customer_id,
        )
        for row in batch
    ]


async def _write(session: AsyncSession, read: Sequence[Indexed]) -> None:
    """Two workers may read the same log at once; the later one to write is as right.

    What was deleted while its log was read is left out; the others can't be before this is written.
    """
    there = (
        select(ConversationRow.id)
        .where(ConversationRow.id.in_([one.conversation_id for one in read]))
        .order_by(ConversationRow.id)
        .with_for_update(read=True, key_share=True)
    )
    ids = (await session.scalars(there)).all()
    read = [one for one in read if one.conversation_id in ids]
    if not read:
        return
    insert = upserting(session.get_bind().dialect.name)
    row = insert(ReviewRow)
    row = row.on_conflict_do_update(
        index_elements=[ReviewRow.conversation_id],
        set_={name: row.excluded[name] for name in _ROW[1:]},
    )
    await session.execute(row, [{name: getattr(one, name) for name in _ROW} for one in read])
    parts: tuple[tuple[type[Base], list[dict[str, Any]]], ...] = (
        (FacetRow, [each for one in read for each in _facets(one)]),
        (ReviewTurnRow, [_turn(one, turn) for one in read for turn in one.turns]),
        (ReviewCitationRow, [c for one in read for turn in one.turns for c in _cited(one, turn)]),
    )
    for table, values in parts:
        of_conversation = table.__table__.c.conversation_id
        await session.execute(delete(table).where(of_conversation.in_(ids)))
        if values:
            await session.execute(insert(table).on_conflict_do_nothing(), values)


def _facets(one: Indexed) -> list[dict[str, Any]]:
    return [
        {"conversation_id": one.conversation_id, "kind": kind, "value": value}
        for kind, value in sorted(one.facets)
    ]


def _turn(one: Indexed, turn: TurnFacts) -> dict[str, Any]:
    values = {name: getattr(turn, name) for name in _TURN}
    return {"conversation_id": one.conversation_id, **values}


def _cited(one: Indexed, turn: TurnFacts) -> list[dict[str, Any]]:
    return [
        {
            "conversation_id": one.conversation_id,
            "turn_id": turn.turn_id,
            "briefing_id": each.briefing_id[:200],
            "title": each.title[:300],
            "path": each.path[:400],
        }
        for each in turn.citations
    ]
