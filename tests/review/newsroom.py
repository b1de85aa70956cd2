"""Drafts, briefings and feeds for tests of the newsroom's pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bs4 import BeautifulSoup

from indexing.briefings import Briefing, BriefingStatus
from indexing.curation_store import KeptBriefing, SqlCuration
from indexing.differing import DIFFERING
from indexing.feed_store import KeptItem, SqlFeeds
from indexing.repository import SqlBriefings
from indexing.story_store import SqlStories, StoryState
from tests.indexing.briefings import ROBOTS
from tests.review.conftest import Console

NEWSROOM = "/review/newsroom"
DRAFT = replace(ROBOTS, id="story-1", slug="robots-draft", status=BriefingStatus.DRAFT)
REVISION = replace(
    ROBOTS,
    id=f"{ROBOTS.id}-revision",
    slug="robots-revised",
    status=BriefingStatus.DRAFT,
    title="Thirty robots sort parcels",
    body=f"{ROBOTS.body}\n\nA third paragraph is new.",
)
DIFFERENT = replace(
    DRAFT,
    id="story-2",
    slug="figures",
    title="Robots are counted",
    body=f"Some robots.\n\n{DIFFERING}\n\n- One: “40 robots\\.” Two: “52 robots\\.”",
)
FEEDS = """
[[feeds]]
name = "Robot Weekly"
url = "https://robots.example/feed.xml"
license = "CC BY 4.0"
trust = "high"

[[feeds]]
name = "City Herald"
url = "https://herald.example/feed.xml"
license = "by agreement"
every = "2h"
"""


async def have(console: Console, *briefings: Briefing) -> None:
    """Keep drafts and briefings."""
    await SqlBriefings(console.store.database.engine, console.clock).upsert(briefings)


async def kept(console: Console, briefing_id: str) -> KeptBriefing:
    """One of them."""
    found = await SqlCuration(console.store.database.engine, console.clock).get(briefing_id)
    assert found is not None
    return found


async def reported(console: Console, briefing_id: str, **changes: object) -> None:
    """Let a publisher have reported what a briefing tells."""
    engine = console.store.database.engine
    item = KeptItem(
        id="item-1",
        feed_url="https://robots.example/feed.xml",
        source="Robot Weekly",
        license="CC BY 4.0",
        title="Robots at work",
        url="https://robots.example/1",
        canonical="https://robots.example/1",
        moment=datetime(2026, 11, 20, 9, tzinfo=UTC),
        summary="Robots sort parcels.",
        text="Robots sort parcels.",
        content_hash="h",
        story_id="s",
    )
    feeds = SqlFeeds(engine, console.clock)
    item = replace(item, **changes)  # type: ignore[arg-type]
    await feeds.keep(item.feed_url, [item], etag="", last_modified="")
    await feeds.sort([item], vector_model="none")
    await SqlStories(engine, console.clock).record(StoryState(id="s", briefing_id=briefing_id))


def form_of(page: BeautifulSoup, action: str) -> dict[str, str]:
    """What the form with this action would send."""
    form = next(each for each in page.select("form") if each.get("action", "").endswith(action))
    values = {each["name"]: each.get("value", "") for each in form.select("input[name]")}
    values |= {each["name"]: each.get_text() for each in form.select("textarea[name]")}
    for each in form.select("select[name]"):
        values[each["name"]] = each.select_one("[selected]")["value"]
    return values
