"""Briefings in SQL; on PostgreSQL, too, where HEIDI_TEST_POSTGRES_URL names an empty database."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from indexing.briefings import Briefing, BriefingStatus, Category, Sentiment, Source
from indexing.database import open_engine
from indexing.errors import BriefingUnknown
from indexing.repository import (
    BriefingPage,
    IndexedBriefing,
    PendingWork,
    SourceCount,
    SqlBriefings,
    UpsertReport,
)
from indexing.tables import briefings_metadata, create_missing_tables
from tests.indexing.briefings import ROBOTS, briefing
from tests.indexing.newsroom import desk_of as desk

POSTGRES_URL = os.environ.get("HEIDI_TEST_POSTGRES_URL", "")

CHIPS = briefing(
    "chips",
    title="Chip makers expand",
    category=Category.CHIPS,
    sentiment=Sentiment.NEUTRAL,
    date=date(2026, 5, 1),
    summary="Fabs cost 20 billion dollars, 100% more than before.",
    body="Silicon is scarce.",
    sources=(Source(name="Chip Times", url="https://chips.example/fabs"),),
    tags=("fabs",),
)


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param(
            "postgresql",
            marks=pytest.mark.skipif(not POSTGRES_URL, reason="HEIDI_TEST_POSTGRES_URL not set"),
        ),
    ]
)
async def repository(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlBriefings]:
    url = POSTGRES_URL if request.param == "postgresql" else f"sqlite+aiosqlite:///{tmp_path}/b.db"
    engine = open_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(briefings_metadata.drop_all)
    await create_missing_tables(engine)
    yield SqlBriefings(engine, lambda: datetime(2026, 6, 1, tzinfo=UTC))
    await engine.dispose()


def ids(page: BriefingPage) -> list[str]:
    return [item.id for item in page.items]


async def test_briefings_come_back_as_they_were_given(repository: SqlBriefings) -> None:
    assert await repository.upsert([ROBOTS, CHIPS]) == UpsertReport(added=2)

    assert await repository.get("robots") == ROBOTS
    assert await repository.by_slug("chips") == CHIPS
    assert await repository.by_ids(["chips", "unknown", "robots"]) == (CHIPS, ROBOTS)
    assert await repository.get("unknown") is None
    assert await repository.by_slug("unknown") is None


async def test_upsert_tells_added_changed_and_unchanged_apart(repository: SqlBriefings) -> None:
    await repository.upsert([ROBOTS, CHIPS])

    report = await repository.upsert([ROBOTS, replace(CHIPS, body="More."), briefing("new")])

    assert report == UpsertReport(added=1, changed=1, unchanged=1)


async def test_the_same_slug_twice_is_settled_the_same_way_on_every_run(
    repository: SqlBriefings,
) -> None:
    twins = [briefing("first", slug="twin"), briefing("second", slug="twin")]

    await repository.upsert(twins)
    again = await repository.upsert(twins)

    first, second = await repository.by_ids(["first", "second"])
    assert (first.slug, second.slug) == ("twin", "twin-16367a")
    assert again == UpsertReport(unchanged=2)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, ["chips", "robots"]),
        ({"category": "Chips"}, ["chips"]),
        ({"section": "News"}, ["chips", "robots"]),
        ({"sentiment": "positive"}, ["robots"]),
        ({"since": date(2026, 3, 15)}, ["chips"]),
        ({"until": date(2026, 3, 14)}, ["robots"]),
        ({"tag": "Home"}, ["robots"]),
        ({"tag": "hom"}, []),
        ({"query": "towel ROBOT"}, ["robots"]),
        ({"query": "100%"}, ["chips"]),
        ({"query": "_"}, []),
        ({"query": "fabs"}, ["chips"]),
    ],
)
async def test_pages_meet_every_condition(
    repository: SqlBriefings, conditions: dict[str, object], expected: list[str]
) -> None:
    await repository.upsert([ROBOTS, CHIPS])

    page = await repository.page(**conditions)  # type: ignore[arg-type]

    assert (ids(page), page.total) == (expected, len(expected))


async def test_pages_are_parts_of_the_whole_listing(repository: SqlBriefings) -> None:
    await repository.upsert([briefing(f"b{day}", date=date(2026, 1, day)) for day in range(1, 6)])

    page = await repository.page(offset=1, limit=2)

    assert (ids(page), page.total) == (["b4", "b3"], 5)
    assert [item.id for item in await repository.latest(2)] == ["b5", "b4"]


async def test_words_in_the_title_come_before_newer_briefings(repository: SqlBriefings) -> None:
    await repository.upsert([ROBOTS, replace(CHIPS, body="Robots build them.")])

    assert ids(await repository.page(query="robots")) == ["robots", "chips"]


async def test_withdrawn_briefings_and_drafts_are_in_no_listing(repository: SqlBriefings) -> None:
    await repository.upsert([ROBOTS, replace(CHIPS, status=BriefingStatus.DRAFT)])
    await desk(repository).withdraw("robots")

    assert ids(await repository.page()) == []
    assert await repository.by_slug("robots") is None
    assert await repository.by_ids(["robots", "chips"]) == ()
    assert await repository.counts_by_category() == {}
    assert await repository.sources() == ()
    withdrawn = await repository.get("robots")
    assert withdrawn == replace(ROBOTS, status=BriefingStatus.WITHDRAWN)


async def test_adding_again_does_not_publish_what_staff_withdrew(repository: SqlBriefings) -> None:
    await repository.upsert([ROBOTS])
    await desk(repository).withdraw("robots")

    await repository.upsert([replace(ROBOTS, body="Corrected.")])
    assert ids(await repository.page()) == []

    await desk(repository).restore("robots")
    assert ids(await repository.page()) == ["robots"]


async def test_curating_an_unknown_briefing_is_an_error(repository: SqlBriefings) -> None:
    with pytest.raises(BriefingUnknown):
        await desk(repository).withdraw("unknown")
    with pytest.raises(BriefingUnknown):
        await desk(repository).restore("unknown")
    with pytest.raises(BriefingUnknown):
        await repository.record_view("unknown")


async def test_no_view_is_lost_when_many_readers_open_a_briefing_at_once(
    repository: SqlBriefings,
) -> None:
    await repository.upsert([ROBOTS, CHIPS])

    counts = await asyncio.gather(*(repository.record_view("robots") for _ in range(20)))

    assert sorted(counts) == list(range(1, 21))
    assert await repository.views(["robots", "chips", "unknown"]) == {"robots": 20, "chips": 0}
    assert [item.id for item in await repository.most_viewed(2)] == ["robots", "chips"]


async def test_views_survive_a_new_version(repository: SqlBriefings) -> None:
    await repository.upsert([ROBOTS])
    await repository.record_view("robots")

    await repository.upsert([replace(ROBOTS, body="New.")])

    assert await repository.views(["robots"]) == {"robots": 1}


async def test_categories_and_sources_are_counted(repository: SqlBriefings) -> None:
    await repository.upsert([ROBOTS, CHIPS, briefing("more")])

    assert await repository.counts_by_category() == {"Robotics": 2, "Chips": 1}
    assert await repository.sources() == (
        SourceCount(name="Robot Weekly", briefings=2),
        SourceCount(name="Chip Times", briefings=1),
    )


async def test_pending_is_what_the_index_lacks_or_should_not_hold(
    repository: SqlBriefings,
) -> None:
    def pending_ids(work: PendingWork) -> tuple[list[str], list[str]]:
        return [item.briefing.id for item in work.to_index], list(work.to_remove)

    await repository.upsert([ROBOTS, CHIPS])
    work = await repository.pending()
    assert pending_ids(work) == (["chips", "robots"], [])

    await repository.mark_indexed(
        [
            IndexedBriefing(
                briefing_id=item.briefing.id, content_hash=item.content_hash, chunks=chunks
            )
            for item, chunks in zip(work.to_index, (3, 2), strict=True)
        ]
    )
    assert await repository.pending_count() == 0
    assert await repository.indexed_chunks() == {"robots": 2, "chips": 3}

    await repository.upsert([replace(ROBOTS, body="New.")])
    await desk(repository).withdraw("chips")
    assert pending_ids(await repository.pending()) == (["robots"], ["chips"])

    await repository.reset_indexed()
    assert pending_ids(await repository.pending()) == (["robots"], [])
    assert await repository.indexed_chunks() == {}


async def test_many_briefings_are_written_and_read_in_slices(repository: SqlBriefings) -> None:
    many: list[Briefing] = [briefing(f"b{number:04}") for number in range(1100)]

    await repository.upsert(many)

    found = await repository.by_ids([item.id for item in many])
    assert [item.id for item in found] == [item.id for item in many]
