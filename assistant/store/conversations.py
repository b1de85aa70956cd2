"""Owns the tables of conversations and turns, and the questions asked of them.

Does not own what was said: that is the event log (`event_log.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.core.errors import Conflict, NotFound
from assistant.store.base import Base
from assistant.store.database import Database

TurnStatus = Literal["running", "completed", "failed", "interrupted"]

START_ATTEMPTS = 20
"""Another writer can take the log's next number first; then the start is tried again."""


class ConversationRow(Base):
    """A visitor's thread."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    visitor_id: Mapped[str] = mapped_column(String(40), index=True)
    customer_id: Mapped[str | None] = mapped_column(String(200), index=True)
    customer_name: Mapped[str] = mapped_column(String(200), default="")
    timezone: Mapped[str] = mapped_column(String(64))
    locale: Mapped[str] = mapped_column(String(35))
    is_paused: Mapped[bool] = mapped_column(default=False)
    first_message: Mapped[str] = mapped_column(String(200), default="")
    turn_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class TurnRow(Base):
    """One message and the state of its answer."""

    __tablename__ = "turns"
    __table_args__ = (UniqueConstraint("conversation_id", "client_turn_id"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    client_turn_id: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(12), index=True)
    owner: Mapped[str] = mapped_column(String(40))
    """The server process that answers it."""
    after_seq: Mapped[int]
    """Last number of the log before this turn: where to start reading it."""
    lease_until: Mapped[datetime]
    """The owner is taken for gone when this has passed."""
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    """The visitor pressed stop; the owner may be another process than the one that was told."""
    created_at: Mapped[datetime]


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """A visitor's thread, as the rest of the assistant sees it."""

    id: str
    visitor_id: str
    customer_id: str | None
    customer_name: str
    timezone: str
    locale: str
    is_paused: bool
    first_message: str
    turn_count: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class StoredTurn:
    """A turn's place and state."""

    id: str
    conversation_id: str
    client_turn_id: str
    status: str
    after_seq: int
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class TurnStart:
    """What comes with a new turn."""

    message: str
    owner: str
    lease_until: datetime
    write_first_event: Callable[[AsyncSession], Awaitable[None]]
    """Appends `turn.started` in the same transaction: a turn without it would be a lost message."""


