"""Owns the HybridRetriever: dense and lexical search over one index, fused, aged and thinned out.

Dense search stays in Chroma; lexical search and lists read an in-memory catalogue, which is
rebuilt in a thread when the index's generation changes, never per query.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

import numpy as np
import structlog

from assistant.core.passages import Passage, RetrievalQuery
from assistant.core.terms import content_terms, terms
from assistant.retrieval import fusion
from assistant.retrieval.catalogue import Catalogue
from assistant.retrieval.diversity import select_diverse
from assistant.retrieval.understanding import Understanding, understand
from indexing.chunking import Chunk
from indexing.embedding import Embedder, Vectors
from indexing.index import IndexFilters, ScoredChunk

_DENSE_POOL = 64
"""Chunks taken from dense search; more change no ranking that was measured."""
_LEXICAL_POOL = 32
_PER_BRIEFING = 3
_BACKGROUND_RANK = 10
_RELEVANT_SHARE = 0.8
"""For "latest": passages this near to the best count as equally relevant, and date decides."""
_SHORT_REBUILD_S = 0.5
"""How long a query waits for a new catalogue before it goes on with the old one."""
_LONGEST_EMBEDDED = 1_000
"""Characters of a question that are embedded; the model reads 256 word pieces."""

_log = structlog.get_logger(__name__)


class ChunkIndex(Protocol):
    """What the retriever needs of an index; `indexing.index.BriefingIndex` is one."""

    @property
    def generation(self) -> int:
        """Changes whenever the content changes."""
        ...

    async def query(
        self, vector: Vectors, limit: int, filters: IndexFilters | None = None
    ) -> list[ScoredChunk]:
        """Chunks most similar to a query, best first."""
        ...

    async def all_chunks(self) -> list[Chunk]:
        """Every chunk."""
        ...


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    position: int
    chunk: Chunk
    similarity: float
    bm25: float


class HybridRetriever:
    """Finds passages of published briefings; implements `Retriever`.

    Args:
        index: where the chunks and their vectors are.
        embedder: embeds questions, in a thread.
    """

    def __init__(self, index: ChunkIndex, embedder: Embedder) -> None:
        self._index = index
        self._embedder = embedder
        self._catalogue: Catalogue | None = None
        self._rebuild: asyncio.Task[Catalogue] | None = None

    async def search(self, query: RetrievalQuery) -> tuple[Passage, ...]:
        """Best passages first, at most `query.limit`.

        With an empty text the newest briefings that pass the filters, by their first chunk.
        """
        catalogue = await self._current()
        if not len(catalogue) or query.limit < 1:
            return ()
        if not query.text.strip():
            return tuple(
                _listed(catalogue.chunks[position], number)
                for number, position in enumerate(catalogue.newest(query))
            )
        candidates = await self._candidates(query, catalogue)
        background = _background(candidates, catalogue)
        ranked = sorted(
            (_fused(candidate, query, catalogue, background) for candidate in candidates),
            key=lambda passage: (-passage.score, -passage.date.toordinal(), passage.chunk_id),
        )
        if query.prefers_recent:
            ranked = _by_date(ranked)
        kept = select_diverse(
            ((passage.briefing_id, passage.text) for passage in ranked),
            limit=query.limit,
            per_briefing=query.limit if query.briefing_ids else _PER_BRIEFING,
        )
        return tuple(ranked[position] for position in kept)

    async def understand(self, text: str, now: datetime) -> RetrievalQuery:
        """Read time, category, tone and source out of a question, as of `now`."""
        return (await self.read(text, now.date())).query

    async def read(self, text: str, today: date) -> Understanding:
        """Like `understand`, with the topic and whether briefings as such are asked for."""
        catalogue = await self._current()
        return understand(text, today, source_names=catalogue.source_names)

    async def briefing(self, briefing_id: str) -> tuple[Passage, ...]:
        """Every passage of a briefing in reading order; empty when it is not indexed."""
        catalogue = await self._current()
        return tuple(_listed(chunk, 0) for chunk in catalogue.briefing(briefing_id))

    async def term_weights(self, question: str) -> dict[str, float]:
        """How telling each content term of a question is among the briefings, in (0, 1]."""
        lexical = (await self._current()).lexical
        return {term: lexical.weight(term) for term in content_terms(question)[:64]}

    async def corrected(self, question: str) -> str:
        """A question with its slips of the pen mended towards the words of the briefings."""
        catalogue = await self._current()
        return await asyncio.to_thread(catalogue.spelling.corrected, question)

    async def warm(self) -> None:
        """Load the model and build the catalogue, so that the first visitor does not wait."""
        await asyncio.gather(self._current(), self._embed("warm"))

    async def _embed(self, text: str) -> Vectors:
        return await asyncio.to_thread(self._embedder.embed_queries, [text[:_LONGEST_EMBEDDED]])

    async def _candidates(self, query: RetrievalQuery, catalogue: Catalogue) -> list[_Candidate]:
        vector = await self._embed(query.text)
        dense, bm25 = await asyncio.gather(
            self._index.query(vector[0], _DENSE_POOL, _filters(query)),
            asyncio.to_thread(catalogue.lexical.scores, terms(query.text)),
        )
        found = {
            catalogue.positions[hit.chunk.id]: hit.similarity
            for hit in dense
            if hit.chunk.id in catalogue.positions
        }
        # What dense search left out is at most as similar as the last it returned.
        floor = min((hit.similarity for hit in dense), default=0.0)
        allowed = np.where(catalogue.allowed(query), bm25, 0.0)
        best = np.argsort(-allowed, kind="stable")[:_LEXICAL_POOL]
        places = [*found, *(int(p) for p in best if allowed[p] > 0 and int(p) not in found)]
        return [
            _Candidate(
                position=place,
                chunk=catalogue.chunks[place],
                similarity=found.get(place, floor),
                bm25=float(bm25[place]),
            )
            for place in places
        ]

    async def _current(self) -> Catalogue:
        """The catalogue of the index's generation, or the one before while a new one is built."""
        if self._catalogue is not None and self._catalogue.generation == self._index.generation:
            return self._catalogue
        if self._rebuild is None or self._rebuild.done():
            self._rebuild = asyncio.create_task(self._build())
        if self._catalogue is None:
            return await asyncio.shield(self._rebuild)
        await asyncio.wait({self._rebuild}, timeout=_SHORT_REBUILD_S)
        return self._catalogue

    async def _build(self) -> Catalogue:
        generation = self._index.generation
        chunks = await self._index.all_chunks()
        catalogue = await asyncio.to_thread(Catalogue, chunks, generation)
        self._catalogue = catalogue
        _log.info("catalogue built", chunks=len(catalogue), generation=generation)
        return catalogue


