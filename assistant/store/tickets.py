"""Owns the table of tickets: conversations in which somebody waits for a person. `Tickets`."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import ForeignKey, Index, String, Text, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from assistant.core.errors import NotFound
from assistant.store.base import Base
from assistant.store.database import Database

TicketStatus = Literal["open", "closed"]

_IS_OPEN = text("status = 'open'")


class TicketRow(Base):
    """A ticket; a conversation has at most one that is open."""

    __tablename__ = "tickets"
    __table_args__ = (
        Index(
            "uq_tickets_open_conversation",
            "conversation_id",
            unique=True,
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
    )

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    reason: Mapped[str] = mapped_column(String(300))
    summary: Mapped[str] = mapped_column(Text)
    customer_name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254))
    status: Mapped[str] = mapped_column(String(8), index=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(64))


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """A visitor waits, or waited, for a person."""

    id: str
    conversation_id: str
    reason: str
    """Why, in a few words."""
    summary: str
    """The last turns, for whoever takes over."""
    customer_name: str
    """Empty unless a verified customer asked."""
    email: str
    """The customer's, if known."""
    status: TicketStatus
    opened_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    """Id of the staff member who closed it."""


def new_ticket_id() -> str:
    """An id for a ticket."""
    return f"tkt_{secrets.token_hex(8)}"


class Tickets:
    """Keeps tickets.

    Args:
        database: where.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, ticket: Ticket) -> tuple[Ticket, bool]:
        """Open a ticket, unless the conversation has an open one.

        Returns:
            The conversation's open ticket, and whether it is new.
        """
        try:
            async with self._database.begin() as session:
                session.add(TicketRow(**vars(ticket)))
        except IntegrityError:
            earlier = await self.open_for(ticket.conversation_id)
            if earlier is None:
                raise
            return earlier, False
        return ticket, True

    async def open_for(self, conversation_id: str) -> Ticket | None:
        """The conversation's open ticket, if there is one."""
        query = select(TicketRow).where(
            TicketRow.conversation_id == conversation_id, TicketRow.status == "open"
        )
        async with self._database.begin() as session:
            row = (await session.scalars(query)).first()
        return _ticket(row) if row else None

    async def waiting(self, limit: int = 200) -> tuple[Ticket, ...]:
        """Open tickets, who has waited longest first."""
        query = (
            select(TicketRow)
            .where(TicketRow.status == "open")
            .order_by(TicketRow.opened_at, TicketRow.id)
            .limit(limit)
        )
        async with self._database.begin() as session:
            return tuple(map(_ticket, await session.scalars(query)))

    async def open_count(self) -> int:
        """How many are open."""
        query = select(func.count()).select_from(TicketRow).where(TicketRow.status == "open")
        async with self._database.begin() as session:
            return await session.scalar(query) or 0

    async def close(self, ticket_id: str, staff_id: str, now: datetime) -> Ticket:
        """Close a ticket; a closed one stays as it is.

        Raises:
            NotFound: no such ticket.
        """
        async with self._database.begin() as session:
            await session.execute(
                update(TicketRow)
                .where(TicketRow.id == ticket_id, TicketRow.status == "open")
                .values(status="closed", closed_at=now, closed_by=staff_id)
            )
            row = await session.get(TicketRow, ticket_id)
        if row is None:
            raise NotFound("There is no such ticket.")
        return _ticket(row)


def _ticket(row: TicketRow) -> Ticket:
    values: dict[str, Any] = {
        name: getattr(row, name) for name in Ticket.__dataclass_fields__ if name != "status"
    }
    return Ticket(**values, status=cast(TicketStatus, row.status))
