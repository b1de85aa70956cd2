"""Owns the table of what was deleted: which conversation, when and why; never what was in it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import String, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from assistant.store.base import Base, table_of

ErasureReason = Literal["request", "retention"]


class ErasureRow(Base):
    """A conversation that was deleted."""

    __tablename__ = "erasures"

    conversation_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    erased_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(12))
    """`request`: somebody asked for it; `retention`: it was as old as conversations get."""


erasures = table_of(ErasureRow)
WHEN_ERASED = select(erasures.c.erased_at, erasures.c.reason).where(
    erasures.c.conversation_id == bindparam("of")
)
"""When and why a conversation (`of`) was deleted, if it was."""


def words_of_erasure(erased_at: datetime, reason: str) -> str:
    """What staff, and whoever still has its address, are told instead of a conversation."""
    day = f"{erased_at.day} {erased_at:%B %Y}"
    why = "because it was that old" if reason == "retention" else "on request"
    return f"This conversation was deleted on {day}, {why}."
