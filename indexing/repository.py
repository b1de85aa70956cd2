"""Owns keeping briefings in SQL: reading, views, and what is still to be indexed.

SQL is the queue of the indexing job: a briefing is pending while the hash of its content differs
from the hash that was indexed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from indexing.briefings import Briefing, BriefingStatus
from indexing.conditions import (
    has_labels,
    has_tag,
    is_dated,
    is_published,
    is_to_index,
    is_to_remove,
    mentions,
)
from indexing.database import SqlStore, sliced, upserting
from indexing.errors import BriefingUnknown
from indexing.tables import briefing_row, briefings_table, row_briefing

_TABLE = briefings_table
_COLUMNS = _TABLE.c
_NEWEST_FIRST: tuple[ColumnElement[Any], ...] = (_COLUMNS.date.desc(), _COLUMNS.id)


@dataclass(frozen=True, kw_only=True)
class UpsertReport:
    """What became of briefings that were handed over."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(frozen=True, kw_only=True)
class BriefingPage:
    """A part of a listing."""

    items: tuple[Briefing, ...]
    total: int
    """Briefings in the whole listing."""


@dataclass(frozen=True, kw_only=True)
class SourceCount:
    """A publisher and how much of it is published here."""

    name: str
    briefings: int


@dataclass(frozen=True, kw_only=True)
class PendingBriefing:
    """A briefing that the index lacks in its present form."""

    briefing: Briefing
    content_hash: str
    """As it is stored, to be handed to `mark_indexed`."""


@dataclass(frozen=True, kw_only=True)
class IndexedBriefing:
    """What the index holds of a briefing."""

    briefing_id: str
    content_hash: str | None = None
    """Hash of the content that was indexed; none: the index holds nothing of it."""
    chunks: int = 0


@dataclass(frozen=True, kw_only=True)
class PendingWork:
    """What the index lacks or should no longer hold."""

    to_index: tuple[PendingBriefing, ...] = ()
    to_remove: tuple[str, ...] = ()
    """Briefings that are indexed although they are not published."""

    def __len__(self) -> int:
        return len(self.to_index) + len(self.to_remove)


