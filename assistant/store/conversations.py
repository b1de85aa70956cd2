"""Owns keeping conversations and turns, and the questions asked of them.

Does not own what was said: that is the event log (`event_log.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from assistant.core.errors import ActionSettled, Conflict, ConversationPaused, NotFound
from assistant.store.base import table_of
from assistant.store.budgets import Ledger
from assistant.store.conversation_tables import (
    BEFORE_TURN,
    BY_CLIENT_ID,
    CONVERSATION,
    COUNT_TURN,
    END_TURN,
    INSERT_CONVERSATION,
    INSERT_TURN,
    LOCK_CONVERSATION,
    Conversation,
    ConversationRow,
    StoredTurn,
    TurnRow,
)
from assistant.store.database import Database
from assistant.store.erasure_table import WHEN_ERASED, words_of_erasure

_conversations = table_of(ConversationRow)
TurnStatus = Literal["running", "completed", "failed", "interrupted"]

EventWriter = Callable[[Connection], int]
"""Appends to the log in the transaction of the change that the events tell of, so that neither is
ever without the other; gives the first event's number."""


@dataclass(frozen=True, kw_only=True)
class TurnStart:
    """What comes with a new turn."""

    message: str
    owner: str
    lease_until: datetime
    write_first_event: EventWriter
    """Appends `turn.started`: a turn without it would be a lost message."""
    pass_on: Callable[[str], EventWriter] | None = None
    """Appends the end of a turn that goes to a person of this name, who has taken over; None: such
    a turn is refused."""
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
        row = vars(conversation)
        await self._database.write(lambda connection: connection.execute(INSERT_CONVERSATION, row))

    async def get(self, conversation_id: str) -> Conversation:
        """The conversation.

        Raises:
            NotFound: there is none of this id.
        """
        given = {"of": conversation_id}
        row = await self._database.read(lambda each: each.execute(CONVERSATION, given).first())
        if row is None:
            erased = await self._database.read(
                lambda each: each.execute(WHEN_ERASED, given).first()
            )
            detail = words_of_erasure(*erased) if erased else "There is no such conversation."
            raise NotFound(detail, remedy="Start a new one.")
        return Conversation(**row._mapping)

    async def attach_customer(self, conversation_id: str, customer_id: str, name: str) -> bool:
        """Bind the conversation to a verified customer; the first one stays.

        A sign-in begins a new generation of visitor tokens in the same step: whoever knew the token
        before it (session fixation) does not get the one after it.

        Returns:
            Whether nobody's conversation has become the customer's.

        Raises:
            Conflict: another customer spoke in it before.
        """
        async with self._database.begin() as session:
            result = await session.execute(
                update(ConversationRow)
                .where(ConversationRow.id == conversation_id, ConversationRow.customer_id.is_(None))
                .values(
                    customer_id=customer_id,
                    customer_name=name[:200],
                    token_generation=ConversationRow.token_generation + 1,
                    predecessor_until=None,
                )
            )
            row = await session.get(ConversationRow, conversation_id)
            if row is None or row.customer_id != customer_id:
                raise Conflict(
                    "This conversation belongs to another customer.",
                    remedy="Start a new conversation.",
                )
        return bool(result.rowcount)  # type: ignore[attr-defined]

    async def set_paused(
        self, conversation_id: str, *, is_paused: bool, write_event: EventWriter | None = None
    ) -> bool:
        """Pause or resume; tells whether that changed anything, and only then writes the event.

        A conversation is never paused in the middle of an answer, nor while a person speaks for
        Heidi, who may take their time.
        """
        row = _conversations.c
        where = [row.id == conversation_id, row.is_paused != is_paused]
        if is_paused:
            running = select(TurnRow.id).where(
                TurnRow.conversation_id == conversation_id, TurnRow.status == "running"
            )
            where += [~running.exists(), row.taken_over_by.is_(None)]
        change = update(_conversations).where(*where).values(is_paused=is_paused)

        def write(connection: Connection) -> bool:
            has_changed = connection.execute(change).rowcount > 0
            if has_changed and write_event is not None:
                write_event(connection)
            return has_changed

        return await self._database.write(write)

    async def turn_by_client_id(
        self, conversation_id: str, client_turn_id: str
    ) -> StoredTurn | None:
        """The turn that this client id already started, if any."""
        given = {"of": conversation_id, "client": client_turn_id}
        row = await self._database.read(lambda each: each.execute(BY_CLIENT_ID, given).first())
        return StoredTurn(**row._mapping) if row else None

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

    async def start_turn(self, turn: StoredTurn, start: TurnStart) -> StoredTurn:
        """Keep a new running turn and its first event in one transaction.

        Returns:
            The turn with its place in the log; or the one that the same client id started before.

        Raises:
            ConversationPaused: it must be resumed first.
            Conflict: another turn of the conversation is still being answered.
            ActionSettled: a person has taken over, and it is a decision on a proposal of Heidi's.
            BudgetSpent: the conversation or the site has used up what it may.
        """
        return await self._database.write(lambda each: self._insert_turn(each, turn, start))

    def _insert_turn(
        self, connection: Connection, turn: StoredTurn, start: TurnStart
    ) -> StoredTurn:
        # Of two simultaneous turns one waits here and then sees the other.
        lock_row(connection, turn.conversation_id)
        same = {"of": turn.conversation_id, "client": turn.client_turn_id}
        found = connection.execute(BEFORE_TURN, same).one()
        if found.id is not None:
            earlier = found._mapping
            return StoredTurn(**{each.name: earlier[each.name] for each in fields(StoredTurn)})
        person = _person_who_answers(found)
        if person and start.pass_on is None:
            raise ActionSettled(
                f"{person} has taken over, and the request was withdrawn.",
                remedy=f"Tell {person} what you would like.",
            )
        if self._ledger is not None and start.is_counted and not person:
            self._ledger.charge_turn(connection, turn.conversation_id, turn.created_at)
        changes = {
            "of": turn.conversation_id,
            "at": turn.created_at,
            "message": start.message[:200],
        }
        connection.execute(COUNT_TURN, changes)
        first_seq = start.write_first_event(connection)
        turn = replace(turn, after_seq=first_seq - 1)
        if person and start.pass_on is not None:
            start.pass_on(person)(connection)
            turn = replace(turn, status="completed")
        row = {**vars(turn), "owner": start.owner, "lease_until": start.lease_until}
        connection.execute(INSERT_TURN, row)
        return turn

    async def end_turn(
        self, turn: StoredTurn, status: TurnStatus, write_last_events: EventWriter
    ) -> bool:
        """Move a running turn to its final status and write its last events in one transaction.

        Returns:
            Whether it was still running: a turn ends once.
        """
        given = {"turn": turn.id, "ends_as": status}

        def write(connection: Connection) -> bool:
            # The log's lock first: a writer that holds it looks at the turn's status.
            lock_row(connection, turn.conversation_id)
            has_ended = connection.execute(END_TURN, given).rowcount > 0
            if has_ended:
                write_last_events(connection)
            return has_ended

        return await self._database.write(write)

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


def lock_row(connection: Connection, conversation_id: str) -> None:
    """Let the writers of a conversation's log wait for each other.

    PostgreSQL locks the conversation's row; on SQLite `Database.write` has done it.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(LOCK_CONVERSATION, {"of": conversation_id})


async def lock_log(session: AsyncSession, conversation_id: str) -> None:
    """As `lock_row`, within a session."""
    connection = await session.connection()
    await connection.run_sync(lock_row, conversation_id)


def _person_who_answers(found: Row[Any]) -> str:
    """Name of the person who has taken over; empty: the turn is Heidi's.

    Raises:
        ConversationPaused, Conflict: as `Conversations.start_turn`.
    """
    if found.is_paused:
        raise ConversationPaused("The session is paused.", remedy="Resume it, then send again.")
    if found.is_running:
        raise Conflict(
            "Heidi is still answering the last message.",
            remedy="Wait for the answer or stop it, then send again.",
        )
    return str(found.taken_over_name)


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
        token_generation=row.token_generation,
        predecessor_until=row.predecessor_until,
        taken_over_by=row.taken_over_by,
        taken_over_name=row.taken_over_name,
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
