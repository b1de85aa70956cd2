"""Owns keeping stories in SQL: which briefing tells each, and what was written from what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from indexing.briefings import Briefing, BriefingStatus
from indexing.database import SqlStore, sliced, upserting
from indexing.feed_store import KeptItem
from indexing.tables import stories_table

_STORIES = stories_table
_REVISION = "-revision"


@dataclass(frozen=True, kw_only=True)
class StoryState:
    """What was made of a story so far."""

    id: str
    briefing_id: str
    """The briefing that tells it."""
    told_hash: str | None = None
    """Of the items that it was written from last."""
    written_hash: str | None = None
    """Of the text that was written last."""


def briefing_id_of(story_id: str) -> str:
    """Id of the briefing that tells a story, unless its state names another."""
    return f"story-{story_id}"


def revision_id(briefing_id: str) -> str:
    """Id of the draft that would replace a briefing."""
    return f"{briefing_id}{_REVISION}"


def revised_id(draft_id: str) -> str | None:
    """Id of the briefing that a draft would replace; none: it is a new one."""
    return draft_id.removesuffix(_REVISION) if draft_id.endswith(_REVISION) else None


def items_hash(items: Iterable[KeptItem]) -> str:
    """SHA-256 (hex) of what a story's briefing depends on."""
    parts = sorted(f"{item.id} {item.content_hash}" for item in items)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def text_hash(briefing: Briefing) -> str:
    """SHA-256 (hex) of a briefing's content, wherever it stands and whatever its status."""
    return replace(briefing, id="", slug="", status=BriefingStatus.DRAFT).content_hash


class SqlStories(SqlStore):
    """Stories in SQLite or PostgreSQL."""

    async def states(self, ids: Sequence[str]) -> dict[str, StoryState]:
        """What was made of some stories; new ones are in it, too."""
        columns = _STORIES.c
        found: dict[str, StoryState] = {
            key: StoryState(id=key, briefing_id=briefing_id_of(key)) for key in ids
        }
        async with self._engine.connect() as connection:
            for part in sliced(ids):
                rows = await connection.execute(
                    select(
                        columns.id, columns.briefing_id, columns.told_hash, columns.written_hash
                    ).where(columns.id.in_(part))
                )
                found.update((row["id"], StoryState(**row)) for row in rows.mappings())
        return found

    async def record(self, state: StoryState) -> None:
        """Keep what was made of a story."""
        values: dict[str, Any] = {
            "briefing_id": state.briefing_id,
            "told_hash": state.told_hash,
            "written_hash": state.written_hash,
            "updated_at": self._clock(),
        }
        insert = upserting(self._engine.dialect.name)
        async with self._engine.begin() as connection:
            await connection.execute(
                insert(_STORIES)
                .values(id=state.id, **values)
                .on_conflict_do_update(index_elements=[_STORIES.c.id], set_=values)
            )
