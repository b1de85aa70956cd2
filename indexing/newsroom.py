"""Owns making stories of kept items and drafts of stories.

A story's briefing keeps its id. While it is a draft that nobody edited, new reports are worked into
it; once it is published or edited, they make a revision, another draft that would replace it. What
was withdrawn or rejected stays so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from indexing.briefings import Briefing, BriefingStatus
from indexing.cleaning import clean_text
from indexing.curation_store import BY_HEIDI, Action, KeptBriefing, SqlCuration
from indexing.embedding import Embedder
from indexing.errors import BriefingChanged
from indexing.feed_list import Feed
from indexing.feed_store import KeptItem, SqlFeeds
from indexing.repository import SqlBriefings
from indexing.stories import WINDOW, StoryItem, gist, group
from indexing.story_store import SqlStories, StoryState, items_hash, revision_id, text_hash
from indexing.story_writing import Report, StoryUnusable, write_stories
from indexing.writing import DEFAULT_WORDS

_LOOK_BACK = WINDOW + timedelta(days=2)
"""A story can grow for so long."""
_NEW_REPORTS = "new reports"


@dataclass(kw_only=True)
class WritingReport:
    """What became of the stories that had news."""

    drafted: list[str] = field(default_factory=list)
    """Ids of new drafts."""
    published: list[str] = field(default_factory=list)
    """Ids of briefings that were published, or published anew, without a curator."""
    updated: list[str] = field(default_factory=list)
    """Ids of drafts that new reports were worked into."""
    revised: list[str] = field(default_factory=list)
    """Ids of drafts that would replace what is published or edited."""
    unusable: list[StoryUnusable] = field(default_factory=list)
    merged: int = 0
    """Stories that several publishers tell."""


@dataclass(frozen=True, kw_only=True)
class Newsroom:
    """Turns items into drafts."""

    feeds: SqlFeeds
    stories: SqlStories
    briefings: SqlBriefings
    curation: SqlCuration
    embedder: Embedder
    words: int = DEFAULT_WORDS
    """Most words of a briefing's body that one publisher leads."""

    async def write(self, feeds: Iterable[Feed]) -> WritingReport:
        """Sort new items into stories and write those that changed.

        Args:
            feeds: The listed feeds, for their trust and terms.
        """
        by_url = {feed.url: feed for feed in feeds}
        items = await self._sorted()
        by_story: dict[str, list[KeptItem]] = {}
        for item in items:
            by_story.setdefault(item.story_id or "", []).append(item)
        states = await self.stories.states(list(by_story))
        stale = [
            (story_id, [Report(item=item, feed=by_url.get(item.feed_url)) for item in told])
            for story_id, told in by_story.items()
            if states[story_id].told_hash != items_hash(told)
        ]
        written = await asyncio.to_thread(self._written, stale)
        report = WritingReport()
        for (story_id, reports), briefing in zip(stale, written, strict=True):
            told_hash = items_hash(report.item for report in reports)
            state = replace(states[story_id], told_hash=told_hash)
            report.merged += len({report.item.source for report in reports}) > 1
            if isinstance(briefing, StoryUnusable):
                report.unusable.append(briefing)
            else:
                told = replace(briefing, id=state.briefing_id)
                state = await self._place(state, told, report)
            await self.stories.record(state)
        return report

    def _written(
        self, stories: Sequence[tuple[str, Sequence[Report]]]
    ) -> list[Briefing | StoryUnusable]:
        return [told for _, told in write_stories(stories, self.embedder, words=self.words)]

    async def _sorted(self) -> list[KeptItem]:
        """Items near those that are news, each with its story; none, if there is no news."""
        model = self.embedder.model_id
        earliest = await self.feeds.earliest_news()
        if earliest is None:
            return []
        recent = await self.feeds.recent(_LOOK_BACK, earliest, vector_model=model)
        items = await asyncio.to_thread(self._grouped, recent)
        was = {item.id: item for item in recent}
        await self.feeds.sort(
            (item for item in items if item is not was[item.id]), vector_model=model
        )
        return items

    def _grouped(self, items: Sequence[KeptItem]) -> list[KeptItem]:
        """The items with vectors and stories; those that had both are the same objects."""
        texts = {item.id: _plain(item) for item in items}
        bare = [item for item in items if item.vector is None]
        vectors = self.embedder.embed_passages([gist(i.title, texts[i.id]) for i in bare])
        found = {item.id: vector for item, vector in zip(bare, vectors, strict=True)}
        stories = group(
            StoryItem(
                id=item.id,
                source=item.source,
                title=item.title,
                text=texts[item.id],
                canonical=item.canonical,
                moment=item.moment,
                vector=item.vector if item.vector is not None else found[item.id],
                story_id=item.story_id,
            )
            for item in items
        )
        story_of = {member.id: story.id for story in stories for member in story.items}
        return [
            item
            if item.id not in found and item.story_id
            else replace(item, story_id=story_of[item.id], vector=found.get(item.id, item.vector))
            for item in items
        ]

    async def _place(
        self, state: StoryState, briefing: Briefing, report: WritingReport
    ) -> StoryState:
        """Put what was written where it belongs."""
        written_hash = text_hash(briefing)
        if written_hash == state.written_hash:
            return state
        kept = await self.curation.get(briefing.id)
        current = kept.briefing if kept else None
        if current is not None and text_hash(current) == written_hash:
            return replace(state, written_hash=written_hash)  # placed before a crash
        is_ours = current is not None and text_hash(current) == state.written_hash
        match current.status if current else None:
            case BriefingStatus.WITHDRAWN:
                return state
            case None:
                is_published = briefing.status is BriefingStatus.PUBLISHED
                (report.published if is_published else report.drafted).append(briefing.id)
                await self._keep(briefing, Action.PUBLISHED if is_published else Action.DRAFTED)
            case BriefingStatus.DRAFT if kept and is_ours:
                briefing = replace(briefing, status=BriefingStatus.DRAFT)
                await self._exchange(briefing, kept, Action.UPDATED, report.updated, report)
            case BriefingStatus.PUBLISHED if (
                kept and is_ours and briefing.status is BriefingStatus.PUBLISHED
            ):
                await self._exchange(briefing, kept, Action.PUBLISHED, report.published, report)
            case _:
                await self._revise(briefing, report)
        return replace(state, written_hash=written_hash)

    async def _exchange(
        self,
        briefing: Briefing,
        kept: KeptBriefing,
        action: Action,
        reported: list[str],
        report: WritingReport,
    ) -> None:
        """Put new text in the place of what nobody edited; a revision, if somebody just did."""
        exchanged = replace(briefing, slug=kept.briefing.slug)
        try:
            await self.curation.change(
                exchanged, expected=kept.version, by=BY_HEIDI, action=action, note=_NEW_REPORTS
            )
        except BriefingChanged:
            await self._revise(briefing, report)
        else:
            reported.append(briefing.id)

    async def _revise(self, briefing: Briefing, report: WritingReport) -> None:
        """Keep what was written as a draft that would replace what there is."""
        revision = replace(briefing, id=revision_id(briefing.id), status=BriefingStatus.DRAFT)
        report.revised.append(revision.id)
        await self._keep(revision, Action.REVISED)

    async def _keep(self, briefing: Briefing, action: Action) -> None:
        await self.briefings.upsert([briefing])
        await self.curation.note(briefing.id, by=BY_HEIDI, action=action)


def _plain(item: KeptItem) -> str:
    """The item's prose; its summary where it has no other."""
    blocks = clean_text(item.text or item.summary, title=item.title)
    return " ".join(block.text for block in blocks) or item.summary
