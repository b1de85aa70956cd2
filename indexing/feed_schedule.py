"""Owns when each feed is fetched next, and what came of its last round, in SQL.

The rows are the queue: whoever moves a feed's due time ahead first has claimed it, on SQLite and on
PostgreSQL alike. Should the claimer die, the feed is due again after a while.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, or_, select, update

from indexing.database import SqlStore, sliced, upserting
from indexing.feed_fetching import FeedOutcome, FeedResult
from indexing.feed_list import Feed
from indexing.tables import feeds_table

WRITING = "stories"
"""Under this name the writing of stories is reserved and recorded, as feeds are under theirs."""
_HELD_S = 900.0
"""A claimed feed whose round ended without a word is due again after so long."""
_LONGEST_PAUSE_S = 86400.0
_SHOWN_REASONS = 12

_FEEDS = feeds_table
_COLUMNS = _FEEDS.c


@dataclass(frozen=True, kw_only=True)
class FeedStatus:
    """How a feed fares."""

    tried_at: datetime | None = None
    """End of the last round."""
    fetched_at: datetime | None = None
    """When it last gave something that could be read."""
    due_at: datetime | None = None
    """When it is fetched next; none: as soon as may be."""
    is_asked: bool = False
    """Somebody wants it fetched now."""
    is_running: bool = False
    failures: int = 0
    """Rounds that failed since the last one that did not."""
    result: str = ""
    new: int = 0
    changed: int = 0
    known: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Entries that were not taken, by the reason."""
    problem: str = ""
    moved_to: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether the last round failed."""
        return self.failures > 0

    @property
    def found(self) -> int:
        """Items of the last round that can be used."""
        return self.new + self.changed + self.known

    @property
    def rejected(self) -> int:
        """Entries of the last round that were left out."""
        return sum(self.left_out.values())


class SqlFeedSchedule(SqlStore):
    """The schedule of feeds in SQLite or PostgreSQL."""

    async def statuses(self, urls: Sequence[str]) -> dict[str, FeedStatus]:
        """How feeds fare; those that were never fetched are in it, too."""
        found = {url: FeedStatus() for url in urls}
        now = self._clock()
        async with self._engine.connect() as connection:
            for part in sliced(urls):
                rows = await connection.execute(select(_FEEDS).where(_COLUMNS.url.in_(part)))
                found.update((row["url"], _status(row, now)) for row in rows.mappings())
        return found

    async def ask(self, urls: Sequence[str]) -> None:
        """Want feeds fetched now; to want it twice is to want it once."""
        now = self._clock()
        wanted = {"asked_at": now, "due_at": now}
        async with self._engine.begin() as connection:
            for url in urls:
                await connection.execute(
                    upserting(connection.dialect.name)(_FEEDS)
                    .values(url=url, **wanted)
                    .on_conflict_do_update(
                        index_elements=[_COLUMNS.url],
                        set_=wanted,
                        where=_COLUMNS.asked_at.is_(None),
                    )
                )

    async def claim(
        self, feeds: Sequence[Feed], *, asked_only: bool, limit: int
    ) -> tuple[Feed, ...]:
        """Take feeds that are due; nobody else gets the same ones.

        Args:
            feeds: The listed feeds.
            asked_only: Only those that somebody wants now, whatever their time.
            limit: Most feeds to take.
        """
        now = self._clock()
        is_due = or_(_COLUMNS.due_at.is_(None), _COLUMNS.due_at <= now)
        conditions = [is_due, *([_COLUMNS.asked_at.is_not(None)] if asked_only else [])]
        by_url = {feed.url: feed for feed in feeds}
        due = await self._due(list(by_url), now, asked_only=asked_only)
        claimed: list[Feed] = []
        for url in due[:limit]:
            async with self._engine.begin() as connection:
                insert = upserting(connection.dialect.name)
                await connection.execute(insert(_FEEDS).values(url=url).on_conflict_do_nothing())
                taken = await connection.execute(
                    update(_FEEDS)
                    .where(_COLUMNS.url == url, *conditions)
                    .values(due_at=now + timedelta(seconds=_HELD_S))
                )
            claimed += [by_url[url]] if taken.rowcount else []
        return tuple(claimed)

    async def give_back(self, feeds: Sequence[Feed], *, claimed_at: datetime) -> None:
        """Let feeds be due again whose round was ended before it told anything of them."""
        async with self._engine.begin() as connection:
            for feed in feeds:
                has_told_nothing = or_(_COLUMNS.tried_at.is_(None), _COLUMNS.tried_at < claimed_at)
                await connection.execute(
                    update(_FEEDS)
                    .where(_COLUMNS.url == feed.url, has_told_nothing)
                    .values(due_at=self._clock())
                )

    async def record(self, outcome: FeedOutcome) -> None:
        """Keep what came of a round, and when the next one is due: later after each failure."""
        if outcome.result is FeedResult.BUSY:
            return
        has_failed = outcome.result is FeedResult.FAILED
        kept = {
            "result": outcome.result.value,
            "new": outcome.new,
            "changed": outcome.changed,
            "known": outcome.known,
            "left_out": dict(outcome.left_out.most_common(_SHOWN_REASONS)),
            "problem": outcome.problem,
            "moved_to": outcome.moved_to,
        }
        await self._keep(outcome.feed.url, kept, outcome.feed.every_s, has_failed=has_failed)

    async def record_writing(self, problem: str) -> None:
        """Keep why drafts could not be written; empty: they were."""
        await self._keep(WRITING, {"problem": problem}, 0.0, has_failed=bool(problem))

    async def _due(self, urls: Sequence[str], now: datetime, *, asked_only: bool) -> list[str]:
        """Feeds that look due, those that somebody wants first."""
        found = await self.statuses(urls)
        due = [
            url
            for url, status in found.items()
            if (status.due_at is None or status.due_at <= now)
            and not status.is_running
            and (status.is_asked or not asked_only)
        ]
        return sorted(due, key=lambda url: not found[url].is_asked)

    async def _keep(
        self, url: str, outcome: Mapping[str, Any], every_s: float, *, has_failed: bool
    ) -> None:
        now = self._clock()
        before = (await self.statuses([url]))[url]
        failures = before.failures + 1 if has_failed else 0
        # Twice as long after each further failure, at most a day unless that is the usual pause.
        pause_s = every_s * 2.0 ** min(max(0, failures - 1), 16)
        pause_s = min(pause_s, max(every_s, _LONGEST_PAUSE_S))
        values = {
            "tried_at": now,
            "due_at": now + timedelta(seconds=pause_s),
            "asked_at": None,
            "failures": failures,
            "outcome": dict(outcome),
        }
        async with self._engine.begin() as connection:
            await connection.execute(
                upserting(connection.dialect.name)(_FEEDS)
                .values(url=url, **values)
                .on_conflict_do_update(index_elements=[_COLUMNS.url], set_=values)
            )


def _status(row: RowMapping, now: datetime) -> FeedStatus:
    outcome = {"problem": "", "moved_to": "", "result": ""} | (row["outcome"] or {})
    return FeedStatus(
        tried_at=row["tried_at"],
        fetched_at=row["fetched_at"],
        due_at=row["due_at"],
        is_asked=row["asked_at"] is not None,
        is_running=row["leased_until"] is not None and row["leased_until"] > now,
        failures=row["failures"],
        **outcome,
    )
