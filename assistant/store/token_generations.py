"""Owns the steps by which a conversation's visitor tokens follow each other.

What is counted stands in the conversation's row, which every request reads anyway. Each step is one
statement that changes nothing when another server process has taken it already.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, update

from assistant.store.base import table_of
from assistant.store.conversation_tables import ConversationRow
from assistant.store.database import Database

_conversations = table_of(ConversationRow)
_NEXT = (
    update(_conversations)
    .where(
        _conversations.c.id == bindparam("of"),
        _conversations.c.token_generation == bindparam("latest"),
    )
    .values(
        token_generation=_conversations.c.token_generation + 1,
        predecessor_until=bindparam("until"),
    )
)
_FIRST_USE = (
    update(_conversations)
    .where(
        _conversations.c.id == bindparam("of"),
        _conversations.c.token_generation == bindparam("latest"),
        _conversations.c.predecessor_until.is_(None),
    )
    .values(predecessor_until=bindparam("until"))
)


class TokenGenerations:
    """Generations of the visitor tokens of conversations.

    Args:
        database: shared by all server processes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin_next(
        self, conversation_id: str, latest: int, *, predecessor_until: datetime | None = None
    ) -> None:
        """Let the generation after `latest` be the latest, unless it is already.

        Args:
            conversation_id: whose tokens.
            latest: the generation that was the latest.
            predecessor_until: when its token stops to be accepted; none: some time after the first
                use of the next one.
        """
        await self._execute(_NEXT, conversation_id, latest, predecessor_until)

    async def note_first_use(
        self, conversation_id: str, latest: int, *, predecessor_until: datetime
    ) -> None:
        """The latest token has arrived at its owner: the one before it is of no more use."""
        await self._execute(_FIRST_USE, conversation_id, latest, predecessor_until)

    async def _execute(
        self, statement: object, conversation_id: str, latest: int, until: datetime | None
    ) -> None:
        given = {"of": conversation_id, "latest": latest, "until": until}
        async with self._database.begin_writing() as session:
            await session.execute(statement, given)  # type: ignore[call-overload]
