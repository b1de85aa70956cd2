"""Owns what the console searches: what was said in each conversation, and how its turns ended.

One more reader of the log: it is brought up to date when staff look (`ReviewIndex.catch_up`), so
that no answer waits for it, and it can be thrown away and read again at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ForeignKey, String, Text, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.core.events import StaffMessage, TurnEvent
from assistant.core.transcript import FOLDED_TYPES, fold
from assistant.store.base import Base
from assistant.store.conversation_tables import ConversationRow
from assistant.store.database import Database
from assistant.store.event_codec import decode_body
from assistant.store.event_log import EventRow
from indexing.database import upserting

MAX_TEXT_CHARACTERS = 200_000
"""Of one conversation: what is beyond is not searched."""
BATCH = 50
"""Conversations that are read and written at a time: answers go on between."""
MOST_AT_ONCE = 2_000
"""Conversations that are read while somebody waits for the list."""

SAID_TYPES = FOLDED_TYPES | {"staff.message"}
"""Events that say something, or tell how a turn ended."""


class ReviewRow(Base):
    """What was said in a conversation."""

    __tablename__ = "review_index"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    last_seq: Mapped[int]
    """The log was read up to here."""
    text: Mapped[str] = mapped_column(Text)
    """Words of visitor, Heidi and staff without upper case: LIKE compares letters beyond ASCII
    exactly on SQLite."""


class FacetRow(Base):
    """One thing that is true of a conversation: a turn of it was answered, judged and so on."""

    __tablename__ = "review_facets"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    """`outcome`, `feedback` or `agent`."""
    value: Mapped[str] = mapped_column(String(100), primary_key=True, index=True)


@dataclass(frozen=True, kw_only=True)
class Indexed:
    """What the log of one conversation says, for searching."""

    conversation_id: str
    last_seq: int
    text: str
    facets: frozenset[tuple[str, str]]


class ReviewIndex:
    """Keeps the index of one database.

    Args:
        database: where it is kept, beside the log that it is made from.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def catch_up(self, *, limit: int = MOST_AT_ONCE) -> int:
        """Read what was logged since the last time; gives how many conversations that were.

        Args:
            limit: most conversations to read now, latest first.
        """
        behind = await self._behind(limit)
        for start in range(0, len(behind), BATCH):
            batch = dict(behind[start : start + BATCH])
            logs = await self._logs(batch)
            read = [read_for_search(each, logs[each], last) for each, last in batch.items()]
            async with self._database.begin_writing() as session:
                await _write(session, sorted(read, key=lambda one: one.conversation_id))
        return len(behind)

    async def _behind(self, limit: int) -> Sequence[tuple[str, int]]:
        """Conversations that were not read to their end, and the last number of each."""
        last = (
            select(func.max(EventRow.seq))
            .where(EventRow.conversation_id == ConversationRow.id)
            .scalar_subquery()
        )
        query = (
            select(ConversationRow.id, last)
            .outerjoin(ReviewRow, ReviewRow.conversation_id == ConversationRow.id)
            .where(
                ConversationRow.turn_count > 0,
                func.coalesce(last, 0) > func.coalesce(ReviewRow.last_seq, 0),
            )
            .order_by(ConversationRow.updated_at.desc())
            .limit(limit)
        )
        async with self._database.begin() as session:
            return [(key, number) for key, number in await session.execute(query)]

    async def _logs(self, ids: Collection[str]) -> dict[str, list[TurnEvent]]:
        """What was said in these conversations, read at once."""
        query = (
            select(
                EventRow.conversation_id, EventRow.seq, EventRow.turn_id, EventRow.at, EventRow.data
            )
            .where(EventRow.conversation_id.in_(ids), EventRow.type.in_(SAID_TYPES))
            .order_by(EventRow.conversation_id, EventRow.seq)
        )
        logs: dict[str, list[TurnEvent]] = {each: [] for each in ids}
        async with self._database.begin() as session:
            for conversation_id, seq, turn_id, at, data in await session.execute(query):
                logs[conversation_id].append(
                    TurnEvent(
                        seq=seq,
                        conversation_id=conversation_id,
                        turn_id=turn_id,
                        at=at,
                        body=decode_body(data),
                    )
                )
        return logs


def read_for_search(
    conversation_id: str, events: Sequence[TurnEvent], last_seq: int = 0
) -> Indexed:
    """What a log says, for searching.

    Args:
        conversation_id: whose log.
        events: those that a transcript is made of, and staff's words.
        last_seq: number of the log's last event.
    """
    turns = fold(events).turns
    facets = {("agent", turn.agent[:100]) for turn in turns if turn.agent}
    for turn in turns:
        if turn.status != "running":
            facets.add(("outcome", turn.outcome or turn.status))
        if turn.feedback:
            facets.add(("feedback", turn.feedback))
    said = [part for turn in turns for part in (turn.message, turn.answer) if part]
    said += [event.body.text for event in events if isinstance(event.body, StaffMessage)]
    return Indexed(
        conversation_id=conversation_id,
        last_seq=last_seq,
        text=searchable("\n".join(said))[:MAX_TEXT_CHARACTERS],
        facets=frozenset(facets),
    )


def searchable(text: str) -> str:
    """Text as it is compared: without upper case and runs of space."""
    return " ".join(text.casefold().split())


async def _write(session: AsyncSession, read: Sequence[Indexed]) -> None:
    """Two workers may read the same log at once; the later one to write is as right."""
    insert = upserting(session.get_bind().dialect.name)
    row = insert(ReviewRow)
    row = row.on_conflict_do_update(
        index_elements=[ReviewRow.conversation_id],
        set_={"last_seq": row.excluded.last_seq, "text": row.excluded.text},
    )
    names = ("conversation_id", "last_seq", "text")
    await session.execute(row, [{name: getattr(one, name) for name in names} for one in read])
    ids = [one.conversation_id for one in read]
    await session.execute(delete(FacetRow).where(FacetRow.conversation_id.in_(ids)))
    facets = [
        {"conversation_id": one.conversation_id, "kind": kind, "value": value}
        for one in read
        for kind, value in sorted(one.facets)
    ]
    if facets:
        await session.execute(insert(FacetRow).on_conflict_do_nothing(), facets)
