"""A newsroom for tests: a database, an embedder without a model, a clock that stands still."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from indexing.briefings import Briefing
from indexing.curation_store import SqlCuration
from indexing.database import open_engine
from indexing.drafts import CurationDesk
from indexing.feed_fetching import FeedFetcher, FeedOutcome
from indexing.feed_list import Feed
from indexing.feed_store import SqlFeeds
from indexing.fetching import FetchLimits, WebClient
from indexing.newsroom import Newsroom, WritingReport
from indexing.repository import SqlBriefings
from indexing.story_store import SqlStories
from indexing.tables import briefings_metadata, create_missing_tables
from tests.fakes_embedding import HashingEmbedder

POSTGRES_URL = os.environ.get("HEIDI_TEST_POSTGRES_URL", "")


@dataclass
class Desk:
    """Everything from feeds to drafts."""

    engine: AsyncEngine
    now: datetime = datetime(2026, 3, 15, 12, tzinfo=UTC)
    feeds: list[Feed] = field(default_factory=list)
    embedder: HashingEmbedder = field(default_factory=lambda: HashingEmbedder(dimension=512))

    def __post_init__(self) -> None:
        self.store = SqlFeeds(self.engine, self.clock)
        self.briefings = SqlBriefings(self.engine, self.clock)
        self.stories = SqlStories(self.engine, self.clock)
        self.kept = SqlCuration(self.engine, self.clock)
        self.curation = CurationDesk(curation=self.kept)

    def clock(self) -> datetime:
        return self.now

    async def drafts(self) -> tuple[Briefing, ...]:
        return tuple(kept.briefing for kept in await self.kept.drafts())

    async def fetch(self) -> list[FeedOutcome]:
        limits = FetchLimits(timeout_s=5, attempts=1, host_pause_s=0)
        async with WebClient(user_agent="Heidi/1", limits=limits, allows_private=True) as client:
            fetcher = FeedFetcher(self.store, client, self.clock)
            outcomes = [outcome async for outcome in fetcher.fetch_all(self.feeds)]
        order = [feed.url for feed in self.feeds]
        return sorted(outcomes, key=lambda outcome: order.index(outcome.feed.url))

    async def write(self) -> WritingReport:
        newsroom = Newsroom(
            feeds=self.store,
            stories=self.stories,
            briefings=self.briefings,
            curation=self.kept,
            embedder=self.embedder,
        )
        return await newsroom.write(self.feeds)

    async def round(self) -> WritingReport:
        await self.fetch()
        return await self.write()


def desk_of(repository: SqlBriefings) -> CurationDesk:
    """Where decisions about the briefings of a repository are made."""
    return CurationDesk(curation=SqlCuration(repository._engine))


@asynccontextmanager
async def opened_desk(folder: Path, feeds: Sequence[Feed] = ()) -> AsyncIterator[Desk]:
    """On SQLite, or on PostgreSQL where HEIDI_TEST_POSTGRES_URL names an empty database."""
    engine = open_engine(POSTGRES_URL or f"sqlite+aiosqlite:///{folder / 'heidi.sqlite3'}")
    async with engine.begin() as connection:
        await connection.run_sync(briefings_metadata.drop_all)
    await create_missing_tables(engine)
    try:
        yield Desk(engine, feeds=list(feeds))
    finally:
        await engine.dispose()


def feed(name: str, url: str, **terms: object) -> Feed:
    """A feed of which only the summaries may be used, unless the terms say otherwise."""
    return Feed.model_validate({"name": name, "url": url, "license": "CC0", **terms})
