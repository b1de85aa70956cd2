"""Owns the table of actions: writes that wait for the visitor's decision. `SqlActionStore`."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ForeignKey, String, bindparam, select, update
from sqlalchemy.orm import Mapped, mapped_column

from assistant.core.actions import Action, ActionStatus
from assistant.core.errors import ActionSettled, NotFound
from assistant.store.base import Base, table_of
from assistant.store.database import Database


class ActionRow(Base):
    """A previewed write."""

    __tablename__ = "actions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    turn_id: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[str | None] = mapped_column(String(200))
    tool: Mapped[str] = mapped_column(String(64))
    arguments: Mapped[dict[str, Any]]
    arguments_hash: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(300))
    status: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


_actions = table_of(ActionRow)
_PENDING = select(*(_actions.c[each.name] for each in fields(Action))).where(
    _actions.c.conversation_id == bindparam("of"),
    _actions.c.status == "pending",
    _actions.c.expires_at > bindparam("now"),
)
"""Built once: it is asked before every turn."""


class SqlActionStore:
    """An `ActionStore` in the database; a status changes by one conditional UPDATE."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, action: Action) -> None:
        """Keep a new pending action and supersede the conversation's other pending ones."""
        async with self._database.begin_writing() as session:
            await session.execute(
                update(ActionRow)
                .where(
                    ActionRow.conversation_id == action.conversation_id,
                    ActionRow.status == "pending",
                )
                .values(status="superseded")
            )
            values = {**vars(action), "arguments": dict(action.arguments)}
            session.add(ActionRow(**values))

    async def get(self, action_id: str, conversation_id: str) -> Action | None:
        """The action, if it belongs to the conversation."""
        async with self._database.begin() as session:
            row = await session.get(ActionRow, action_id)
        return _action(row) if row and row.conversation_id == conversation_id else None

    async def pending(self, conversation_id: str, now: datetime) -> Action | None:
        """The conversation's one pending, unexpired action."""
        given = {"of": conversation_id, "now": now}
        row = await self._database.read(lambda each: each.execute(_PENDING, given).first())
        return Action(**row._mapping) if row else None

    async def settle(
        self, action_id: str, conversation_id: str, status: ActionStatus, now: datetime
    ) -> Action:
        """Move a pending action to its final status, atomically.

        Raises:
            NotFound: no such action in this conversation.
            ActionSettled: it was settled before, or has expired.
        """
        async with self._database.begin_writing() as session:
            result = await session.execute(
                update(ActionRow)
                .where(
                    ActionRow.id == action_id,
                    ActionRow.conversation_id == conversation_id,
                    ActionRow.status == "pending",
                    ActionRow.expires_at > now,
                )
                .values(status=status)
            )
            row = await session.get(ActionRow, action_id)
        if row is None or row.conversation_id != conversation_id:
            raise NotFound("There is no such request to confirm.")
        if not cast(Any, result).rowcount:
            reason = "has expired" if row.status == "pending" else f"was {row.status} already"
            raise ActionSettled(
                f"This request {reason}.", remedy="Ask Heidi again to get a new one."
            )
        return _action(row)


def _action(row: ActionRow) -> Action:
    return Action(
        id=row.id,
        conversation_id=row.conversation_id,
        turn_id=row.turn_id,
        customer_id=row.customer_id,
        tool=row.tool,
        arguments=row.arguments,
        arguments_hash=row.arguments_hash,
        title=row.title,
        created_at=row.created_at,
        expires_at=row.expires_at,
        status=cast(ActionStatus, row.status),
    )
