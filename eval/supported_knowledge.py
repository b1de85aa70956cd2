"""Owns the index of a file of posts, made by the real indexing job and kept for the next run.

The folder's name is a digest of all it is made from: the posts, the code that writes, cuts and
embeds, and its settings. Whatever changes, the next run makes another index; old ones may be
deleted.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import indexing
from assistant.core.passages import Passage, RetrievalQuery
from eval.knowledge import FilledIndex, filled_index
from indexing.briefings import Briefing
from indexing.embedding import embedder_for
from indexing.errors import PostInvalid
from indexing.pipeline import ProgressListener
from indexing.posts import Post, read_posts, unique_posts
from indexing.settings import IndexingSettings
from indexing.writing import write_briefings

_WRITTEN = "written"
"""File that says that every briefing is in the folder's database."""
_MOST_BRIEFINGS = 1_000_000
_NOON = time(12)


@dataclass(frozen=True, kw_only=True)
class PostsIndex:
    """What Heidi knows of a file of posts."""

    filled: FilledIndex
    newest: tuple[Passage, ...]
    """One passage of every briefing, newest first."""

    @property
    def now(self) -> datetime:
        """The moment at which questions are asked: noon of the day after the newest post."""
        return datetime.combine(self.newest[0].date + timedelta(days=1), _NOON, UTC)

    @property
    def briefing_ids(self) -> tuple[str, ...]:
        """Ids of all briefings."""
        return tuple(passage.briefing_id for passage in self.newest)


@asynccontextmanager
async def posts_index(
    posts: Path, cache: Path, on_stage: Callable[[str], None], progress: ProgressListener
) -> AsyncIterator[PostsIndex]:
    """An index of these posts: the one in the cache, or a new one.

    Args:
        posts: a file as `heidi index add --jsonl` takes it.
        cache: folder of indexes.
        on_stage: told what is being done.
        progress: told how far the indexing is.

    Raises:
        PostInvalid: the file can't be read, or no briefing can be written from it.
    """
    folder = cache / digest_of(posts)
    written = folder / _WRITTEN
    briefings: Sequence[Briefing] = ()
    if not written.exists():
        on_stage("Writing briefings")
        briefings = await asyncio.to_thread(_briefings_of, posts)
        folder.mkdir(parents=True, exist_ok=True)
    on_stage("Indexing")
    async with filled_index(folder, briefings, progress) as filled:
        written.touch()
        newest = await filled.retriever.search(RetrievalQuery(text="", limit=_MOST_BRIEFINGS))
        yield PostsIndex(filled=filled, newest=newest)


def digest_of(posts: Path) -> str:
    """SHA-256 (hex, 12 digits) of all that an index of the posts is made from.

    Raises:
        PostInvalid: the file can't be read.
    """
    try:
        digest = hashlib.sha256(posts.read_bytes())
    except OSError as error:
        raise PostInvalid(posts, 0, f"cannot be read: {error.strerror}") from error
    settings = IndexingSettings()
    made_with = (settings.embedding_model, settings.chunk_tokens, settings.briefing_words)
    digest.update(repr(made_with).encode())
    for source in sorted(Path(indexing.__path__[0]).glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def _briefings_of(path: Path) -> list[Briefing]:
    posts = unique_posts(item for item in read_posts(path) if isinstance(item, Post))
    written = write_briefings(posts, embedder_for(IndexingSettings()))
    briefings = [item for item in written if isinstance(item, Briefing)]
    if not briefings:
        raise PostInvalid(path, 0, "holds no post that a briefing can be written from")
    return briefings