class Conversations:
    """The conversations and turns of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, conversation: Conversation) -> None:
        """Keep a new conversation."""
        async with self._database.begin() as session:
            session.add(ConversationRow(**vars(conversation)))

    async def get(self, conversation_id: str) -> Conversation:
        """The conversation.

        Raises:
            NotFound: there is none of this id.
        """
        async with self._database.begin() as session:
            row = await session.get(ConversationRow, conversation_id)
        if row is None:
            raise NotFound("There is no such conversation.", remedy="Start a new one.")
        return _conversation(row)

    async def page(
        self, *, search: str = "", offset: int = 0, limit: int = 50
    ) -> tuple[tuple[Conversation, ...], int]:
        """Conversations with at least one turn, latest first, and how many there are in all.

        Args:
            search: words looked for in first message, customer and id.
            offset: how many to skip.
            limit: most to return.
        """
        where = [ConversationRow.turn_count > 0]
        if search:
            pattern = f"%{search.replace('%', '').replace('_', ' ')}%"
            where.append(
                ConversationRow.first_message.ilike(pattern)
                | ConversationRow.customer_name.ilike(pattern)
                | ConversationRow.customer_id.ilike(pattern)
                | ConversationRow.id.ilike(pattern)
            )
        query = (
            select(ConversationRow)
            .where(*where)
            .order_by(ConversationRow.updated_at.desc())
            .offset(offset)
            .limit(limit)
        )
        async with self._database.begin() as session:
            rows = (await session.scalars(query)).all()
            total = await session.scalar(
                select(func.count()).select_from(ConversationRow).where(*where)
            )
        return tuple(_conversation(row) for row in rows), total or 0

    async def attach_customer(self, conversation_id: str, customer_id: str, name: str) -> None:
        """Bind the conversation to a verified customer; the first one stays.

        Raises:
            Conflict: another customer spoke in it before.
        """
        async with self._database.begin() as session:
            await session.execute(
                update(ConversationRow)
                .where(ConversationRow.id == conversation_id, ConversationRow.customer_id.is_(None))
                .values(customer_id=customer_id, customer_name=name[:200])
            )
            row = await session.get(ConversationRow, conversation_id)
            if row is None or row.customer_id != customer_id:
                raise Conflict(
                    "This conversation belongs to another customer.",
                    remedy="Start a new conversation.",
                )

    async def set_paused(self, conversation_id: str, *, is_paused: bool) -> bool:
        """Pause or resume; tells whether that changed anything."""
        async with self._database.begin() as session:
            result = await session.execute(
                update(ConversationRow)
                .where(
                    ConversationRow.id == conversation_id, ConversationRow.is_paused != is_paused
                )
                .values(is_paused=is_paused)
            )
        return bool(result.rowcount)  # type: ignore[attr-defined]

    async def turn_by_client_id(
        self, conversation_id: str, client_turn_id: str
    ) -> StoredTurn | None:
        """The turn that this client id already started, if any."""
        query = select(TurnRow).where(
            TurnRow.conversation_id == conversation_id, TurnRow.client_turn_id == client_turn_id
        )
        async with self._database.begin() as session:
            row = (await session.scalars(query)).one_or_none()
        return _turn(row) if row else None

    async def turn(self, conversation_id: str, turn_id: str) -> StoredTurn:
        """A turn of the conversation.

        Raises:
            NotFound: there is none of this id in it.
        """
        async with self._database.begin() as session:
            row = await session.get(TurnRow, turn_id)
        if row is None or row.conversation_id != conversation_id:
            raise NotFound("There is no such turn in this conversation.")
        return _turn(row)

    async def running_turn(self, conversation_id: str) -> StoredTurn | None:
        """The turn that is being answered, if any."""
        query = select(TurnRow).where(
            TurnRow.conversation_id == conversation_id, TurnRow.status == "running"
        )
        async with self._database.begin() as session:
            row = (await session.scalars(query)).first()
        return _turn(row) if row else None

    async def start_turn(self, turn: StoredTurn, start: TurnStart) -> StoredTurn:
        """Keep a new running turn and its first event in one transaction.

        Returns:
            The turn; or the one that the same client id started before.

        Raises:
            Conflict: another turn of the conversation is still being answered.
        """
        for attempt in range(START_ATTEMPTS):
            try:
                async with self._database.begin() as session:
                    await self._insert_turn(session, turn, start)
                    return turn
            except IntegrityError:
                earlier = await self.turn_by_client_id(turn.conversation_id, turn.client_turn_id)
                if earlier is not None:
                    return earlier
                if attempt == START_ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    async def _insert_turn(self, session: AsyncSession, turn: StoredTurn, start: TurnStart) -> None:
        # Locks the conversation, so that of two simultaneous turns one waits and then sees the other.
        await session.execute(
            update(ConversationRow)
            .where(ConversationRow.id == turn.conversation_id)
            .values(
                updated_at=turn.created_at,
                turn_count=ConversationRow.turn_count + 1,
                first_message=func.coalesce(
                    func.nullif(ConversationRow.first_message, ""), start.message[:200]
                ),
            )
        )
        busy = await session.scalar(
            select(TurnRow.id).where(
                TurnRow.conversation_id == turn.conversation_id,
                TurnRow.status == "running",
                TurnRow.client_turn_id != turn.client_turn_id,
            )
        )
        if busy is not None:
            raise Conflict(
                "Heidi is still answering the last message.",
                remedy="Wait for the answer or stop it, then send again.",
            )
        session.add(TurnRow(**vars(turn), owner=start.owner, lease_until=start.lease_until))
        await session.flush()
        await start.write_first_event(session)

    async def end_turn(self, turn_id: str, status: TurnStatus) -> bool:
        """Move a running turn to its final status; tells whether it was still running."""
        async with self._database.begin() as session:
            result = await session.execute(
                update(TurnRow)
                .where(TurnRow.id == turn_id, TurnRow.status == "running")
                .values(status=status)
            )
        return bool(result.rowcount)  # type: ignore[attr-defined]

    async def request_cancel(self, turn_id: str) -> None:
        """Ask the turn's owner, whichever process it is, to stop."""
        async with self._database.begin() as session:
            await session.execute(
                update(TurnRow).where(TurnRow.id == turn_id).values(cancel_requested=True)
            )

    async def renew_leases(self, owner: str, lease_until: datetime) -> Sequence[str]:
        """The owner is alive: its running turns stay its own until `lease_until`.

        Returns:
            Ids of those of its running turns that shall be stopped.
        """
        running = (TurnRow.owner == owner, TurnRow.status == "running")
        async with self._database.begin() as session:
            await session.execute(update(TurnRow).where(*running).values(lease_until=lease_until))
            cancelled = await session.scalars(
                select(TurnRow.id).where(*running, TurnRow.cancel_requested)
            )
            return cancelled.all()

    async def abandoned_turns(
        self, now: datetime, *, owner: str, only_process: bool
    ) -> Sequence[StoredTurn]:
        """Running turns whose server is gone.

        Args:
            now: the clock.
            owner: the asking process; its own turns are not abandoned.
            only_process: no other process can be alive (SQLite), so leases need not run out.
        """
        query = select(TurnRow).where(TurnRow.status == "running", TurnRow.owner != owner)
        if not only_process:
            query = query.where(TurnRow.lease_until < now)
        async with self._database.begin() as session:
            rows = (await session.scalars(query)).all()
        return [_turn(row) for row in rows]


def lease_end(now: datetime, *, lease_s: float) -> datetime:
    """When a lease taken now runs out."""
    return now + timedelta(seconds=lease_s)


def _conversation(row: ConversationRow) -> Conversation:
    return Conversation(
        id=row.id,
        visitor_id=row.visitor_id,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        timezone=row.timezone,
        locale=row.locale,
        is_paused=row.is_paused,
        first_message=row.first_message,
        turn_count=row.turn_count,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _turn(row: TurnRow) -> StoredTurn:
    return StoredTurn(
        id=row.id,
        conversation_id=row.conversation_id,
        client_turn_id=row.client_turn_id,
        status=row.status,
        after_seq=row.after_seq,
        created_at=row.created_at,
    )
