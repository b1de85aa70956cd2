"""Decisions name the version they were made on; whoever comes second is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexing.briefings import Briefing, BriefingStatus
from indexing.curation_store import Action
from indexing.drafts import CurationDesk
from indexing.errors import BriefingChanged, BriefingUnknown, DraftUnknown
from indexing.repository import IndexedBriefing
from tests.indexing.briefings import ROBOTS
from tests.indexing.newsroom import Desk, opened_desk

DRAFT = replace(ROBOTS, id="story-1", slug="story-1", status=BriefingStatus.DRAFT)
REVISION = replace(
    ROBOTS, id="robots-revision", slug="revised", status=BriefingStatus.DRAFT, title="Revised"
)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path) as opened:
        await opened.briefings.upsert([ROBOTS, DRAFT, REVISION])
        yield opened


async def version(desk: Desk, briefing_id: str) -> str:
    kept = await desk.kept.get(briefing_id)
    assert kept is not None
    return kept.version


async def actions(desk: Desk, *ids: str) -> list[tuple[str, Action, str]]:
    return [(entry.by, entry.action, entry.note) for entry in await desk.kept.log(ids)]


async def test_of_two_who_decide_at_once_one_is_told(desk: Desk):
    seen = await version(desk, DRAFT.id)
    mia, ben = (CurationDesk(curation=desk.kept, by=name) for name in ("Mia", "Ben"))

    ended = await asyncio.gather(
        mia.publish(DRAFT.id, expected=seen),
        ben.reject(DRAFT.id, expected=seen),
        return_exceptions=True,
    )

    assert sorted(isinstance(each, BriefingChanged | DraftUnknown) for each in ended) == [
        False,
        True,
    ]
    assert len(await desk.kept.log([DRAFT.id])) == 1


async def test_of_many_edits_of_one_version_one_is_kept(desk: Desk):
    seen = await version(desk, DRAFT.id)

    async def edit(number: int) -> Briefing:
        edited = replace(DRAFT, title=f"Edit {number}")
        return await desk.curation.edit(DRAFT.id, edited, expected=seen)

    ended = await asyncio.gather(*(edit(number) for number in range(6)), return_exceptions=True)

    (kept,) = [each for each in ended if isinstance(each, Briefing)]
    assert (await desk.curation.draft(DRAFT.id)).briefing == kept
    assert [type(each) for each in ended].count(BriefingChanged) == 5


async def test_a_revision_goes_with_both_versions_that_were_compared(desk: Desk):
    draft, base = await version(desk, REVISION.id), await version(desk, ROBOTS.id)
    await desk.curation.edit(ROBOTS.id, replace(ROBOTS, summary="Corrected."))

    with pytest.raises(BriefingChanged):
        await desk.curation.publish(REVISION.id, expected=draft, replacing=base)

    assert (await desk.curation.draft(REVISION.id)).briefing.title == "Revised"
    base = await version(desk, ROBOTS.id)
    published = await desk.curation.publish(REVISION.id, expected=draft, replacing=base)
    assert (published.id, published.slug, published.title) == (ROBOTS.id, ROBOTS.slug, "Revised")
    assert await actions(desk, ROBOTS.id) == [
        ("command line", Action.PUBLISHED, "as revised"),
        ("command line", Action.EDITED, ""),
    ]


async def test_a_rejected_revision_is_gone_and_its_briefing_stays(desk: Desk):
    await desk.curation.reject(REVISION.id)

    assert await desk.kept.get(REVISION.id) is None
    assert await desk.briefings.get(ROBOTS.id) == ROBOTS
    assert await actions(desk, REVISION.id) == [("command line", Action.REJECTED, "the revision")]


async def test_withdrawing_twice_is_withdrawing_once(desk: Desk):
    await desk.curation.withdraw(ROBOTS.id)
    await desk.curation.withdraw(ROBOTS.id)
    await desk.curation.restore(ROBOTS.id)

    assert await desk.briefings.get(ROBOTS.id) == ROBOTS
    assert [action for _, action, _ in await actions(desk, ROBOTS.id)] == [
        Action.PUBLISHED,
        Action.WITHDRAWN,
    ]


async def test_what_is_not_there_cannot_be_decided_about(desk: Desk):
    with pytest.raises(DraftUnknown):
        await desk.curation.publish(ROBOTS.id)
    with pytest.raises(BriefingUnknown):
        await desk.curation.withdraw("none")
    with pytest.raises(BriefingUnknown):
        await desk.curation.edit("none", ROBOTS)


async def test_the_index_is_settled_when_it_holds_what_it_should(desk: Desk):
    async def is_settled() -> bool:
        kept = await desk.kept.get(ROBOTS.id)
        assert kept is not None
        return kept.is_settled

    assert not await is_settled()
    (pending,) = (await desk.briefings.pending()).to_index
    await desk.briefings.mark_indexed(
        [IndexedBriefing(briefing_id=ROBOTS.id, content_hash=pending.content_hash, chunks=1)]
    )
    assert await is_settled()
    await desk.curation.withdraw(ROBOTS.id)
    assert not await is_settled()
    await desk.briefings.mark_indexed([IndexedBriefing(briefing_id=ROBOTS.id)])
    assert await is_settled()
