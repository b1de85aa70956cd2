"""Owns keeping feeds and their items in SQL, and who fetches a feed just now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import RowMapping, Select, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from indexing.database import SqlStore, sliced, upserting
from indexing.embedding import Vectors
from indexing.tables import feed_items_table, feeds_table, stories_table

_FEEDS = feeds_table
_ITEMS = feed_items_table


@dataclass(frozen=True, kw_only=True)
class FeedState:
    """What a feed's server said last."""

    etag: str = ""
    last_modified: str = ""
    fetched_at: datetime | None = None
    """When it last gave something that could be read."""


@dataclass(frozen=True, kw_only=True)
class KeptItem:
    """An item of a feed, as it is kept."""

    id: str
    """Unique among the items of all feeds."""
    feed_url: str
    source: str
    """Publisher, as a reader would call it."""
    license: str
    title: str
    url: str
    canonical: str
    """The same for all addresses of the article."""
    moment: datetime
    summary: str
    text: str
    content_hash: str
    """SHA-256 (hex) of what the feed said, to notice changes."""
    story_id: str | None = None
    vector: Vectors | None = None
    """Of title and beginning; none: not embedded yet, or by another model."""


@dataclass(frozen=True, kw_only=True)
class KeepReport:
    """What became of a feed's items."""

    new: int = 0
    changed: int = 0
    known: int = 0


