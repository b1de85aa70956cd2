"""Owns a round of the newsroom: fetch all feeds, write what is new, and again after a while."""

from __future__ import annotations

import asyncio
import signal
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from sqlalchemy.ext.asyncio import AsyncEngine

from indexing.curation_store import SqlCuration
from indexing.embedding import Embedder
from indexing.feed_fetching import FeedFetcher, FeedOutcome
from indexing.feed_list import Feed
from indexing.feed_schedule import WRITING, SqlFeedSchedule
from indexing.feed_store import SqlFeeds
from indexing.fetching import FeedClient, FetchLimits, WebClient
from indexing.folder_client import FolderClient
from indexing.newsroom import Newsroom, WritingReport
from indexing.repository import SqlBriefings
from indexing.settings import IndexingSettings
from indexing.story_store import SqlStories

_WRITING_LEASE_S = 1800.0

Clock = Callable[[], datetime]


def now_in_utc() -> datetime:
    """The present time."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class FeedRound:
    """Fetches feeds and writes drafts, once."""

    engine: AsyncEngine
    settings: IndexingSettings
    embedder: Embedder
    client: FeedClient
    clock: Clock = now_in_utc

    async def fetch(self, feeds: Sequence[Feed]) -> AsyncIterator[FeedOutcome]:
        """Fetch the feeds at the same time; outcomes are recorded and come as they are ready."""
        fetcher = FeedFetcher(SqlFeeds(self.engine, self.clock), self.client, self.clock)
        schedule = SqlFeedSchedule(self.engine, self.clock)
        async for outcome in fetcher.fetch_all(feeds):
            await schedule.record(outcome)
            yield outcome

    async def write(self, feeds: Sequence[Feed]) -> WritingReport | None:
        """Write what is new; none, if another process is doing so."""
        store = SqlFeeds(self.engine, self.clock)
        schedule = SqlFeedSchedule(self.engine, self.clock)
        holder = uuid.uuid4().hex
        if not await store.lease(WRITING, holder=holder, for_s=_WRITING_LEASE_S):
            return None
        try:
            newsroom = Newsroom(
                feeds=store,
                stories=SqlStories(self.engine, self.clock),
                briefings=SqlBriefings(self.engine, self.clock),
                curation=SqlCuration(self.engine, self.clock),
                embedder=self.embedder,
                words=self.settings.briefing_words,
            )
            report = await newsroom.write(feeds)
        except Exception as error:
            await schedule.record_writing(f"{type(error).__name__}: {error}"[:500])
            raise
        else:
            await schedule.record_writing("")
            return report
        finally:
            await store.release(WRITING, holder=holder)


def feed_client(settings: IndexingSettings) -> AbstractAsyncContextManager[FeedClient]:
    """A client within the limits of the settings, which says who asks.

    It reads files instead of the network where the settings name a folder of them.
    """
    if settings.feeds_folder:
        return FolderClient(settings.feeds_folder)
    contact = f" (+{settings.feeds_contact})" if settings.feeds_contact else ""
    return WebClient(
        user_agent=f"Heidi/{version('heidi')}{contact} feed reader",
        limits=FetchLimits(
            timeout_s=settings.feeds_timeout_s,
            total_s=3 * settings.feeds_timeout_s,
            max_bytes=settings.feeds_max_bytes,
        ),
        allows_private=settings.feeds_private_addresses,
    )


async def repeat(
    work: Callable[[], Awaitable[None]], *, every_s: float, stopping: asyncio.Event
) -> None:
    """Do something again and again, until it is to stop; what is being done is finished first.

    Args:
        work: What to do.
        every_s: Seconds from one beginning to the next.
        stopping: Set when it is to stop.
    """
    clock = asyncio.get_running_loop().time
    while not stopping.is_set():
        next_at = clock() + every_s
        await work()
        try:
            async with asyncio.timeout(max(0.0, next_at - clock())):
                await stopping.wait()
        except TimeoutError:
            continue


@contextmanager
def _handled(stopping: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


@asynccontextmanager
async def until_told_to_stop() -> AsyncIterator[asyncio.Event]:
    """An event that SIGTERM or Ctrl-C sets."""
    stopping = asyncio.Event()
    with _handled(stopping):
        yield stopping
