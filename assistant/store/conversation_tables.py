"""Owns the tables of conversations and turns, and the statements of every turn."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    ForeignKey,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from assistant.store.base import Base, table_of


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
    token_generation: Mapped[int] = mapped_column(default=0, server_default="0")
    """Number of the latest visitor token, counted from 0."""
    predecessor_until: Mapped[datetime | None]
    """When the token before it stops to be accepted; none: the latest has not been used yet."""
    taken_over_by: Mapped[str | None] = mapped_column(String(40))
    """Id of the member of staff who speaks instead of Heidi."""
    taken_over_name: Mapped[str] = mapped_column(String(100), default="", server_default="")
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
    token_generation: int = 0
    """Number of the latest visitor token, counted from 0."""
    predecessor_until: datetime | None = None
    """When the token before it stops to be accepted; none: the latest has not been used yet."""
    taken_over_by: str | None = None
    """Id of the member of staff who speaks instead of Heidi."""
    taken_over_name: str = ""


@dataclass(frozen=True, kw_only=True)
class StoredTurn:
    """A turn's place and state."""

    id: str
    conversation_id: str
    client_turn_id: str
    status: str
    after_seq: int
    created_at: datetime


# Built once: building a statement takes longer than SQLite takes to execute it.
_conversations = table_of(ConversationRow)
_turns = table_of(TurnRow)
_earlier = _turns.alias("earlier")
CONVERSATION = select(*(_conversations.c[each.name] for each in fields(Conversation))).where(
    _conversations.c.id == bindparam("of")
)
"""Of an id (`of`)."""
BY_CLIENT_ID = select(*(_turns.c[each.name] for each in fields(StoredTurn))).where(
    _turns.c.conversation_id == bindparam("of"), _turns.c.client_turn_id == bindparam("client")
)
"""The turn that a client's id (`client`) started in a conversation (`of`)."""
BEFORE_TURN = (
    select(
        _conversations.c.is_paused,
        _conversations.c.taken_over_name,
        select(literal(1))
        .where(_turns.c.conversation_id == bindparam("of"), _turns.c.status == "running")
        .exists()
        .label("is_running"),
        *(_earlier.c[each.name] for each in fields(StoredTurn)),
    )
    .outerjoin_from(
        _conversations,
        _earlier,
        and_(
            _earlier.c.conversation_id == _conversations.c.id,
            _earlier.c.client_turn_id == bindparam("client"),
        ),
    )
    .where(_conversations.c.id == bindparam("of"))
)
"""Whether a conversation (`of`) is paused, who has taken it over, whether a turn of it is running,
and the turn that a client's id (`client`) started before, if there is one."""
INSERT_CONVERSATION = insert(_conversations)
"""A new conversation."""
LOCK_CONVERSATION = (
    select(_conversations.c.id)
    .where(_conversations.c.id == bindparam("of"))
    .with_for_update(key_share=True)
)
"""Makes other writers of a conversation (`of`) wait, on PostgreSQL."""
COUNT_TURN = (
    update(_conversations)
    .where(_conversations.c.id == bindparam("of"))
    .values(
        updated_at=bindparam("at"),
        turn_count=_conversations.c.turn_count + 1,
        first_message=func.coalesce(
            func.nullif(_conversations.c.first_message, ""), bindparam("message")
        ),
    )
)
"""A conversation (`of`) has a new turn, begun `at` a time with a `message`."""
INSERT_TURN = insert(_turns)
"""A new turn."""
END_TURN = (
    update(_turns)
    .where(_turns.c.id == bindparam("turn"), _turns.c.status == "running")
    .values(status=bindparam("ends_as"))
)
"""A running turn (`turn`) gets its last status (`ends_as`)."""
