"""From feeds to drafts: stories, curation, updates."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from indexing.briefings import BriefingStatus, Category
from indexing.errors import DraftUnknown
from indexing.newsroom import WritingReport
from tests.indexing.feed_server import FeedServer, item, rss, serving
from tests.indexing.newsroom import Desk, feed, opened_desk

BERLIN = (
    "Forty humanoid robots made by Pace Robotics have begun to sort parcels at a warehouse of "
    "Nordpost in Berlin. The trial lasts six months. Each robot handles 900 parcels an hour, the "
    "company says."
)
BERLIN_TOO = (
    "Forty humanoid robots made by Pace Robotics now sort parcels at a warehouse of Nordpost in "
    "Berlin for six months. Each robot handles 700 parcels an hour, the company says. Verdi, a "
    "union, demands a guarantee for 1,200 workers in Spandau."
)
TOKYO = "Twelve humanoid robots made by Miyama have begun to carry luggage at a hotel in Tokyo."
TITLE = "Humanoid robots start work at a Berlin warehouse"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with serving() as running:
        yield running


@pytest.fixture
async def desk(tmp_path: Path, server: FeedServer) -> AsyncIterator[Desk]:
    weekly = server.feed("/weekly", rss(item("a", TITLE, BERLIN), item("b", "Tokyo", TOKYO)))
    courier = server.feed(
        "/courier",
        rss(item("c", "Nordpost: humanoid robots start work at a Berlin warehouse", BERLIN_TOO)),
    )
    feeds = [feed("Robot Weekly", weekly, trust="high"), feed("Berlin Courier", courier)]
    async with opened_desk(tmp_path, feeds) as opened:
        yield opened


async def test_two_publishers_of_one_event_make_one_draft(desk: Desk) -> None:
    report = await desk.round()

    assert (len(report.drafted), report.merged, report.published) == (2, 1, [])
    drafts = {draft.title: draft for draft in await desk.drafts()}
    merged = drafts[TITLE]
    assert [source.name for source in merged.sources] == ["Robot Weekly", "Berlin Courier"]
    assert merged.status is BriefingStatus.DRAFT
    assert merged.date == date(2026, 3, 14)
    assert merged.body.count("parcels at a warehouse") == 1
    assert "## What Berlin Courier adds\n\nVerdi, a union, demands" in merged.body
    assert (
        "## Where the sources differ\n\n- Robot Weekly: “Each robot handles 900 parcels an hour, "
        "the company says.” Berlin Courier: “Each robot handles 700 parcels an hour, the company "
        "says.”" in merged.body
    )
    assert await desk.briefings.published_count() == 0


async def test_nothing_new_changes_nothing(desk: Desk) -> None:
    await desk.round()
    before = await desk.drafts()
    embedded = len(desk.embedder.passages)

    report = await desk.round()

    assert report == WritingReport()
    assert await desk.drafts() == before
    assert len(desk.embedder.passages) == embedded


async def test_a_killed_writer_is_made_up_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.fetch()
    with monkeypatch.context() as patched:
        patched.setattr(desk.stories, "record", _dies)
        with pytest.raises(RuntimeError):
            await desk.write()

    await desk.write()

    assert len(await desk.drafts()) == 2


async def _dies(_: object) -> None:
    raise RuntimeError("killed")


async def test_a_published_draft_is_found_and_a_rejected_one_stays_away(
    desk: Desk, server: FeedServer
) -> None:
    await desk.round()
    berlin, tokyo = _by_title(await desk.drafts(), TITLE)

    published = await desk.curation.publish(berlin)
    await desk.curation.reject(tokyo)
    server.feed("/weekly", rss(item("b", "Tokyo", f"{TOKYO} They cost 9,000 dollars each.")))
    report = await desk.round()

    assert published.status is BriefingStatus.PUBLISHED
    assert (await desk.briefings.pending_count(), await desk.drafts()) == (1, ())
    assert report == WritingReport()
    with pytest.raises(DraftUnknown, match=berlin):
        await desk.curation.publish(berlin)


async def test_a_later_report_is_worked_into_the_draft(desk: Desk, server: FeedServer) -> None:
    courier = desk.feeds.pop()
    await desk.round()
    desk.feeds.append(courier)
    desk.now += timedelta(hours=1)

    report = await desk.round()

    berlin, _ = _by_title(await desk.drafts(), TITLE)
    assert (report.drafted, report.updated) == ([], [berlin])
    assert "Berlin Courier" in (await desk.curation.draft(berlin)).briefing.body


async def test_news_of_a_published_story_is_a_revision_that_replaces_it(
    desk: Desk, server: FeedServer
) -> None:
    courier = desk.feeds.pop()
    await desk.round()
    berlin, _ = _by_title(await desk.drafts(), TITLE)
    first = await desk.curation.publish(berlin)
    desk.feeds.append(courier)

    report = await desk.round()

    assert report.revised == [f"{berlin}-revision"]
    assert (await desk.briefings.get(berlin)) == first
    second = await desk.curation.publish(f"{berlin}-revision")
    assert (second.id, second.slug) == (first.id, first.slug)
    assert (await desk.briefings.get(berlin)) == second
    assert "Berlin Courier" in second.body
    assert await desk.briefings.get(f"{berlin}-revision") is None


async def test_a_rejected_revision_leaves_the_briefing(desk: Desk) -> None:
    courier = desk.feeds.pop()
    await desk.round()
    berlin, _ = _by_title(await desk.drafts(), TITLE)
    first = await desk.curation.publish(berlin)
    desk.feeds.append(courier)
    await desk.round()

    await desk.curation.reject(f"{berlin}-revision")
    report = await desk.round()

    assert report.revised == []
    assert (await desk.briefings.get(berlin)) == first


async def test_what_a_curator_wrote_is_not_overwritten(desk: Desk) -> None:
    courier = desk.feeds.pop()
    await desk.round()
    berlin, _ = _by_title(await desk.drafts(), TITLE)
    draft = (await desk.curation.draft(berlin)).briefing
    edited = await desk.curation.edit(berlin, replace(draft, title="Better", slug="other"))
    desk.feeds.append(courier)

    report = await desk.round()

    assert (edited.title, edited.slug) == ("Better", draft.slug)
    assert (await desk.curation.draft(berlin)).briefing.title == "Better"
    assert report.revised == [f"{berlin}-revision"]


async def test_trusted_feeds_publish_alone_and_only_alone(desk: Desk, server: FeedServer) -> None:
    weekly, courier = desk.feeds
    desk.feeds = [weekly.model_copy(update={"publish": True, "category": Category.WORK})]
    report = await desk.round()
    assert len(report.published) == 2
    (tokyo,) = [b for b in await desk.briefings.latest(5) if b.title == "Tokyo"]
    assert tokyo.category is Category.WORK

    desk.feeds.append(courier)
    server.feed("/weekly", rss(item("b", "Tokyo", f"{TOKYO} They cost 9,000 dollars each.")))
    report = await desk.round()

    assert report.published == [tokyo.id]
    assert [briefing_id.endswith("-revision") for briefing_id in report.revised] == [True]
    updated = await desk.briefings.get(tokyo.id)
    assert updated is not None
    assert "9,000" in updated.body


async def test_a_copy_adds_nothing_and_contradicts_nothing(desk: Desk, server: FeedServer) -> None:
    copied = server.feed("/copy", rss(item("z", TITLE, BERLIN)))
    desk.feeds = [desk.feeds[0], feed("Aggregator", copied, trust="low")]

    await desk.round()

    (draft,) = [found for found in await desk.drafts() if found.title == TITLE]
    assert [source.name for source in draft.sources] == ["Robot Weekly", "Aggregator"]
    assert "##" not in draft.body


async def test_too_little_text_is_said(desk: Desk, server: FeedServer) -> None:
    desk.feeds = [feed("Short", server.feed("/short", rss(item("s", "Only a title", "Read on"))))]

    report = await desk.round()

    assert [(entry.title, entry.reason) for entry in report.unusable] == [
        ("Only a title", "text: has 2 words, too few to write from")
    ]
    assert (await desk.round()).unusable == []


def _by_title(drafts: tuple, title: str) -> tuple[str, str]:
    """Ids of the draft with a title, and of the other one."""
    (chosen,) = [draft.id for draft in drafts if draft.title == title]
    (other,) = [draft.id for draft in drafts if draft.title != title]
    return chosen, other
