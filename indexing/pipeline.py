"""Owns the indexing job: what SQL says is pending becomes vectors in the index.

The job may be killed at any moment and started again: a briefing is marked only after its chunks
are stored, and storing the same chunks again changes nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from indexing.chunking import BriefingChunker, Chunk
from indexing.embedding import Embedder, TokenCounter, Vectors, count_packaged_tokens
from indexing.errors import IndexingStalled
from indexing.index import BriefingIndex
from indexing.repository import IndexedBriefing, PendingBriefing, SqlBriefings
from indexing.settings import IndexingSettings

_BATCH = 256
"""Briefings that are asked for at once."""
_GROUP = 32
"""Briefings between two commits: twice as many are embedded again after a crash. The more there
are, the more chunks of equal length can be embedded together."""


@dataclass(frozen=True, kw_only=True)
class IndexingProgress:
    """How far a job is."""

    done: int
    total: int
    """Briefings that were pending when it began."""


@dataclass(frozen=True, kw_only=True)
class IndexingReport:
    """What a job did."""

    indexed: int
    removed: int
    unchanged: int
    """Published briefings that were indexed before."""
    chunks: int
    """Chunks that were embedded."""
    seconds: float


ProgressListener = Callable[[IndexingProgress], None]


class IndexingJob:
    """Brings the index in line with the briefings; only the owner of the index may run it.

    Args:
        repository: The briefings.
        index: Where their chunks go.
        embedder: Makes the vectors; the one that the index was opened with.
        chunker: Cuts the briefings; none: as the index's settings say.
    """

    def __init__(
        self,
        repository: SqlBriefings,
        index: BriefingIndex,
        embedder: Embedder,
        chunker: BriefingChunker | None = None,
    ) -> None:
        self._repository = repository
        self._index = index
        self._embedder = embedder
        self._chunker = chunker or chunker_for(index.settings, embedder)
        self._running = asyncio.Lock()

    async def run(self, progress: ProgressListener | None = None) -> IndexingReport:
        """Index what is pending and remove what is no longer published.

        Unchanged briefings are not embedded again. A second call waits for the first one.

        Args:
            progress: Called now and then, first with nothing done, also from other threads.
        """
        async with self._running:
            return await self._run(progress or (lambda _: None))

    async def _run(self, progress: ProgressListener) -> IndexingReport:
        started = time.monotonic()
        await self._reconcile()
        total = await self._repository.pending_count()
        unchanged = await self._repository.published_count()
        indexed = removed = chunks = 0
        progress(IndexingProgress(done=0, total=total))
        while work := await self._repository.pending(_BATCH):
            removed += await self._remove(work.to_remove)
            done = indexed + removed
            chunks += await self._add(work.to_index, _from(done, total, progress))
            indexed += len(work.to_index)
            done = indexed + removed
            progress(IndexingProgress(done=done, total=max(total, done)))
        return IndexingReport(
            indexed=indexed,
            removed=removed,
            unchanged=max(0, unchanged - indexed),
            chunks=chunks,
            seconds=time.monotonic() - started,
        )

    async def _reconcile(self) -> None:
        """Find what SQL believes to be indexed and is not, as after the folder was deleted."""
        expected = await self._repository.indexed_chunks()
        if await self._index.count() == sum(expected.values()):
            return
        found = await self._index.chunks_per_briefing()
        await self._index.delete_briefings(sorted(found.keys() - expected.keys()))
        await self._repository.reset_indexed(
            [key for key, chunks in expected.items() if found.get(key, 0) != chunks]
        )

    async def _remove(self, briefing_ids: Sequence[str]) -> int:
        await self._index.delete_briefings(briefing_ids)
        await self._repository.mark_indexed(
            [IndexedBriefing(briefing_id=briefing_id) for briefing_id in briefing_ids]
        )
        return len(briefing_ids)

    async def _add(self, pending: Sequence[PendingBriefing], listen: Callable[[int], None]) -> int:
        """Cut, embed and store: beside the embedding of a group, others are cut and stored."""
        groups = [pending[start : start + _GROUP] for start in range(0, len(pending), _GROUP)]
        loop = asyncio.get_running_loop()
        cutter = ThreadPoolExecutor(1, thread_name_prefix="cut")
        cuts = [loop.run_in_executor(cutter, self._cut, group) for group in groups]
        storing: asyncio.Task[None] | None = None
        chunks = done = 0
        try:
            for group, cutting in zip(groups, cuts, strict=True):
                cut = await cutting
                texts = [chunk.embedded_text for pieces in cut for chunk in pieces]
                vectors = await asyncio.to_thread(
                    self._embedder.embed_passages, texts, _shared(listen, done, group, texts)
                )
                if storing:
                    await storing
                storing = asyncio.create_task(self._store(group, cut, vectors))
                chunks += len(texts)
                done += len(group)
        finally:
            cutter.shutdown(wait=False, cancel_futures=True)
            if storing:
                await storing
        return chunks

    def _cut(self, pending: Sequence[PendingBriefing]) -> list[tuple[Chunk, ...]]:
        return [self._chunker.chunks(item.briefing) for item in pending]

    async def _store(
        self, group: Sequence[PendingBriefing], cut: Sequence[Sequence[Chunk]], vectors: Vectors
    ) -> None:
        await self._index.upsert([chunk for pieces in cut for chunk in pieces], vectors)
        await self._repository.mark_indexed(
            [
                IndexedBriefing(
                    briefing_id=item.briefing.id,
                    content_hash=item.content_hash,
                    chunks=len(pieces),
                )
                for item, pieces in zip(group, cut, strict=True)
            ]
        )


def _shared(
    listen: Callable[[int], None],
    done: int,
    group: Sequence[PendingBriefing],
    texts: Sequence[str],
) -> Callable[[int], None]:
    """Passes on how many briefings are done when so many texts of a group are embedded."""
    return lambda embedded: listen(done + embedded * len(group) // len(texts))


def _from(done: int, total: int, progress: ProgressListener) -> Callable[[int], None]:
    """Passes on how many briefings of a batch are embedded."""
    return lambda more: progress(IndexingProgress(done=done + more, total=max(total, done + more)))


def chunker_for(settings: IndexingSettings, embedder: Embedder) -> BriefingChunker:
    """The chunker that counts tokens as the embedding model does, where the model can tell."""
    count: TokenCounter = getattr(embedder, "count_tokens", count_packaged_tokens)
    return BriefingChunker(count, settings.chunk_tokens)


async def rebuild(
    settings: IndexingSettings,
    repository: SqlBriefings,
    embedder: Embedder,
    progress: ProgressListener | None = None,
) -> IndexingReport:
    """Throw the index away and build it again from the briefings.

    Raises:
        IndexBusy: Another process owns the index.
    """
    index = await BriefingIndex.open(settings, embedder, fresh=True)
    try:
        await repository.reset_indexed()
        return await IndexingJob(repository, index, embedder).run(progress)
    finally:
        await index.close()


async def wait_until_indexed(
    repository: SqlBriefings,
    progress: ProgressListener | None = None,
    *,
    stalled_after_s: float = 120.0,
    poll_s: float = 0.5,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Wait for the process that owns the index to work off what is pending.

    Args:
        repository: The briefings.
        progress: Called whenever some are done, first with nothing done.
        stalled_after_s: Longest time without any briefing being done.
        poll_s: Time between two looks.
        sleep: Waits for a number of seconds.

    Raises:
        IndexingStalled: Nothing was done for too long.
    """
    total = left = await repository.pending_count()
    idle_s = 0.0
    while left:
        if progress:
            progress(IndexingProgress(done=max(0, total - left), total=total))
        if idle_s >= stalled_after_s:
            raise IndexingStalled(left)
        await sleep(poll_s)
        now_left = await repository.pending_count()
        idle_s = 0.0 if now_left < left else idle_s + poll_s
        total, left = max(total, now_left), now_left
    if progress:
        progress(IndexingProgress(done=total, total=total))
