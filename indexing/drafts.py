"""Owns curation: a person decides what becomes of a draft."""

from __future__ import annotations

from dataclasses import dataclass, replace

from indexing.briefings import Briefing, BriefingStatus
from indexing.errors import DraftUnknown
from indexing.repository import SqlBriefings
from indexing.story_store import SqlStories, revised_id


@dataclass(frozen=True, kw_only=True)
class CurationDesk:
    """What a curator does with drafts."""

    briefings: SqlBriefings
    stories: SqlStories

    async def draft(self, draft_id: str) -> Briefing:
        """The draft with this id.

        Raises:
            DraftUnknown: There is none.
        """
        found = await self.briefings.get(draft_id)
        if found is None or found.status is not BriefingStatus.DRAFT:
            raise DraftUnknown(draft_id)
        return found

    async def publish(self, draft_id: str) -> Briefing:
        """Publish a draft; a revision takes the place of its briefing, under the same address.

        Returns:
            The briefing as it is published; the index still has to be told.

        Raises:
            DraftUnknown: There is no such draft.
        """
        draft = await self.draft(draft_id)
        replaced = await self._replaced(draft)
        if replaced is None:
            await self.briefings.publish(draft.id)
            return replace(draft, status=BriefingStatus.PUBLISHED)
        published = replace(
            draft, id=replaced.id, slug=replaced.slug, status=BriefingStatus.PUBLISHED
        )
        await self.briefings.upsert([published])
        await self.briefings.publish(published.id)
        await self.stories.drop_draft(draft.id)
        return published

    async def reject(self, draft_id: str) -> Briefing:
        """Turn a draft down: it does not come back; of a revision, the briefing stays as it is.

        Raises:
            DraftUnknown: There is no such draft.
        """
        draft = await self.draft(draft_id)
        if await self._replaced(draft) is None:
            await self.briefings.withdraw(draft.id)
        else:
            await self.stories.drop_draft(draft.id)
        return draft

    async def edit(self, draft_id: str, edited: Briefing) -> Briefing:
        """Replace a draft's content; it keeps its id and waits to be published.

        Raises:
            DraftUnknown: There is no such draft.
        """
        draft = await self.draft(draft_id)
        changed = replace(edited, id=draft.id, slug=draft.slug, status=BriefingStatus.DRAFT)
        await self.briefings.upsert([changed])
        return changed

    async def _replaced(self, draft: Briefing) -> Briefing | None:
        """The briefing that a draft is a revision of."""
        briefing_id = revised_id(draft.id)
        return await self.briefings.get(briefing_id) if briefing_id else None
