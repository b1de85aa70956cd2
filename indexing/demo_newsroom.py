"""Owns the demo's newsroom: invented publishers whose feeds are files of this package.

Their items take the way of all others; only the revision of a demo briefing is written by hand. No
network is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from indexing.addresses import canonical_address
from indexing.curation_store import BY_HEIDI, Action, SqlCuration
from indexing.embedding import Embedder
from indexing.feed_list import read_feed_file
from indexing.feed_rounds import FeedRound, feed_client
from indexing.feed_store import SqlFeeds
from indexing.files import read_briefing_file
from indexing.repository import SqlBriefings
from indexing.settings import IndexingSettings
from indexing.story_store import SqlStories, StoryState, items_hash, revised_id

_REVISING = "https://city-herald.example/feed.xml"
_REVISED_BY = "https://city-herald.example/2026/training-in-pairs"
_STORY = "demo-training"
_Settings = TypeVar("_Settings", bound=IndexingSettings)


def demo_newsroom_folder() -> Path:
    """The demo's list of feeds, and what they give."""
    return Path(str(files("indexing"))) / "demo" / "newsroom"


def with_demo_feeds(settings: _Settings) -> _Settings:
    """Settings with the demo's feeds, unless there is a list of one's own."""
    if settings.feed_list.exists():
        return settings
    folder = demo_newsroom_folder()
    return settings.model_copy(update={"feeds_file": folder / "feeds.toml", "feeds_folder": folder})


async def set_up_demo_newsroom(
    engine: AsyncEngine,
    settings: IndexingSettings,
    embedder: Embedder,
    clock: Callable[[], datetime],
) -> None:
    """Fetch the demo's feeds and write drafts, once; what staff decided later stays.

    Args:
        engine: Connected to the demo's database, which has the demo's briefings.
        settings: Of the demo.
        embedder: Loads its model when something is written.
        clock: Tells the present time, with a zone.
    """
    feeds, stories = SqlFeeds(engine, clock), SqlStories(engine, clock)
    settings = with_demo_feeds(settings)
    if settings.feeds_folder is None or (await feeds.state(_REVISING)).fetched_at:
        return
    listed = read_feed_file(settings.feed_list)
    async with feed_client(settings) as client:
        round_ = FeedRound(
            engine=engine, settings=settings, embedder=embedder, client=client, clock=clock
        )
        async for _ in round_.fetch(listed):
            pass
        await _revise(engine, feeds, stories, embedder, clock)
        await round_.write(listed)


async def _revise(
    engine: AsyncEngine,
    feeds: SqlFeeds,
    stories: SqlStories,
    embedder: Embedder,
    clock: Callable[[], datetime],
) -> None:
    """Let one item revise a demo briefing that its publisher tells more about."""
    revision = read_briefing_file(demo_newsroom_folder() / "revision.md")
    found = await feeds.at(canonical_address(_REVISED_BY))
    briefing_id = revised_id(revision.id)
    if briefing_id is None or not found:
        return
    told = [replace(item, story_id=_STORY) for item in found]
    await feeds.sort(told, vector_model=embedder.model_id)
    await stories.record(StoryState(id=_STORY, briefing_id=briefing_id, told_hash=items_hash(told)))
    await SqlBriefings(engine, clock).upsert([revision])
    await SqlCuration(engine, clock).note(revision.id, by=BY_HEIDI, action=Action.REVISED)
