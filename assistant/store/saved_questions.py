"""Owns the questions that staff make of bad answers, for the evaluation to ask. `SavedQuestions`.

Does not own the file in which the evaluation reads them (`core/question_lines.py`).
"""

from __future__ import annotations

import secrets
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import Mapped, mapped_column

from assistant.core.caller import StaffMember
from assistant.core.errors import Conflict, NotFound
from assistant.core.question_lines import EarlierTurn, SavedQuestion
from assistant.store.base import Base
from assistant.store.database import Database

MAX_QUESTIONS = 5_000


class SavedQuestionRow(Base):
    """A question for the evaluation."""

    __tablename__ = "saved_questions"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    """None: the conversation was deleted."""
    turn_id: Mapped[str] = mapped_column(String(40))
    content: Mapped[dict[str, Any]]
    """What is asked and expected: the fields of `SavedQuestion` that staff can change."""
    made_by: Mapped[str] = mapped_column(String(40))
    made_by_name: Mapped[str] = mapped_column(String(100))
    made_at: Mapped[datetime] = mapped_column(index=True)
    changed_by: Mapped[str | None] = mapped_column(String(40))
    changed_at: Mapped[datetime | None]


class SavedQuestions:
    """The questions of one database.

    Args:
        database: where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> tuple[SavedQuestion, ...]:
        """Every question, oldest first."""
        query = select(SavedQuestionRow).order_by(SavedQuestionRow.made_at, SavedQuestionRow.id)
        async with self._database.begin() as session:
            rows = (await session.scalars(query)).all()
        return tuple(map(_question, rows))

    async def get(self, question_id: str) -> SavedQuestion:
        """A question.

        Raises:
            NotFound: there is none of this id.
        """
        async with self._database.begin() as session:
            row = await session.get(SavedQuestionRow, question_id)
        if row is None:
            raise NotFound("There is no such question.")
        return _question(row)

    async def save(self, question: SavedQuestion, staff: StaffMember, now: datetime) -> str:
        """Keep a new question, or the changes of one; gives its id.

        Raises:
            NotFound: it was deleted meanwhile.
            Conflict: there are too many.
        """
        content = asdict(question)
        for name in ("id", "conversation_id", "turn_id", "made_by_name", "made_at"):
            del content[name]
        async with self._database.begin_writing() as session:
            if question.id:
                row = await session.get(SavedQuestionRow, question.id)
                if row is None:
                    raise NotFound("The question was deleted meanwhile.")
                row.content, row.changed_by, row.changed_at = content, staff.staff_id, now
                return row.id
            count = await session.scalar(select(func.count()).select_from(SavedQuestionRow))
            if (count or 0) >= MAX_QUESTIONS:
                raise Conflict(
                    f"There are {MAX_QUESTIONS:,} questions already.",
                    remedy="Export them, then delete some.",
                )
            row = SavedQuestionRow(
                id=f"staff-{secrets.token_hex(6)}",
                conversation_id=question.conversation_id,
                turn_id=question.turn_id,
                content=content,
                made_by=staff.staff_id,
                made_by_name=staff.name,
                made_at=now,
            )
            session.add(row)
            return row.id

    async def delete(self, question_id: str) -> None:
        """Forget a question.

        Raises:
            NotFound: there is none of this id.
        """
        async with self._database.begin() as session:
            row = await session.get(SavedQuestionRow, question_id)
            if row is None:
                raise NotFound("There is no such question.")
            await session.delete(row)


def _question(row: SavedQuestionRow) -> SavedQuestion:
    content = dict(row.content)
    earlier = tuple(EarlierTurn(**each) for each in content.pop("earlier"))
    lists = {name: tuple(value) for name, value in content.items() if isinstance(value, list)}
    return SavedQuestion(
        **{**content, **lists},
        earlier=earlier,
        id=row.id,
        conversation_id=row.conversation_id or "",
        turn_id=row.turn_id,
        made_by_name=row.made_by_name,
        made_at=row.made_at,
    )
