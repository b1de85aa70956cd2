"""Owns the labels that staff put on conversations and answers, and who did so when. `Labels`."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.core.caller import StaffMember
from assistant.core.errors import Conflict, InvalidInput, NotFound
from assistant.store.base import Base
from assistant.store.conversations import lock_log
from assistant.store.database import Database

MAX_NAME_CHARACTERS = 40
MAX_LABELS = 300
"""In the list: more is no order any more."""
MAX_LABELS_OF_ONE = 20
"""On one conversation or answer."""
HUES = 12
"""Colours that a page has for labels."""

_IS_THERE = text("removed_at IS NULL")


class LabelRow(Base):
    """A label of the list."""

    __tablename__ = "labels"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME_CHARACTERS))
    key: Mapped[str] = mapped_column(String(3 * MAX_NAME_CHARACTERS), unique=True)
    """The name without upper case: two labels never differ by that alone."""
    created_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    """Since when it is off the list; what was recorded with it stays."""


class LabelUseRow(Base):
    """A label on a conversation or an answer; stays when it is taken off, for the record."""

    __tablename__ = "label_uses"
    __table_args__ = (
        Index(
            "uq_label_uses_there",
            "conversation_id",
            "turn_id",
            "label_id",
            unique=True,
            sqlite_where=_IS_THERE,
            postgresql_where=_IS_THERE,
        ),
    )

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    label_id: Mapped[str] = mapped_column(ForeignKey("labels.id"), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    turn_id: Mapped[str] = mapped_column(String(40))
    """The answer; empty: the whole conversation."""
    added_by: Mapped[str] = mapped_column(String(40))
    added_by_name: Mapped[str] = mapped_column(String(100))
    added_at: Mapped[datetime]
    removed_by: Mapped[str | None] = mapped_column(String(40))
    removed_at: Mapped[datetime | None]


@dataclass(frozen=True, kw_only=True)
class Label:
    """A label of the list."""

    id: str
    name: str
    use_count: int = 0
    """Conversations and answers that have it."""

    @property
    def hue(self) -> int:
        """The number of its colour, which follows from the name."""
        return hue_of(self.name)


@dataclass(frozen=True, kw_only=True)
class LabelUse:
    """A label on a conversation or an answer."""

    id: str
    name: str
    conversation_id: str
    turn_id: str
    """Empty: the whole conversation."""
    added_by_name: str
    added_at: datetime

    @property
    def hue(self) -> int:
        """The number of its colour."""
        return hue_of(self.name)


def hue_of(name: str) -> int:
    """The number of a label's colour, from 0 to `HUES` - 1, the same everywhere."""
    return hashlib.sha256(name.casefold().encode()).digest()[0] % HUES


def clean_label(name: str) -> str:
    """The name with single spaces.

    Raises:
        InvalidInput: it is empty, too long, or holds what can't be printed.
    """
    cleaned = " ".join(name.split())
    if not cleaned:
        raise InvalidInput("A label needs a name.", field="label")
    if len(cleaned) > MAX_NAME_CHARACTERS:
        raise InvalidInput(
            f"A label has at most {MAX_NAME_CHARACTERS} characters.",
            field="label",
            remedy="Choose a shorter one, and write the rest into a note.",
        )
    if not cleaned.isprintable():
        raise InvalidInput("A label is printable text.", field="label")
    return cleaned


