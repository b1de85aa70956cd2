"""Owns curation: a person decides what becomes of drafts and briefings.

Both the commands and the console decide here. Whoever has looked at a certain version names it, and
is told if it has changed meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from indexing.briefings import Briefing, BriefingStatus
from indexing.curation_store import Action, KeptBriefing, SqlCuration
from indexing.errors import BriefingChanged, BriefingUnknown, DraftUnknown
from indexing.story_store import revised_id

BY_COMMAND = "command line"
"""Who decided, where somebody gave a command."""


@dataclass(frozen=True, kw_only=True)
class Revised:
    """A draft, and the briefing that it would replace."""

    draft: KeptBriefing
    replaces: KeptBriefing | None


@dataclass(frozen=True, kw_only=True)
class CurationDesk:
    """What a curator does; each decision is logged with who made it."""

    curation: SqlCuration
    by: str = BY_COMMAND

    async def drafts(self) -> tuple[KeptBriefing, ...]:
        """Every draft, newest first."""
        return await self.curation.drafts()

    async def draft(self, draft_id: str) -> KeptBriefing:
        """The draft with this id.

        Raises:
            DraftUnknown: There is none.
        """
        found = await self.curation.get(draft_id)
        if found is None or found.briefing.status is not BriefingStatus.DRAFT:
            raise DraftUnknown(draft_id)
        return found

    async def revised(self, draft_id: str) -> Revised:
        """A draft with what it would replace.

        Raises:
            DraftUnknown: There is no such draft.
        """
        draft = await self.draft(draft_id)
        briefing_id = revised_id(draft_id)
        replaces = await self.curation.get(briefing_id) if briefing_id else None
        return Revised(draft=draft, replaces=replaces)

    async def publish(
        self, draft_id: str, *, expected: str | None = None, replacing: str | None = None
    ) -> Briefing:
        """Publish a draft; a revision takes the place of its briefing, under the same address.

        Args:
            draft_id: The draft.
            expected: Version that was looked at; none: whatever it is.
            replacing: Version of the briefing that it was compared with; none: whatever it is.

        Returns:
            The briefing as it is published; the index still has to be told.

        Raises:
            DraftUnknown: There is no such draft.
            BriefingChanged: It, or what it would replace, has changed meanwhile.
        """
        found = await self.revised(draft_id)
        published = replace(found.draft.briefing, status=BriefingStatus.PUBLISHED)
        version = expected or found.draft.version
        if found.replaces is None:
            await self.curation.change(
                published, expected=version, by=self.by, action=Action.PUBLISHED
            )
            return published
        old = found.replaces.briefing
        published = replace(published, id=old.id, slug=old.slug)
        await self.curation.replace_by(
            published,
            expected=replacing or found.replaces.version,
            draft_id=draft_id,
            draft_expected=version,
            by=self.by,
        )
        return published

    async def reject(self, draft_id: str, *, expected: str | None = None) -> Briefing:
        """Turn a draft down: it does not come back; of a revision, the briefing stays as it is.

        Raises:
            DraftUnknown: There is no such draft.
            BriefingChanged: It is not the expected version.
        """
        found = await self.revised(draft_id)
        draft, version = found.draft.briefing, expected or found.draft.version
        if found.replaces is None:
            withdrawn = replace(draft, status=BriefingStatus.WITHDRAWN)
            await self.curation.change(
                withdrawn, expected=version, by=self.by, action=Action.REJECTED
            )
        else:
            await self.curation.drop(draft_id, expected=version, by=self.by)
        return draft

    async def edit(
        self, briefing_id: str, edited: Briefing, *, expected: str | None = None
    ) -> Briefing:
        """Replace the content of a draft or briefing; it keeps its id, its address and its status.

        Raises:
            BriefingUnknown: There is none.
            BriefingChanged: It is not the expected version.
        """
        current = await self._known(briefing_id)
        before = current.briefing
        changed = replace(edited, id=before.id, slug=before.slug, status=before.status)
        if expected in (None, current.version) and changed == before:
            return changed
        await self.curation.change(
            changed, expected=expected or current.version, by=self.by, action=Action.EDITED
        )
        return changed

    async def withdraw(self, briefing_id: str, *, expected: str | None = None) -> Briefing:
        """Take a published briefing off the site; the next indexing job takes it out of answers.

        Raises:
            BriefingUnknown: There is none.
            BriefingChanged: It is not the expected version.
        """
        return await self._set(briefing_id, BriefingStatus.WITHDRAWN, Action.WITHDRAWN, expected)

    async def restore(self, briefing_id: str, *, expected: str | None = None) -> Briefing:
        """Publish what was withdrawn or rejected, or a draft.

        Raises:
            BriefingUnknown: There is none.
            BriefingChanged: It is not the expected version.
        """
        return await self._set(briefing_id, BriefingStatus.PUBLISHED, Action.PUBLISHED, expected)

    async def _set(
        self, briefing_id: str, status: BriefingStatus, action: Action, expected: str | None
    ) -> Briefing:
        current = await self._known(briefing_id)
        changed = replace(current.briefing, status=status)
        if current.briefing.status is status:
            if expected not in (None, current.version):
                raise BriefingChanged(briefing_id)
            return changed
        await self.curation.change(
            changed, expected=expected or current.version, by=self.by, action=action
        )
        return changed

    async def _known(self, briefing_id: str) -> KeptBriefing:
        found = await self.curation.get(briefing_id)
        if found is None:
            raise BriefingUnknown(briefing_id)
        return found
