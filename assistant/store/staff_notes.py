"""Owns what staff write to each other about a conversation; visitors never see it. `Notes`."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from assistant.core.caller import StaffMember
from assistant.core.errors import InvalidInput, NotAllowed, NotFound
from assistant.core.messages import clean_message
from assistant.store.base import Base
from assistant.store.database import Database

MAX_NOTE_CHARACTERS = 2_000


class NoteRow(Base):
    """A note on a conversation."""

    __tablename__ = "staff_notes"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    staff_id: Mapped[str] = mapped_column(String(40))
    staff_name: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]


@dataclass(frozen=True, kw_only=True)
class StaffNote:
    """A note for colleagues."""

    id: str
    conversation_id: str
    staff_id: str
    staff_name: str
    text: str
    written_at: datetime


class Notes:
    """The notes of one database.

    Args:
        database: where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, conversation_id: str) -> tuple[StaffNote, ...]:
        """The notes on a conversation, oldest first."""
        query = (
            select(NoteRow)
            .where(NoteRow.conversation_id == conversation_id)
            .order_by(NoteRow.written_at, NoteRow.id)
        )
        async with self._database.begin() as session:
            rows = (await session.scalars(query)).all()
        return tuple(
            StaffNote(**{name: getattr(row, name) for name in StaffNote.__dataclass_fields__})
            for row in rows
        )

    async def write(
        self, conversation_id: str, text: str, staff: StaffMember, now: datetime
    ) -> None:
        """Keep a note.

        Raises:
            InvalidInput: it is empty or holds control characters.
            LimitExceeded: it is too long.
        """
        try:
            cleaned = clean_message(text, max_characters=MAX_NOTE_CHARACTERS)
        except InvalidInput as error:
            raise InvalidInput("The note is empty or no plain text.", field="note") from error
        row = NoteRow(
            id=f"note_{secrets.token_hex(8)}",
            conversation_id=conversation_id,
            staff_id=staff.staff_id,
            staff_name=staff.name,
            text=cleaned,
            written_at=now,
        )
        async with self._database.begin() as session:
            session.add(row)

    async def delete(self, conversation_id: str, note_id: str, staff: StaffMember) -> None:
        """Forget a note of one's own.

        Raises:
            NotFound: there is none of this id on the conversation.
            NotAllowed: somebody else wrote it.
        """
        async with self._database.begin() as session:
            row = await session.get(NoteRow, note_id)
            if row is None or row.conversation_id != conversation_id:
                raise NotFound("There is no such note.")
            if row.staff_id != staff.staff_id:
                raise NotAllowed(f"{row.staff_name} wrote it.", remedy="Ask them to delete it.")
            await session.delete(row)
