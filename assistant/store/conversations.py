"""Owns the tables of conversations and turns, and the questions asked of them.

Does not own what was said: that is the event log (`event_log.py`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import (
    ForeignKey,
    Select,
    String,
    UniqueConstraint,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.core.errors import Conflict, ConversationPaused, NotFound
from assistant.store.base import Base
from assistant.store.budgets import Ledger
from assistant.store.database import Database

TurnStatus = Literal["running", "completed", "failed", "interrupted"]

EventWriter = Callable[[AsyncSession], Awaitable[int]]
"""Appends to the log in the transaction of the change that the event tells of, so that neither is
ever without the other; gives the event's number."""


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
    write_first_event: EventWriter
    """Appends `turn.started`: a turn without it would be a lost message."""
    is_counted: bool = True
    """False for a decision: whoever was shown a confirmation may answer it."""


class Conversations:
    """The conversations and turns of one database.

    Args:
        database: where they are kept.
        ledger: counts turns and refuses those over budget; None: no limit.
    """

    def __init__(self, database: Database, ledger: Ledger | None = None) -> None:
        self._database = database
        self._ledger = ledger

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
            columns = (
                ConversationRow.first_message,
                ConversationRow.customer_name,
                ConversationRow.customer_id,
                ConversationRow.id,
            )
            where.append(or_(*(column.icontains(search, autoescape=True) for column in columns)))
        query = (
            select(ConversationRow)
            .where(*where)
            .order_by(ConversationRow.updated_at.desc(), ConversationRow.id)
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

    async def set_paused(
        self, conversation_id: str, *, is_paused: bool, write_event: EventWriter | None = None
    ) -> bool:
        """Pause or resume; tells whether that changed anything, and only then writes the event.

        A conversation is never paused in the middle of an answer.
        """
        where = [ConversationRow.id == conversation_id, ConversationRow.is_paused != is_paused]
        if is_paused:
            running = select(TurnRow.id).where(
                TurnRow.conversation_id == conversation_id, TurnRow.status == "running"
            )
            where.append(~running.exists())
        async with self._database.begin_writing() as session:
            result = await session.execute(
                update(ConversationRow).where(*where).values(is_paused=is_paused)
            )
            has_changed = bool(result.rowcount)  # type: ignore[attr-defined]
            if has_changed and write_event is not None:
                await write_event(session)
        return has_changed

    async def turn_by_client_id(
        self, conversation_id: str, client_turn_id: str
    ) -> StoredTurn | None:
        """The turn that this client id already started, if any."""
        query = _by_client_id(conversation_id, client_turn_id)
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
            The turn with its place in the log; or the one that the same client id started before.

        Raises:
            ConversationPaused: it must be resumed first.
            Conflict: another turn of the conversation is still being answered.
            BudgetSpent: the conversation or the site has used up what it may.
        """
        async with self._database.begin_writing() as session:
            return await self._insert_turn(session, turn, start)

    async def _insert_turn(
        self, session: AsyncSession, turn: StoredTurn, start: TurnStart
    ) -> StoredTurn:
        # Of two simultaneous turns one waits here and then sees the other.
        await lock_log(session, turn.conversation_id)
        same = _by_client_id(turn.conversation_id, turn.client_turn_id)
        earlier = (await session.scalars(same)).one_or_none()
        if earlier is not None:
            return _turn(earlier)
        await self._check_is_free(session, turn.conversation_id)
        if self._ledger is not None and start.is_counted:
            await self._ledger.charge_turn(session, turn.conversation_id, turn.created_at)
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
        first_seq = await start.write_first_event(session)
        turn = replace(turn, after_seq=first_seq - 1)
        row = {**vars(turn), "owner": start.owner, "lease_until": start.lease_until}
        await session.execute(insert(TurnRow), row)
        return turn

    @staticmethod
    async def _check_is_free(session: AsyncSession, conversation_id: str) -> None:
        query = select(
            ConversationRow.is_paused,
            select(TurnRow.id)
            .where(TurnRow.conversation_id == conversation_id, TurnRow.status == "running")
            .exists(),
        ).where(ConversationRow.id == conversation_id)
        is_paused, is_running = (await session.execute(query)).one()
        if is_paused:
            raise ConversationPaused("The session is paused.", remedy="Resume it, then send again.")
        if is_running:
            raise Conflict(
                "Heidi is still answering the last message.",
                remedy="Wait for the answer or stop it, then send again.",
            )

    async def end_turn(
        self, turn: StoredTurn, status: TurnStatus, write_last_event: EventWriter
    ) -> bool:
        """Move a running turn to its final status and write its terminal event in one transaction.

        Returns:
            Whether it was still running: a turn ends once.
        """
        async with self._database.begin_writing() as session:
            # The log's lock first: a writer that holds it looks at the turn's status.
            await lock_log(session, turn.conversation_id)
            result = await session.execute(
                update(TurnRow)
                .where(TurnRow.id == turn.id, TurnRow.status == "running")
                .values(status=status)
            )
            has_ended = bool(result.rowcount)  # type: ignore[attr-defined]
            if has_ended:
                await write_last_event(session)
        return has_ended

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


async def lock_log(session: AsyncSession, conversation_id: str) -> None:
    """Let the writers of a conversation's log wait for each other.

    PostgreSQL locks the conversation's row; on SQLite `Database.begin_writing` has done it.
    """
    if session.get_bind().dialect.name == "sqlite":
        return
    await session.execute(
        select(ConversationRow.id)
        .where(ConversationRow.id == conversation_id)
        .with_for_update(key_share=True)
    )


def lease_end(now: datetime, *, lease_s: float) -> datetime:
    """When a lease taken now runs out."""
    return now + timedelta(seconds=lease_s)


def _by_client_id(conversation_id: str, client_turn_id: str) -> Select[TurnRow]:
    return select(TurnRow).where(
        TurnRow.conversation_id == conversation_id, TurnRow.client_turn_id == client_turn_id
    )


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