class SqlBriefings(SqlStore):
    """Briefings in SQLite or PostgreSQL.

    Every listing shows published briefings only; `get` alone finds the others, too.
    """

    async def upsert(self, briefings: Iterable[Briefing]) -> UpsertReport:
        """Add briefings, or replace those with the same id.

        A briefing that staff withdrew stays withdrawn: only curation brings it back. A slug that
        another briefing holds gets a suffix made from the id, so it is the same on every run.
        """
        incoming = {briefing.id: briefing for briefing in briefings}
        async with self._engine.begin() as connection:
            known = await self._known(connection, list(incoming))
            taken = await self._slugs(connection, incoming.values())
            added = changed = 0
            for briefing in incoming.values():
                settled = _settled(briefing, known.get(briefing.id), taken)
                taken[settled.slug] = settled.id
                if settled.id not in known:
                    added += 1
                elif known[settled.id]["content_hash"] != settled.content_hash:
                    changed += 1
                else:
                    continue
                await put_briefing(connection, settled, self._clock())
        return UpsertReport(added=added, changed=changed, unchanged=len(incoming) - added - changed)

    async def get(self, briefing_id: str) -> Briefing | None:
        """The briefing with this id, whatever its status."""
        return await self._one(select(_TABLE).where(_COLUMNS.id == briefing_id))

    async def by_slug(self, slug: str) -> Briefing | None:
        """The published briefing at this address."""
        return await self._one(select(_TABLE).where(_COLUMNS.slug == slug, is_published()))

    async def by_ids(self, briefing_ids: Sequence[str]) -> tuple[Briefing, ...]:
        """Published briefings in the order of the ids; unknown ones are left out."""
        found: dict[str, Briefing] = {}
        for part in sliced(briefing_ids):
            for briefing in await self._many(
                select(_TABLE).where(_COLUMNS.id.in_(part), is_published())
            ):
                found[briefing.id] = briefing
        return tuple(found[key] for key in dict.fromkeys(briefing_ids) if key in found)

    async def page(
        self,
        *,
        category: str | None = None,
        section: str | None = None,
        sentiment: str | None = None,
        query: str | None = None,
        since: date | None = None,
        until: date | None = None,
        tag: str | None = None,
        offset: int = 0,
        limit: int = 20,
    ) -> BriefingPage:
        """A part of the listing that meets every condition, newest first.

        Args:
            category: Exact name.
            section: Exact name.
            sentiment: Exact name.
            query: Words that all occur in title, summary, body or tags; briefings that have them
                in the title come first.
            since: First day.
            until: Last day, included.
            tag: Exact tag, upper or lower case.
            offset: Briefings to skip.
            limit: Most briefings to return.
        """
        words = (query or "").split()
        conditions = [
            is_published(),
            *has_labels(category=category, section=section, sentiment=sentiment),
            *is_dated(since, until),
            *([has_tag(tag)] if tag else []),
            *(mentions(word) for word in words),
        ]
        order = _NEWEST_FIRST
        if words:
            in_title = and_(*(_COLUMNS.title.icontains(word, autoescape=True) for word in words))
            order = (case((in_title, 0), else_=1), *_NEWEST_FIRST)
        listing = select(_TABLE).where(*conditions).order_by(*order).offset(offset).limit(limit)
        total = await self._number(select(func.count()).select_from(_TABLE).where(*conditions))
        return BriefingPage(items=await self._many(listing), total=total)

    async def latest(self, limit: int) -> tuple[Briefing, ...]:
        """The newest briefings."""
        return await self._many(
            select(_TABLE).where(is_published()).order_by(*_NEWEST_FIRST).limit(limit)
        )

    async def most_viewed(self, limit: int) -> tuple[Briefing, ...]:
        """The briefings that were opened most often, newer ones first among equals."""
        order = (_COLUMNS.views.desc(), *_NEWEST_FIRST)
        return await self._many(select(_TABLE).where(is_published()).order_by(*order).limit(limit))

    async def record_view(self, briefing_id: str) -> int:
        """Count that a reader opened a briefing.

        Returns:
            Views so far.

        Raises:
            BriefingUnknown: There is no such briefing.
        """
        counted = (
            update(_TABLE)
            .where(_COLUMNS.id == briefing_id)
            .values(views=_COLUMNS.views + 1)
            .returning(_COLUMNS.views)
        )
        async with self._engine.begin() as connection:
            views = (await connection.execute(counted)).scalar_one_or_none()
        if views is None:
            raise BriefingUnknown(briefing_id)
        return int(views)

    async def views(self, briefing_ids: Sequence[str]) -> dict[str, int]:
        """Views of each briefing; unknown ids are left out."""
        counts: dict[str, int] = {}
        for part in sliced(briefing_ids):
            rows = await self._rows(
                select(_COLUMNS.id, _COLUMNS.views).where(_COLUMNS.id.in_(part))
            )
            counts.update((row["id"], row["views"]) for row in rows)
        return counts

    async def counts_by_category(self) -> dict[str, int]:
        """How many briefings each category has, the largest first; empty ones are left out."""
        number = func.count().label("number")
        rows = await self._rows(
            select(_COLUMNS.category, number)
            .where(is_published())
            .group_by(_COLUMNS.category)
            .order_by(number.desc(), _COLUMNS.category)
        )
        return {row["category"]: row["number"] for row in rows}

    async def sources(self) -> tuple[SourceCount, ...]:
        """Publishers that briefings draw on first, the most frequent first."""
        number = func.count().label("number")
        rows = await self._rows(
            select(_COLUMNS.source_name, number)
            .where(is_published())
            .group_by(_COLUMNS.source_name)
            .order_by(number.desc(), _COLUMNS.source_name)
        )
        return tuple(SourceCount(name=row["source_name"], briefings=row["number"]) for row in rows)

    async def pending(self, limit: int = 32) -> PendingWork:
        """The next briefings to index, newest first, and every one to take out of the index."""
        to_index = await self._rows(
            select(_TABLE).where(is_to_index()).order_by(*_NEWEST_FIRST).limit(limit)
        )
        to_remove = await self._rows(
            select(_COLUMNS.id).where(is_to_remove()).order_by(_COLUMNS.id)
        )
        return PendingWork(
            to_index=tuple(
                PendingBriefing(briefing=row_briefing(row), content_hash=row["content_hash"])
                for row in to_index
            ),
            to_remove=tuple(row["id"] for row in to_remove),
        )

    async def pending_count(self) -> int:
        """How many briefings are to be indexed or removed."""
        return await self._number(
            select(func.count()).select_from(_TABLE).where(or_(is_to_index(), is_to_remove()))
        )

    async def published_count(self) -> int:
        """How many briefings readers can see."""
        return await self._number(select(func.count()).select_from(_TABLE).where(is_published()))

    async def indexed_chunks(self) -> dict[str, int]:
        """Number of chunks that each indexed briefing should have in the index."""
        rows = await self._rows(
            select(_COLUMNS.id, _COLUMNS.indexed_chunks).where(_COLUMNS.indexed_hash.is_not(None))
        )
        return {row["id"]: row["indexed_chunks"] for row in rows}

    async def mark_indexed(self, held: Sequence[IndexedBriefing]) -> None:
        """Record what the index holds of some briefings."""
        if not held:
            return
        async with self._engine.begin() as connection:
            await connection.execute(
                update(_TABLE)
                .where(_COLUMNS.id == bindparam("of"))
                .values(indexed_hash=bindparam("hash"), indexed_chunks=bindparam("chunks")),
                [
                    {"of": item.briefing_id, "hash": item.content_hash, "chunks": item.chunks}
                    for item in held
                ],
            )

    async def reset_indexed(self, briefing_ids: Sequence[str] | None = None) -> None:
        """Forget what was indexed, of all briefings or of some, so that they are pending again."""
        forget = update(_TABLE).values(indexed_hash=None, indexed_chunks=0)
        async with self._engine.begin() as connection:
            if briefing_ids is None:
                await connection.execute(forget)
            for part in sliced(briefing_ids or ()):
                await connection.execute(forget.where(_COLUMNS.id.in_(part)))

    async def _known(
        self, connection: AsyncConnection, briefing_ids: Sequence[str]
    ) -> dict[str, RowMapping]:
        """Hash and status of the briefings that are kept already."""
        known: dict[str, RowMapping] = {}
        for part in sliced(briefing_ids):
            rows = await connection.execute(
                select(_COLUMNS.id, _COLUMNS.content_hash, _COLUMNS.status).where(
                    _COLUMNS.id.in_(part)
                )
            )
            known.update((row["id"], row) for row in rows.mappings())
        return known

    async def _slugs(
        self, connection: AsyncConnection, briefings: Iterable[Briefing]
    ) -> dict[str, str]:
        """Which briefing holds each of the wanted slugs."""
        taken: dict[str, str] = {}
        for part in sliced([briefing.slug for briefing in briefings]):
            rows = await connection.execute(
                select(_COLUMNS.slug, _COLUMNS.id).where(_COLUMNS.slug.in_(part))
            )
            taken.update((row.slug, row.id) for row in rows)
        return taken

    async def _rows(self, statement: Select[Any]) -> list[RowMapping]:
        async with self._engine.connect() as connection:
            return list((await connection.execute(statement)).mappings())

    async def _many(self, statement: Select[Any]) -> tuple[Briefing, ...]:
        return tuple(row_briefing(row) for row in await self._rows(statement))

    async def _one(self, statement: Select[Any]) -> Briefing | None:
        found = await self._many(statement)
        return found[0] if found else None

    async def _number(self, statement: Select[Any]) -> int:
        async with self._engine.connect() as connection:
            return int((await connection.execute(statement)).scalar_one())


async def put_briefing(connection: AsyncConnection, briefing: Briefing, at: datetime) -> None:
    """Insert a briefing, or replace the one with its id.

    Args:
        connection: In a transaction.
        briefing: As it is to be kept.
        at: The present time.
    """
    values = briefing_row(briefing) | {"updated_at": at}
    changes = {key: value for key, value in values.items() if key != "id"}
    insert = upserting(connection.dialect.name)
    await connection.execute(
        insert(_TABLE)
        .values(**values)
        .on_conflict_do_update(index_elements=[_COLUMNS.id], set_=changes)
    )


def _settled(briefing: Briefing, known: RowMapping | None, taken: Mapping[str, str]) -> Briefing:
    """The briefing as it will be kept: with a free slug, and not published against curation."""
    if taken.get(briefing.slug, briefing.id) != briefing.id:
        suffix = hashlib.sha256(briefing.id.encode()).hexdigest()[:6]
        briefing = replace(briefing, slug=f"{briefing.slug}-{suffix}")
    if known and known["status"] == BriefingStatus.WITHDRAWN:
        briefing = replace(briefing, status=BriefingStatus.WITHDRAWN)
    return briefing