class Labels:
    """The labels of one database.

    Args:
        database: where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> tuple[Label, ...]:
        """The list, in the order of the alphabet, with how often each is in use."""
        uses = (
            select(LabelUseRow.label_id, func.count().label("number"))
            .where(LabelUseRow.removed_at.is_(None))
            .group_by(LabelUseRow.label_id)
            .subquery()
        )
        query = (
            select(LabelRow.id, LabelRow.name, func.coalesce(uses.c.number, 0))
            .outerjoin(uses, uses.c.label_id == LabelRow.id)
            .where(LabelRow.retired_at.is_(None))
            .order_by(LabelRow.key)
        )
        async with self._database.begin() as session:
            rows = (await session.execute(query)).all()
        return tuple(Label(id=key, name=name, use_count=number) for key, name, number in rows)

    async def of(self, conversation_ids: Sequence[str]) -> tuple[LabelUse, ...]:
        """What is on these conversations and on their answers, in the order of the alphabet."""
        query = (
            select(LabelUseRow, LabelRow.name)
            .join(LabelRow, LabelRow.id == LabelUseRow.label_id)
            .where(
                LabelUseRow.conversation_id.in_(conversation_ids),
                LabelUseRow.removed_at.is_(None),
            )
            .order_by(LabelRow.key)
        )
        async with self._database.begin() as session:
            rows = (await session.execute(query)).all()
        return tuple(
            LabelUse(
                id=use.id,
                name=name,
                conversation_id=use.conversation_id,
                turn_id=use.turn_id,
                added_by_name=use.added_by_name,
                added_at=use.added_at,
            )
            for use, name in rows
        )

    async def add(
        self, conversation_id: str, turn_id: str, name: str, staff: StaffMember, now: datetime
    ) -> None:
        """Put a label on a conversation, or on one answer; the list grows by a new name.

        Raises:
            InvalidInput: the name can't be used.
            Conflict: the list, or the thing, has as many labels as it may have.
        """
        cleaned = clean_label(name)
        try:
            await self._add(conversation_id, turn_id, cleaned, staff, now)
        except IntegrityError:
            # Somebody made a label of this name at the same moment: now it is there.
            await self._add(conversation_id, turn_id, cleaned, staff, now)

    async def _add(
        self, conversation_id: str, turn_id: str, cleaned: str, staff: StaffMember, now: datetime
    ) -> None:
        async with self._database.begin_writing() as session:
            await lock_log(session, conversation_id)
            label_id = await _label_id(session, cleaned, staff, now)
            there = (
                await session.scalars(
                    select(LabelUseRow.label_id).where(
                        LabelUseRow.conversation_id == conversation_id,
                        LabelUseRow.turn_id == turn_id,
                        LabelUseRow.removed_at.is_(None),
                    )
                )
            ).all()
            if label_id in there:
                return
            if len(there) >= MAX_LABELS_OF_ONE:
                raise Conflict(f"It has {MAX_LABELS_OF_ONE} labels already.")
            session.add(
                LabelUseRow(
                    id=f"use_{secrets.token_hex(8)}",
                    label_id=label_id,
                    conversation_id=conversation_id,
                    turn_id=turn_id,
                    added_by=staff.staff_id,
                    added_by_name=staff.name,
                    added_at=now,
                )
            )

    async def remove(
        self, conversation_id: str, use_id: str, staff: StaffMember, now: datetime
    ) -> None:
        """Take a label off; who did so and when is kept. One that is off already stays so.

        Raises:
            NotFound: the conversation never had it.
        """
        async with self._database.begin_writing() as session:
            row = await session.get(LabelUseRow, use_id)
            if row is None or row.conversation_id != conversation_id:
                raise NotFound("The conversation has no such label.")
            if row.removed_at is None:
                row.removed_by, row.removed_at = staff.staff_id, now

    async def rename(self, label_id: str, name: str) -> None:
        """Give a label another name, wherever it is.

        Raises:
            InvalidInput: the name can't be used.
            NotFound: there is no such label.
            Conflict: another label has this name.
        """
        cleaned = clean_label(name)
        async with self._database.begin_writing() as session:
            row = await session.get(LabelRow, label_id)
            if row is None:
                raise NotFound("There is no such label.")
            key = cleaned.casefold()
            taken = select(LabelRow.id).where(LabelRow.key == key, LabelRow.id != label_id)
            if await session.scalar(taken):
                raise Conflict(f"There is a label “{cleaned}” already.")
            row.name, row.key = cleaned, key

    async def retire(self, label_id: str, staff: StaffMember, now: datetime) -> None:
        """Take a label off everything and off the list; who had put it where stays on record.

        Raises:
            NotFound: there is no such label.
        """
        async with self._database.begin_writing() as session:
            row = await session.get(LabelRow, label_id)
            if row is None:
                raise NotFound("There is no such label.")
            await session.execute(
                update(LabelUseRow)
                .where(LabelUseRow.label_id == label_id, LabelUseRow.removed_at.is_(None))
                .values(removed_by=staff.staff_id, removed_at=now)
            )
            row.retired_at = now


async def _label_id(session: AsyncSession, name: str, staff: StaffMember, now: datetime) -> str:
    """The label of this name, made if there is none."""
    found = await session.scalar(select(LabelRow).where(LabelRow.key == name.casefold()))
    if found is not None:
        found.retired_at = None
        return found.id
    listed = select(func.count()).select_from(LabelRow).where(LabelRow.retired_at.is_(None))
    if (await session.scalar(listed) or 0) >= MAX_LABELS:
        raise Conflict(
            f"The list has {MAX_LABELS} labels already.", remedy="Use one of them, or remove some."
        )
    row = LabelRow(
        id=f"lbl_{secrets.token_hex(8)}",
        name=name,
        key=name.casefold(),
        created_by=staff.staff_id,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row.id