def _filters(query: RetrievalQuery) -> IndexFilters:
    return IndexFilters(
        since=None if query.is_period_soft else query.since,
        until=None if query.is_period_soft else query.until,
        categories=query.categories,
        sentiment=query.sentiment,
        briefing_ids=query.briefing_ids,
    )


def _background(candidates: Sequence[_Candidate], catalogue: Catalogue) -> float | None:
    """Relevance of the tenth best briefing: what merely stands near the question."""
    best: dict[str, float] = {}
    for candidate in candidates:
        briefing_id = candidate.chunk.briefing_id
        best[briefing_id] = max(best.get(briefing_id, -1.0), _relevance(candidate, catalogue))
    ranked = sorted(best.values(), reverse=True)
    return ranked[_BACKGROUND_RANK - 1] if len(ranked) >= _BACKGROUND_RANK else None


def _lexical(candidate: _Candidate, catalogue: Catalogue) -> float:
    return fusion.lexical_part(candidate.bm25, catalogue.lexical.greatest_idf)


def _relevance(candidate: _Candidate, catalogue: Catalogue) -> float:
    return fusion.relevance(candidate.similarity, _lexical(candidate, catalogue))


def _fused(
    candidate: _Candidate, query: RetrievalQuery, catalogue: Catalogue, background: float | None
) -> Passage:
    chunk = candidate.chunk
    relevance = _relevance(candidate, catalogue)
    recency = fusion.recency_part(chunk.date, query.as_of) if query.as_of else 0.0
    score = relevance + fusion.RECENCY_WEIGHT * recency + _boost(candidate, query, catalogue)
    return replace(
        _passage(chunk),
        score=fusion.bounded(score),
        similarity=candidate.similarity,
        scores={
            "lexical": round(_lexical(candidate, catalogue), 4),
            "relevance": round(relevance, 4),
            "recency": round(recency, 4),
            **({} if background is None else {"background": round(background, 4)}),
        },
    )


def _boost(candidate: _Candidate, query: RetrievalQuery, catalogue: Catalogue) -> float:
    boost = 0.0
    if query.is_period_soft and catalogue.is_in_period(
        candidate.position, query.since, query.until
    ):
        boost += fusion.SOFT_PERIOD_WEIGHT
    if query.source and candidate.chunk.source_name == query.source:
        boost += fusion.SOURCE_WEIGHT
    return boost


def _by_date(ranked: Sequence[Passage]) -> list[Passage]:
    """Relevant passages newest first, then the others as ranked."""
    if not ranked:
        return []
    least = _RELEVANT_SHARE * max(float(passage.scores["relevance"]) for passage in ranked)
    relevant = [p for p in ranked if float(p.scores["relevance"]) >= least]
    others = [p for p in ranked if float(p.scores["relevance"]) < least]
    return sorted(relevant, key=lambda passage: -passage.date.toordinal()) + others


def _listed(chunk: Chunk, rank: int) -> Passage:
    """A chunk that was not searched for but listed."""
    return replace(_passage(chunk), score=1.0 / (1 + rank))


def _passage(chunk: Chunk) -> Passage:
    return Passage(
        chunk_id=chunk.id,
        briefing_id=chunk.briefing_id,
        title=chunk.title,
        path=chunk.path,
        date=chunk.date,
        category=chunk.category,
        section=chunk.section,
        sentiment=chunk.sentiment,
        source_name=chunk.source_name,
        source_url=chunk.source_url,
        text=chunk.text,
        score=0.0,
        similarity=0.0,
    )
