"""Owns what curation keeps in SQL: drafts, what became of them, and who decided it.

Every change names the version that it was decided on. A change of something that has become another
version meanwhile is refused, so nobody overwrites what they have not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from indexing.briefings import Briefing, BriefingStatus
from indexing.conditions import has_labels, mentions
from indexing.database import SqlStore, sliced
from indexing.errors import BriefingChanged
from indexing.repository import put_briefing
from indexing.tables import briefings_table, curation_table, row_briefing

_TABLE = briefings_table
_COLUMNS = _TABLE.c
_LOG = curation_table

BY_HEIDI = "Heidi"
"""Who decided, where nobody did."""


class Action(StrEnum):
    """What was done with a draft or briefing."""

    DRAFTED = "drafted"
    UPDATED = "updated"
    REVISED = "revised"
    EDITED = "edited"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class KeptBriefing:
    """A briefing as it is kept, whatever its status."""

    briefing: Briefing
    version: str
    """Changes with every change of the content."""
    indexed_version: str | None
    """What the index holds of it; none: nothing."""
    updated_at: datetime

    @property
    def is_settled(self) -> bool:
        """Whether the index holds what it should: this version if published, else nothing."""
        is_published = self.briefing.status is BriefingStatus.PUBLISHED
        return self.indexed_version == (self.version if is_published else None)


@dataclass(frozen=True, kw_only=True)
class CurationEntry:
    """Who did what, and when."""

    briefing_id: str
    at: datetime
    by: str
    action: Action
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class KeptPage:
    """A part of a listing."""

    items: tuple[KeptBriefing, ...]
    total: int


class SqlCuration(SqlStore):
    """Drafts, decided briefings and the log of decisions in SQLite or PostgreSQL."""

    async def get(self, briefing_id: str) -> KeptBriefing | None:
        """The draft or briefing with this id."""
        rows = await self._rows(select(_TABLE).where(_COLUMNS.id == briefing_id))
        return _kept(rows[0]) if rows else None

    async def drafts(self) -> tuple[KeptBriefing, ...]:
        """Every draft, newest first."""
        statement = (
            select(_TABLE)
            .where(_COLUMNS.status == BriefingStatus.DRAFT.value)
            .order_by(_COLUMNS.date.desc(), _COLUMNS.id)
        )
        return tuple(_kept(row) for row in await self._rows(statement))

    async def draft_count(self) -> int:
        """How many drafts wait for a decision."""
        return await self._number(_COLUMNS.status == BriefingStatus.DRAFT.value)

    async def page(
        self,
        *,
        status: BriefingStatus | None = None,
        category: str | None = None,
        query: str = "",
        offset: int = 0,
        limit: int = 30,
    ) -> KeptPage:
        """Published and withdrawn briefings that meet every condition, newest first.

        Args:
            status: Published or withdrawn ones only.
            category: Exact name.
            query: Words that all occur in title, summary, body or tags.
            offset: Briefings to skip.
            limit: Most briefings to return.
        """
        wanted = [status] if status else [BriefingStatus.PUBLISHED, BriefingStatus.WITHDRAWN]
        conditions = [
            _COLUMNS.status.in_([each.value for each in wanted]),
            *has_labels(category=category, section=None, sentiment=None),
            *(mentions(word) for word in query.split()),
        ]
        statement = (
            select(_TABLE)
            .where(*conditions)
            .order_by(_COLUMNS.date.desc(), _COLUMNS.id)
            .offset(offset)
            .limit(limit)
        )
        rows = await self._rows(statement)
        return KeptPage(
            items=tuple(_kept(row) for row in rows), total=await self._number(*conditions)
        )

    async def change(
        self, briefing: Briefing, *, expected: str, by: str, action: Action, note: str = ""
    ) -> None:
        """Replace a draft or briefing by its new content or status.

        Args:
            briefing: As it is to be; its id and slug are those it has.
            expected: Version that the change was decided on.
            by: Who decided.
            action: What was done.
            note: More about it, on one line.

        Raises:
            BriefingChanged: It is another version by now, or gone.
        """
        async with self._engine.begin() as connection:
            await self._claim(connection, briefing.id, expected)
            await put_briefing(connection, briefing, self._clock())
            await self._log(connection, briefing.id, by, action, note)

    async def replace_by(
        self, briefing: Briefing, *, expected: str, draft_id: str, draft_expected: str, by: str
    ) -> None:
        """Let a revision take the place of its briefing; the draft is gone then.

        Args:
            briefing: As it is to be, under the id and slug of the one that it replaces.
            expected: Version of that one.
            draft_id: The revision.
            draft_expected: Its version.
            by: Who decided.

        Raises:
            BriefingChanged: One of both is another version by now, or gone.
        """
        async with self._engine.begin() as connection:
            await self._claim(connection, draft_id, draft_expected)
            await self._claim(connection, briefing.id, expected)
            await connection.execute(delete(_TABLE).where(_COLUMNS.id == draft_id))
            await put_briefing(connection, briefing, self._clock())
            await self._log(connection, briefing.id, by, Action.PUBLISHED, "as revised")

    async def drop(self, draft_id: str, *, expected: str, by: str) -> None:
        """Forget a revision that was turned down.

        Raises:
            BriefingChanged: It is another version by now, or gone.
        """
        async with self._engine.begin() as connection:
            await self._claim(connection, draft_id, expected)
            await connection.execute(delete(_TABLE).where(_COLUMNS.id == draft_id))
            await self._log(connection, draft_id, by, Action.REJECTED, "the revision")

    async def note(self, briefing_id: str, *, by: str, action: Action, note: str = "") -> None:
        """Record what was done elsewhere."""
        async with self._engine.begin() as connection:
            await self._log(connection, briefing_id, by, action, note)

    async def log(self, briefing_ids: Sequence[str]) -> tuple[CurationEntry, ...]:
        """What was done with some drafts or briefings, latest first."""
        found: list[RowMapping] = []
        for part in sliced(briefing_ids):
            found += await self._rows(
                select(_LOG).where(_LOG.c.briefing_id.in_(part)).order_by(_LOG.c.id.desc())
            )
        return tuple(
            CurationEntry(
                briefing_id=row["briefing_id"],
                at=row["at"],
                by=row["by"],
                action=Action(row["action"]),
                note=row["note"],
            )
            for row in found
        )

    async def _claim(self, connection: AsyncConnection, briefing_id: str, expected: str) -> None:
        """Lock a row in its expected version; a write first, so that SQLite locks here, too."""
        claimed = await connection.execute(
            update(_TABLE)
            .where(_COLUMNS.id == briefing_id, _COLUMNS.content_hash == expected)
            .values(updated_at=self._clock())
        )
        if not claimed.rowcount:
            raise BriefingChanged(briefing_id)

    async def _log(
        self, connection: AsyncConnection, briefing_id: str, by: str, action: Action, note: str
    ) -> None:
        await connection.execute(
            insert(_LOG).values(
                briefing_id=briefing_id, at=self._clock(), by=by, action=action.value, note=note
            )
        )

    async def _number(self, *conditions: ColumnElement[bool]) -> int:
        async with self._engine.connect() as connection:
            counted = select(func.count()).select_from(_TABLE).where(*conditions)
            return int((await connection.execute(counted)).scalar_one())

    async def _rows(self, statement: Select[Any]) -> list[RowMapping]:
        async with self._engine.connect() as connection:
            return list((await connection.execute(statement)).mappings())


def _kept(row: RowMapping) -> KeptBriefing:
    return KeptBriefing(
        briefing=row_briefing(row),
        version=row["content_hash"],
        indexed_version=row["indexed_hash"],
        updated_at=row["updated_at"],
    )
