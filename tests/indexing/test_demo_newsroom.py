"""The demo has something to decide, made without a network, and only once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexing.demo_newsroom import set_up_demo_newsroom, with_demo_feeds
from indexing.differing import quoted_differences
from indexing.embedding import embedder_for
from indexing.feed_list import read_feed_file
from indexing.feed_schedule import SqlFeedSchedule
from indexing.files import demo_folder, read_briefing_folder
from indexing.settings import IndexingSettings
from tests.indexing.newsroom import opened_desk

REVISION = "demo-ai-training-plan-revision"


def test_a_list_of_ones_own_takes_the_place_of_the_demos(tmp_path: Path) -> None:
    settings = IndexingSettings(data_dir=tmp_path)
    assert with_demo_feeds(settings).feeds_folder is not None
    (tmp_path / "feeds.toml").touch()

    assert with_demo_feeds(settings) == settings


@pytest.mark.slow
async def test_drafts_of_every_kind_wait_and_what_was_decided_stays(tmp_path: Path) -> None:
    settings = IndexingSettings(data_dir=tmp_path)
    embedder = embedder_for(settings)
    async with opened_desk(tmp_path) as desk:
        desk.now = datetime(2026, 11, 28, tzinfo=UTC)
        await desk.briefings.upsert(read_briefing_folder(demo_folder()))
        await set_up_demo_newsroom(desk.engine, settings, embedder, desk.clock)
        drafts = {draft.id: draft for draft in await desk.drafts()}
        several = [draft for draft in drafts.values() if quoted_differences(draft.body)]
        statuses = await SqlFeedSchedule(desk.engine, desk.clock).statuses(
            [feed.url for feed in read_feed_file(with_demo_feeds(settings).feed_list)]
        )

        await desk.curation.reject(REVISION)
        await desk.curation.publish(several[0].id)
        await set_up_demo_newsroom(desk.engine, settings, embedder, desk.clock)
        left = {draft.id for draft in await desk.drafts()}

    assert len(drafts) == 4
    assert REVISION in drafts
    assert [[source.name for source in draft.sources] for draft in several] == [
        ["Robot Weekly", "City Herald"]
    ]
    assert sum(status.rejected for status in statuses.values()) == 2
    assert left == drafts.keys() - {REVISION, several[0].id}
