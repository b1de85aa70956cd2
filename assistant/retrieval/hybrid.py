"""Owns the HybridRetriever: dense and lexical search over one index, fused, aged and thinned out.

Both search the in-memory catalogue, which is rebuilt in a thread when the index's generation
changes, never per query. Where the index does not hand out its vectors, or too many of them, dense
search is left to it.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from typing import Protocol, runtime_checkable

import numpy as np
import structlog

from assistant.core.passages import Passage, RetrievalQuery
from assistant.core.terms import content_terms, terms
from assistant.retrieval.arrays import BoolVector, IntVector
from assistant.retrieval.catalogue import Catalogue
from assistant.retrieval.diversity import select_diverse, shingles
from assistant.retrieval.fusion import Scores
from assistant.retrieval.ranking import Candidates, Ranking, as_passage, rank
from assistant.retrieval.reranking import Reranker
from assistant.retrieval.understanding import Understanding, understand
from assistant.retrieval.vector_space import Neighbours
from indexing.chunking import Chunk
from indexing.embedding import Embedder, Vectors
from indexing.index import ScoredChunk
from indexing.index_rows import IndexFilters

_DENSE_POOL = 64
"""Chunks taken from dense search; more change no ranking that was measured."""
_LEXICAL_POOL = 32
_RERANKED = 24
"""Passages that a reranker reads."""
_PER_BRIEFING = 3
_PREPARED = 24
"""Lexical finds that are made ready to be compared, while the model computes and not longer."""
_HEAD_START_S = 0.001
"""What the embedding of a question needs to get from Python into the model."""
_SHORT_REBUILD_S = 0.5
"""How long a query waits for a new catalogue before it goes on with the old one."""
_LONGEST_SEARCHED = 1_000
"""Characters of a question that are embedded; the model reads 256 word pieces."""
_LONGEST_READ = 4_000
"""Characters of a question of which the words are looked up."""
_MOST_IN_MEMORY = 250_000
"""Chunks whose vectors are kept in memory: 400 MB of the packaged model's."""

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


@runtime_checkable
class VectorSource(Protocol):
    """An index that also hands out its vectors, and only those that are asked for."""

    async def refresh(self) -> None:
        """Notice what other processes changed some seconds ago; costs nothing in between."""
        ...

    async def chunk_ids(self) -> list[str]:
        """The ids of every chunk; an id stands for one content."""
        ...

    async def chunks_with_vectors(self, chunk_ids: Sequence[str]) -> list[tuple[Chunk, Vectors]]:
        """Those of the chunks that are there, each with its vector of length one."""
        ...


