"""Owns ranking the documents of a collection: Heidi's retriever and the baselines beside it.

The baselines are what one gets from the parts as they are: MiniLM over whole documents, BM25 with
the library's defaults, and the two fused by reciprocal rank (Cormack et al., 2009, k = 60).
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import bm25s
import numpy as np
import Stemmer

from assistant.core.passages import Retriever
from eval.beir import Collection, Document, Query
from eval.collection_questions import asked_at, briefing_id
from eval.metrics import ndcg_at, percentile, recall_at, reciprocal_rank
from indexing.embedding import Embedder

DEPTH = 100
"""Documents that a baseline ranks for each query."""
PASSAGES = 40
"""Passages asked of the retriever, so that ten documents are among them."""
RRF_K = 60

Ranker = Callable[[Query], Awaitable[Sequence[str]]]
"""Ids of documents, best first."""


@dataclass(frozen=True, kw_only=True)
class RankingFigures:
    """How well a system ranked the judged queries of a collection."""

    system: str
    queries: int
    ndcg_at_10: float
    recall_at_10: float
    mrr: float
    p50_ms: float
    p95_ms: float


async def measure(system: str, collection: Collection, ranker: Ranker) -> RankingFigures:
    """Rank every judged query, one after the other, and sum up."""
    judged = [query for query in collection.queries if query.id in collection.judgements]
    if not judged:
        raise ValueError("no query of the collection is judged")
    rankings, times_ms = [], []
    for query in judged:
        began = time.perf_counter()
        rankings.append(await ranker(query))
        times_ms.append((time.perf_counter() - began) * 1000)
    pairs = [
        (list(ranked), collection.judgements[query.id])
        for query, ranked in zip(judged, rankings, strict=True)
    ]
    return RankingFigures(
        system=system,
        queries=len(judged),
        ndcg_at_10=_mean([ndcg_at(ranked, gains, 10) for ranked, gains in pairs]),
        recall_at_10=_mean([recall_at(ranked, gains, 10) for ranked, gains in pairs]),
        mrr=_mean([reciprocal_rank(ranked, gains) for ranked, gains in pairs]),
        p50_ms=percentile(times_ms, 50) or 0.0,
        p95_ms=percentile(times_ms, 95) or 0.0,
    )


def heidi_ranker(
    retriever: Retriever, collection: Collection, *, is_day_known: bool = True
) -> Ranker:
    """Heidi's retriever, asked as the agents ask it, its filters understood.

    Args:
        retriever: knows the documents.
        collection: the documents.
        is_day_known: whether the query is asked on the day after its own, when what is dated later
            was not there; else without a day, so that dates tell nothing.
    """
    documents = {briefing_id(document.id): document.id for document in collection.documents}

    async def rank(query: Query) -> Sequence[str]:
        now = asked_at(query)
        asked = replace(await retriever.understand(query.text, now), limit=PASSAGES)
        if not is_day_known:
            asked = replace(asked, since=None, until=None, as_of=None, prefers_recent=False)
        elif asked.until is None or asked.is_period_soft:
            asked = replace(asked, until=now.date(), is_period_soft=False)
        passages = await retriever.search(asked)
        return list(dict.fromkeys(documents[passage.briefing_id] for passage in passages))

    return rank


def dense_ranker(embedder: Embedder, collection: Collection) -> Ranker:
    """Cosine similarity of query and whole document, title first."""
    ids = [document.id for document in collection.documents]
    vectors = embedder.embed_passages([_whole(document) for document in collection.documents])

    async def rank(query: Query) -> Sequence[str]:
        scores = vectors @ embedder.embed_queries([query.text])[0]
        return [ids[place] for place in np.argsort(-scores, kind="stable")[:DEPTH]]

    return rank


def lexical_ranker(collection: Collection) -> Ranker:
    """BM25 over whole documents, stemmed and without stop words."""
    ids = [document.id for document in collection.documents]
    stemmer = Stemmer.Stemmer("english")

    def tokens(texts: list[str]) -> bm25s.tokenization.Tokenized:
        return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)

    index = bm25s.BM25()
    index.index(tokens([_whole(each) for each in collection.documents]), show_progress=False)

    async def rank(query: Query) -> Sequence[str]:
        depth = min(DEPTH, len(ids))
        places, scores = index.retrieve(tokens([query.text]), k=depth, show_progress=False)
        return [ids[place] for place, score in zip(places[0], scores[0], strict=True) if score > 0]

    return rank


def fused_ranker(*rankers: Ranker) -> Ranker:
    """Reciprocal rank fusion of other systems."""

    async def rank(query: Query) -> Sequence[str]:
        scores: dict[str, float] = {}
        for ranker in rankers:
            for place, document in enumerate(await ranker(query), start=1):
                scores[document] = scores.get(document, 0.0) + 1 / (RRF_K + place)
        return sorted(scores, key=lambda document: -scores[document])

    return rank


def gain_over_best(figures: Mapping[str, RankingFigures], system: str) -> float:
    """By which share a system's nDCG@10 exceeds that of the best baseline."""
    best = max(each.ndcg_at_10 for name, each in figures.items() if not name.startswith("heidi"))
    return figures[system].ndcg_at_10 / best - 1 if best else 0.0


def _whole(document: Document) -> str:
    return f"{document.title}\n{document.text}".strip()


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
