"""Owns ordering what was found: every part of the score, for all candidates at once. Pure.

Does not own finding candidates (`hybrid.py`), the weights (`fusion.py`) or what is left out of the
result (`diversity.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from assistant.core.events import JsonObject
from assistant.core.passages import Passage, RetrievalQuery
from assistant.retrieval import fusion
from assistant.retrieval.arrays import IntVector
from assistant.retrieval.catalogue import Catalogue
from indexing.chunking import Chunk

_BACKGROUND_RANK = 10
_RELEVANT_SHARE = 0.8
"""For "latest": passages this near to the best count as equally relevant, and date decides."""


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Chunks that may answer, in no order."""

    positions: IntVector
    """In the catalogue."""
    similarities: fusion.Scores
    offsets: fusion.Scores
    """What crowdedness takes off each one's similarity."""
    bm25: fusion.Scores


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Candidates, best first."""

    catalogue: Catalogue
    positions: IntVector
    scores: fusion.Scores
    similarities: fusion.Scores
    lexical: fusion.Scores
    relevance: fusion.Scores
    recency: fusion.Scores
    background: float | None
    """Relevance of the tenth best briefing: what merely stands near the question."""

    def __len__(self) -> int:
        return len(self.positions)

    def __iter__(self) -> Iterator[Chunk]:
        return (self.catalogue.chunks[position] for position in self.positions)

    def passage(self, place: int) -> Passage:
        """The passage at a place of the ranking."""
        scores: dict[str, float] = {
            "lexical": round(float(self.lexical[place]), 4),
            "relevance": round(float(self.relevance[place]), 4),
            "recency": round(float(self.recency[place]), 4),
        }
        if self.background is not None:
            scores["background"] = round(self.background, 4)
        return as_passage(
            self.catalogue.chunks[self.positions[place]],
            score=float(self.scores[place]),
            similarity=float(self.similarities[place]),
            scores=scores,
        )


def rank(found: Candidates, query: RetrievalQuery, catalogue: Catalogue) -> Ranking:
    """Order candidates by relevance, age and what the question asks for besides."""
    lexical = fusion.lexical_part(found.bm25, catalogue.lexical.greatest_idf)
    relevance = fusion.relevance(found.similarities, lexical)
    days = catalogue.days[found.positions]
    recency = np.zeros(len(days))
    if query.as_of:
        recency = fusion.recency_part(days, query.as_of.toordinal())
    scores = fusion.bounded(
        relevance
        - found.offsets
        + fusion.RECENCY_WEIGHT * recency
        + _boost(found.positions, query, catalogue)
    )
    order = np.lexsort((found.positions, -days, -scores))
    if query.prefers_recent and len(order):
        order = _by_date(order, relevance, days)
    return Ranking(
        catalogue=catalogue,
        positions=found.positions[order],
        scores=scores[order],
        similarities=found.similarities[order],
        lexical=lexical[order],
        relevance=relevance[order],
        recency=recency[order],
        background=_background(found.positions, relevance, catalogue),
    )


def as_passage(
    chunk: Chunk, *, score: float, similarity: float = 0.0, scores: JsonObject | None = None
) -> Passage:
    """A chunk as a passage with the scores that it got, if it was searched for."""
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
        score=score,
        similarity=similarity,
        scores=scores or {},
    )


def _boost(positions: IntVector, query: RetrievalQuery, catalogue: Catalogue) -> fusion.Scores:
    boost = np.zeros(len(positions))
    if query.is_period_soft:
        boost += fusion.SOFT_PERIOD_WEIGHT * catalogue.is_in_period(positions, query)
    if query.source:
        chunks = catalogue.chunks
        is_source = [chunks[position].source_name == query.source for position in positions]
        boost += fusion.SOURCE_WEIGHT * np.array(is_source, dtype=np.float64)
    return boost


def _by_date(order: IntVector, relevance: fusion.Scores, days: IntVector) -> IntVector:
    """Relevant candidates newest first, then the others as ranked."""
    is_relevant = relevance[order] >= _RELEVANT_SHARE * relevance.max()
    relevant = order[is_relevant]
    newest = relevant[np.argsort(-days[relevant], kind="stable")]
    return np.concatenate([newest, order[~is_relevant]])


def _background(
    positions: IntVector, relevance: fusion.Scores, catalogue: Catalogue
) -> float | None:
    seen: set[str] = set()
    for place in np.argsort(-relevance):
        seen.add(catalogue.chunks[positions[place]].briefing_id)
        if len(seen) == _BACKGROUND_RANK:
            return float(relevance[place])
    return None