class HybridRetriever:
    """Finds passages of published briefings; implements `Retriever`.

    Args:
        index: where the chunks and their vectors are.
        embedder: embeds questions, in a thread.
        reranker: reads the best passages again; none: they stay as ranked.
    """

    def __init__(
        self, index: ChunkIndex, embedder: Embedder, reranker: Reranker | None = None
    ) -> None:
        self._index = index
        self._source = index if isinstance(index, VectorSource) else None
        self._embedder = embedder
        self._reranker = reranker
        self._threads = ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="search")
        self._catalogue: Catalogue | None = None
        self._rebuild: asyncio.Task[Catalogue] | None = None

    @property
    def generation(self) -> object:
        """The index's generation that is searched; None before the first search."""
        return self._catalogue.generation if self._catalogue else None

    @property
    def size(self) -> int:
        """Chunks that are searched now."""
        return len(self._catalogue) if self._catalogue else 0

    async def search(self, query: RetrievalQuery) -> tuple[Passage, ...]:
        """Best passages first, at most `query.limit`.

        With an empty text the newest briefings that pass the filters, by their first chunk.
        """
        catalogue = await self._current()
        if not len(catalogue) or query.limit < 1:
            return ()
        if not query.text.strip():
            return tuple(
                as_passage(catalogue.chunks[position], score=1.0 / (1 + number))
                for number, position in enumerate(catalogue.newest(query))
            )
        ranking = rank(await self._candidates(query, catalogue), query, catalogue)
        order = await self._order(ranking, query)
        kept = select_diverse(
            (catalogue.ranked(ranking.positions[place]) for place in order),
            limit=query.limit,
            per_briefing=query.limit if query.briefing_ids else _PER_BRIEFING,
            prefers_versions=not (query.since or query.until),
        )
        passages = [ranking.passage(order[place]) for place in kept]
        return tuple(passages if query.prefers_recent else _falling(passages))

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
        return tuple(as_passage(chunk, score=1.0) for chunk in catalogue.briefing(briefing_id))

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
        if self._rebuild is not None:
            # A search makes do with the catalogue before; what is prepared is the new one.
            await asyncio.wait({self._rebuild})

    async def _embed(self, text: str) -> Vectors:
        return await asyncio.wrap_future(self._embedding(text))

    def _embedding(self, text: str) -> Future[Vectors]:
        """The vector of a question, as soon as a thread of the retriever's own has computed it."""
        asked = [text[:_LONGEST_SEARCHED]]
        return self._threads.submit(lambda: np.asarray(self._embedder.embed_queries(asked)[0]))

    async def _candidates(self, query: RetrievalQuery, catalogue: Catalogue) -> Candidates:
        embedding = self._embedding(query.text)
        embedded = asyncio.wrap_future(embedding)
        # The model computes outside of Python, beside the search for words; but its thread first
        # needs the interpreter, which this one would not hand over in time on its own.
        await asyncio.wait({embedded}, timeout=_HEAD_START_S)
        allowed = catalogue.allowed(query)
        matches = catalogue.lexical.matches(terms(query.text[:_LONGEST_READ]))
        lexical = matches.best(_LEXICAL_POOL, allowed)
        for position in matches.order(lexical)[:_PREPARED].tolist():
            # Its thread can say so only when it is given the interpreter.
            time.sleep(0)
            if embedding.done():
                break
            shingles(catalogue.chunks[position].text)
        vector = await embedded
        near = await self._nearest(vector, query, allowed, catalogue)
        positions, similarities = _merged(near, lexical, vector, catalogue)
        offsets = np.zeros(len(positions))
        if catalogue.space:
            offsets = catalogue.space.offsets[positions].astype(np.float64)
        return Candidates(
            positions=positions,
            similarities=similarities,
            offsets=offsets,
            bm25=matches.scores(positions),
        )

    async def _nearest(
        self,
        vector: Vectors,
        query: RetrievalQuery,
        allowed: BoolVector | None,
        catalogue: Catalogue,
    ) -> Neighbours:
        if catalogue.space is not None:
            return catalogue.space.nearest(vector, _DENSE_POOL, allowed)
        hits = await self._index.query(vector, _DENSE_POOL, _filters(query))
        known = [hit for hit in hits if hit.chunk.id in catalogue.positions]
        return Neighbours(
            positions=np.array([catalogue.positions[hit.chunk.id] for hit in known], np.int64),
            similarities=np.array([hit.similarity for hit in known], np.float32),
        )

    async def _order(self, ranking: Ranking, query: RetrievalQuery) -> list[int]:
        """Places of the ranking, the first ones as the reranker sees them."""
        order = list(range(len(ranking)))
        if self._reranker is None or query.prefers_recent:
            return order
        head = order[:_RERANKED]
        texts = [chunk.embedded_text for chunk, _ in zip(ranking, head, strict=False)]
        question = query.text[:_LONGEST_SEARCHED]
        scores = await asyncio.to_thread(self._reranker.scores, question, texts)
        return sorted(head, key=lambda place: -scores[place]) + order[_RERANKED:]

    async def _current(self) -> Catalogue:
        """The catalogue of the index's generation, or the one before while a new one is built."""
        if self._source:
            # The index would notice when it is queried, which it is not.
            await self._source.refresh()
        if self._catalogue is not None and self._catalogue.generation == self._index.generation:
            return self._catalogue
        if self._rebuild is None or self._rebuild.done():
            self._rebuild = asyncio.create_task(self._build())
        if self._catalogue is None:
            return await asyncio.shield(self._rebuild)
        await asyncio.wait({self._rebuild}, timeout=_SHORT_REBUILD_S)
        return self._catalogue

    async def _build(self) -> Catalogue:
        generation, previous = self._index.generation, self._catalogue
        chunks, vectors = await self._read(previous)
        catalogue = await asyncio.to_thread(
            Catalogue, chunks, generation, vectors=vectors, previous=previous
        )
        self._catalogue = catalogue
        _log.info("catalogue built", chunks=len(catalogue), generation=generation)
        return catalogue

    async def _read(
        self, previous: Catalogue | None
    ) -> tuple[Sequence[Chunk], Mapping[str, Vectors] | None]:
        """Every chunk, and the vectors of new ones; None for these when none are kept."""
        ids = await self._source.chunk_ids() if self._source else []
        if not self._source or len(ids) > _MOST_IN_MEMORY:
            return await self._index.all_chunks(), None
        held = previous.positions if previous and previous.space is not None else {}
        new = await self._source.chunks_with_vectors([name for name in ids if name not in held])
        kept = [previous.chunks[held[name]] for name in ids if name in held] if previous else []
        return [*kept, *(chunk for chunk, _ in new)], {chunk.id: row for chunk, row in new}


def _merged(
    near: Neighbours, lexical: IntVector, vector: Vectors, catalogue: Catalogue
) -> tuple[IntVector, Scores]:
    """Positions and similarities of what dense and lexical search found, each once."""
    seen = set(near.positions.tolist())
    added = np.array([at for at in lexical.tolist() if at not in seen], dtype=np.int64)
    if catalogue.space is not None:
        similarities = catalogue.space.similarities(vector, added)
    else:
        # What dense search left out is at most as similar as the last it returned.
        floor = near.similarities.min() if len(near.similarities) else 0.0
        similarities = np.full(len(added), floor)
    return (
        np.concatenate([near.positions, added]),
        np.concatenate([near.similarities, similarities]).astype(np.float64),
    )


def _falling(passages: Sequence[Passage]) -> list[Passage]:
    """No passage scores less than one below it: what was moved up counts as what it passed."""
    found: list[Passage] = []
    for passage in reversed(passages):
        least = found[-1].score if found else 0.0
        found.append(passage if passage.score >= least else replace(passage, score=least))
    return found[::-1]


def _filters(query: RetrievalQuery) -> IndexFilters:
    return IndexFilters(
        since=None if query.is_period_soft else query.since,
        until=None if query.is_period_soft else query.until,
        categories=query.categories,
        sentiment=query.sentiment,
        briefing_ids=query.briefing_ids,
    )
