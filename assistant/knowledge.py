"""Owns the server's side of the knowledge: opening the index, keeping it up to date, searching it.

One process owns the Chroma folder; while the server runs, it is the one. Whoever else changes
briefings (`heidi index`) writes them to the database, and the loop here indexes them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from assistant.core.passages import RetrievalQuery
from assistant.retrieval.hybrid import HybridRetriever
from assistant.retrieval.reranking import Reranker
from indexing.briefings import Briefing
from indexing.embedding import Embedder
from indexing.index import BriefingIndex
from indexing.pipeline import IndexingJob
from indexing.repository import SqlBriefings
from indexing.settings import IndexingSettings

logger = structlog.get_logger(__name__)

SNIPPET_CHARACTERS = 220


def _is_usable(reranker: Reranker) -> bool:
    """Whether a reranker works; without it answers are only a little worse."""
    try:
        reranker.scores("Hello", ["Hello"])
    except Exception as error:
        logger.error("reranker.unusable", setting="HEIDI_RERANK_MODEL", reason=str(error))
        return False
    return True


class Knowledge:
    """The open index with what searches and fills it.

    Args:
        briefings: where briefings are kept.
        index: the open vector index.
        embedder: makes its vectors.
        reranker: puts the best passages into a better order; None: they stay as they are.
    """

    def __init__(
        self,
        briefings: SqlBriefings,
        index: BriefingIndex,
        embedder: Embedder,
        reranker: Reranker | None = None,
    ) -> None:
        self.briefings = briefings
        self.index = index
        self.embedder = embedder
        self.retriever = HybridRetriever(index, embedder, reranker)
        self._job = IndexingJob(briefings, index, embedder)

    @classmethod
    async def open(
        cls,
        settings: IndexingSettings,
        briefings: SqlBriefings,
        embedder: Embedder,
        reranker: Reranker | None = None,
    ) -> Knowledge:
        """Load the models and open the index; a reranker that can't be loaded is done without.

        Raises:
            IndexingError: the index belongs to another model or another process.
        """
        index = await BriefingIndex.open(settings, embedder)
        try:
            # Loads the model now: the first visitor would wait seconds for it.
            await asyncio.to_thread(embedder.embed_queries, ["Hello"])
        except BaseException:
            await index.close()
            raise
        if reranker is not None and not await asyncio.to_thread(_is_usable, reranker):
            reranker = None
        return cls(briefings, index, embedder, reranker)

    async def keep_indexed(
        self,
        poll_s: float,
        *,
        after_update: Callable[[], Awaitable[None]],
        ran: Callable[[str, bool], None] = lambda _job, _ok: None,
    ) -> None:
        """Index whatever waits for it, for ever.

        Args:
            poll_s: how often to look.
            after_update: called at the start and after every change of the index.
            ran: is told of each run and whether it went well.
        """
        is_changed = True
        while True:
            try:
                if await self.briefings.pending_count():
                    report = await self._job.run()
                    logger.info("index.updated", indexed=report.indexed, removed=report.removed)
                    is_changed = True
                    ran("index", True)
                if is_changed:
                    is_changed = False
                    await after_update()
            except Exception:
                logger.exception("index.update_failed")
                ran("index", False)
            await asyncio.sleep(poll_s)

    async def search_briefings(self, text: str, limit: int) -> Sequence[tuple[Briefing, str]]:
        """Briefings for the site's search, best first, each with the passage that shows why."""
        passages = await self.retriever.search(RetrievalQuery(text=text, limit=limit * 2))
        snippets: dict[str, str] = {}
        for passage in passages:
            snippets.setdefault(passage.briefing_id, passage.text[:SNIPPET_CHARACTERS])
        found = {briefing.id: briefing for briefing in await self.briefings.by_ids(list(snippets))}
        return [(found[key], snippet) for key, snippet in snippets.items() if key in found][:limit]

    async def close(self) -> None:
        """Release the index."""
        await self.index.close()