class SqlFeeds(SqlStore):
    """Feeds and items in SQLite or PostgreSQL."""

    async def state(self, url: str) -> FeedState:
        """What is known of a feed; nothing, if it was never fetched."""
        columns = _FEEDS.c
        rows = await self._rows(
            select(columns.etag, columns.last_modified, columns.fetched_at).where(
                columns.url == url
            )
        )
        return FeedState(**rows[0]) if rows else FeedState()

    async def lease(self, url: str, *, holder: str, for_s: float) -> bool:
        """Reserve a feed, so that no other process fetches it at the same time.

        Args:
            url: Address of the feed.
            holder: Who wants it; the same holder may have it again.
            for_s: After so many seconds it is free again, should the holder have died.

        Returns:
            Whether it was free.
        """
        now = self._clock()
        columns = _FEEDS.c
        is_free = or_(
            columns.leased_until.is_(None), columns.leased_until < now, columns.leased_by == holder
        )
        async with self._engine.begin() as connection:
            insert = upserting(connection.dialect.name)
            await connection.execute(insert(_FEEDS).values(url=url).on_conflict_do_nothing())
            taken = await connection.execute(
                update(_FEEDS)
                .where(columns.url == url, is_free)
                .values(leased_by=holder, leased_until=now + timedelta(seconds=for_s))
            )
            return bool(taken.rowcount)

    async def release(self, url: str, *, holder: str) -> None:
        """Give a feed back; somebody else's stays theirs."""
        async with self._engine.begin() as connection:
            await connection.execute(
                update(_FEEDS)
                .where(_FEEDS.c.url == url, _FEEDS.c.leased_by == holder)
                .values(leased_by=None, leased_until=None)
            )

    async def keep(
        self, url: str, items: Sequence[KeptItem], *, etag: str, last_modified: str
    ) -> KeepReport:
        """Keep a feed's items and what its server said, in one transaction.

        A changed item leaves its story's text as it is until the story is written again.
        """
        incoming = {item.id: item for item in items}
        async with self._engine.begin() as connection:
            known = await self._hashes(connection, list(incoming))
            new = [item for key, item in incoming.items() if key not in known]
            changed = [
                item
                for key, item in incoming.items()
                if known.get(key, item.content_hash) != item.content_hash
            ]
            await self._write(connection, [*new, *changed])
            await connection.execute(
                update(_FEEDS)
                .where(_FEEDS.c.url == url)
                .values(etag=etag, last_modified=last_modified, fetched_at=self._clock())
            )
        return KeepReport(
            new=len(new), changed=len(changed), known=len(incoming) - len(new) - len(changed)
        )

    async def hashes(self, ids: Sequence[str]) -> dict[str, str]:
        """Hashes of those of these items that are kept already."""
        async with self._engine.connect() as connection:
            return await self._hashes(connection, ids)

    async def earliest_news(self) -> datetime | None:
        """Moment of the earliest item that is not told yet, or not as it is now; none: no news."""
        columns = _ITEMS.c
        told = select(stories_table.c.id)
        statement = select(func.min(columns.moment).label("moment")).where(
            or_(
                columns.story_id.is_(None),
                columns.vector.is_(None),
                columns.story_id.not_in(told),
            )
        )
        moment: datetime | None = (await self._rows(statement))[0]["moment"]
        return moment

    async def recent(
        self, look_back: timedelta, earliest: datetime | None, *, vector_model: str
    ) -> list[KeptItem]:
        """Items of the last days, and all others of their stories, oldest first.

        Args:
            look_back: How far to look back from the present, and from the earliest moment.
            earliest: A moment that is to be reached in any case.
            vector_model: Vectors of other models are left out.
        """
        now = self._clock()
        since = min(now, earliest or now) - look_back
        columns = _ITEMS.c
        stories = select(columns.story_id).where(
            columns.moment >= since, columns.story_id.is_not(None)
        )
        statement = (
            select(_ITEMS)
            .where(or_(columns.moment >= since, columns.story_id.in_(stories)))
            .order_by(columns.moment, columns.id)
        )
        return [_item(row, vector_model) for row in await self._rows(statement)]

    async def told_by(self, briefing_id: str) -> tuple[KeptItem, ...]:
        """Items that a briefing tells, oldest first."""
        stories = select(stories_table.c.id).where(stories_table.c.briefing_id == briefing_id)
        statement = (
            select(_ITEMS)
            .where(_ITEMS.c.story_id.in_(stories))
            .order_by(_ITEMS.c.moment, _ITEMS.c.id)
        )
        return tuple(_item(row, None) for row in await self._rows(statement))

    async def at(self, canonical: str) -> tuple[KeptItem, ...]:
        """Items whose article has this canonical address."""
        rows = await self._rows(select(_ITEMS).where(_ITEMS.c.canonical == canonical))
        return tuple(_item(row, None) for row in rows)

    async def sort(self, items: Iterable[KeptItem], *, vector_model: str) -> None:
        """Record stories and vectors of items."""
        rows: list[dict[str, Any]] = []
        for item in items:
            vector = None if item.vector is None else item.vector.astype("<f4").tobytes()
            named = vector_model if vector else None
            rows.append({"of": item.id, "story": item.story_id, "bytes": vector, "model": named})
        if not rows:
            return
        async with self._engine.begin() as connection:
            await connection.execute(
                update(_ITEMS)
                .where(_ITEMS.c.id == bindparam("of"))
                .values(
                    story_id=bindparam("story"),
                    vector=bindparam("bytes"),
                    vector_model=bindparam("model"),
                ),
                rows,
            )

    async def _hashes(self, connection: AsyncConnection, ids: Sequence[str]) -> dict[str, str]:
        known: dict[str, str] = {}
        for part in sliced(ids):
            rows = await connection.execute(
                select(_ITEMS.c.id, _ITEMS.c.content_hash).where(_ITEMS.c.id.in_(part))
            )
            known.update((row.id, row.content_hash) for row in rows)
        return known

    async def _write(self, connection: AsyncConnection, items: Sequence[KeptItem]) -> None:
        """All in one statement: a server that answers meanwhile waits for its transaction."""
        if not items:
            return
        now = self._clock()
        insert = upserting(self._engine.dialect.name)(_ITEMS)
        # An update keeps its first day and its story: what was news then is not news again.
        kept = ("id", "moment", "seen_at", "story_id", "vector_model")
        changes = {name: insert.excluded[name] for name in _ITEMS.c.keys() if name not in kept}
        await connection.execute(
            insert.on_conflict_do_update(index_elements=[_ITEMS.c.id], set_=changes),
            [_row(item) | {"seen_at": now, "vector": None} for item in items],
        )

    async def _rows(self, statement: Select[Any]) -> list[RowMapping]:
        async with self._engine.connect() as connection:
            return list((await connection.execute(statement)).mappings())


def _row(item: KeptItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "feed_url": item.feed_url,
        "source": item.source,
        "license": item.license,
        "title": item.title,
        "url": item.url,
        "canonical": item.canonical,
        "moment": item.moment,
        "summary": item.summary,
        "text": item.text,
        "content_hash": item.content_hash,
    }


def _item(row: RowMapping, vector_model: str | None) -> KeptItem:
    has_vector = row["vector"] is not None and row["vector_model"] == vector_model
    return KeptItem(
        id=row["id"],
        feed_url=row["feed_url"],
        source=row["source"],
        license=row["license"],
        title=row["title"],
        url=row["url"],
        canonical=row["canonical"],
        moment=row["moment"],
        summary=row["summary"],
        text=row["text"],
        content_hash=row["content_hash"],
        story_id=row["story_id"],
        vector=np.frombuffer(row["vector"], dtype="<f4") if has_vector else None,
    )
