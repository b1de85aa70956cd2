"""Owns what the console searches: what was said in each conversation, and how its turns ended.

One more reader of the log: it is brought up to date when staff look (`ReviewIndex.catch_up`), so
that no answer waits for it, and it can be thrown away and read again at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ForeignKey, String, Text, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.core.events import StaffMessage, TurnEvent
from assistant.core.transcript import FOLDED_TYPES, fold
from assistant.store.base import Base
from assistant.store.conversation_tables import ConversationRow
from assistant.store.database import Database
from assistant.store.event_log import EventLog, EventRow

MAX_TEXT_CHARACTERS = 200_000
"""Of one conversation: what is beyond is not searched."""
BATCH = 200
"""Conversations that are read and written at a time."""


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
        database: where it is kept.
        log: what it is made from.
    """

    def __init__(self, database: Database, log: EventLog) -> None:
        self._database = database
        self._log = log

    async def catch_up(self, *, limit: int = 2_000) -> int:
        """Read what was logged since the last time; gives how many conversations that were.

        Args:
            limit: most conversations to read now, latest first.
        """
        behind = await self._behind(limit)
        for start in range(0, len(behind), BATCH):
            read = [await self._read(each) for each in behind[start : start + BATCH]]
            async with self._database.begin_writing() as session:
                for indexed in sorted(read, key=lambda one: one.conversation_id):
                    await _write(session, indexed)
        return len(behind)

    async def _behind(self, limit: int) -> Sequence[str]:
        last = (
            select(func.max(EventRow.seq))
            .where(EventRow.conversation_id == ConversationRow.id)
            .scalar_subquery()
        )
        query = (
            select(ConversationRow.id)
            .outerjoin(ReviewRow, ReviewRow.conversation_id == ConversationRow.id)
            .where(
                ConversationRow.turn_count > 0,
                func.coalesce(last, 0) > func.coalesce(ReviewRow.last_seq, 0),
            )
            .order_by(ConversationRow.updated_at.desc())
            .limit(limit)
        )
        async with self._database.begin() as session:
            return (await session.scalars(query)).all()

    async def _read(self, conversation_id: str) -> Indexed:
        last_seq = await self._log.last_seq(conversation_id)
        types = FOLDED_TYPES | {"staff.message"}
        events = await self._log.read(conversation_id, types=types)
        return read_for_search(conversation_id, events, last_seq)


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


async def _write(session: AsyncSession, indexed: Indexed) -> None:
    """Two workers may read the same log at once; the later one to write is as right."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    values = {"last_seq": indexed.last_seq, "text": indexed.text}
    await session.execute(
        insert(ReviewRow)
        .values(conversation_id=indexed.conversation_id, **values)
        .on_conflict_do_update(index_elements=[ReviewRow.conversation_id], set_=values)
    )
    of = FacetRow.conversation_id == indexed.conversation_id
    await session.execute(delete(FacetRow).where(of))
    for kind, value in sorted(indexed.facets):
        await session.execute(
            insert(FacetRow)
            .values(conversation_id=indexed.conversation_id, kind=kind, value=value)
            .on_conflict_do_nothing()
        )
