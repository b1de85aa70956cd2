"""Measures retrieval, abstention and answers on data in the BEIR layout.

    python -m bench.retrieval --data FOLDER [--cache vectors.npz] [--sample N]

Prints nDCG@10 and recall@5 of dense search, BM25, reciprocal rank fusion and Heidi's retriever in
one run over the same vectors; where questions say whether they are answerable, a table of answers
and abstentions; where they have gold answers, how many answers hold one. Dense search is exact
here, so that only the ranking is compared.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import bm25s
import numpy as np
import Stemmer

from assistant.agents.news import NewsAnswerer
from assistant.agents.news_findings import Finding, NewsFinder
from assistant.agents.news_requests import Request, kind_of
from assistant.core.events import TextDelta, TurnCompleted
from assistant.core.terms import words
from assistant.core.turns import Turn
from assistant.retrieval.hybrid import HybridRetriever
from assistant.retrieval.sentence_vectors import SentenceVectors
from bench.beir import Collection, Query, as_chunk, ndcg, read_collection, recall
from indexing.chunking import Chunk
from indexing.embedding import Embedder, SentenceTransformerEmbedder, Vectors
from indexing.index import IndexFilters, ScoredChunk

Search = Callable[[Query], list[str]]
_RRF = 60
_MOST_WORDS = 60
_NO_DAY = date(2000, 1, 1)


class CachedEmbedder:
    """An embedder whose vectors are kept in a file between runs.

    Args:
        embedder: makes what is not in the file.
        path: the file; none keeps nothing.
    """

    def __init__(self, embedder: Embedder, path: Path | None) -> None:
        self._embedder = embedder
        self._path = path
        self._known: dict[str, Vectors] = {}
        if path and path.exists():
            with np.load(path, allow_pickle=False) as stored:
                texts = json.loads(stored["texts"].tobytes())
                self._known = dict(zip(texts, stored["vectors"], strict=True))
        self.model_id = embedder.model_id
        self.dimension = embedder.dimension

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions."""
        return self._embed(texts, self._embedder.embed_queries)

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> Vectors:
        """Vectors of passages."""
        return self._embed(texts, self._embedder.embed_passages)

    def _embed(self, texts: Sequence[str], embed: Callable[[list[str]], Vectors]) -> Vectors:
        missing = [text for text in dict.fromkeys(texts) if text not in self._known]
        if missing:
            self._known.update(zip(missing, embed(missing), strict=True))
        return np.stack([self._known[text] for text in texts])

    def save(self) -> None:
        """Keep all vectors for the next run."""
        if self._path and self._known:
            np.savez(
                self._path,
                texts=np.frombuffer(json.dumps(list(self._known)).encode(), dtype=np.uint8),
                vectors=np.stack([*self._known.values()]),
            )


class ExactIndex:
    """Exact search over vectors in memory, in place of Chroma's approximate one.

    Args:
        chunks: what is searched.
        vectors: one row per chunk.
    """

    generation = 1

    def __init__(self, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        self._chunks = list(chunks)
        self._vectors = vectors

    async def query(
        self, vector: Vectors, limit: int, filters: IndexFilters | None = None
    ) -> list[ScoredChunk]:
        """Chunks most similar to a query, best first."""
        similarities = self._vectors @ vector
        found: list[ScoredChunk] = []
        for place in np.argsort(-similarities, kind="stable"):
            if len(found) == limit:
                break
            if _passes(self._chunks[place], filters or IndexFilters()):
                similarity = float(similarities[place])
                found.append(ScoredChunk(chunk=self._chunks[place], similarity=similarity))
        return found

    async def all_chunks(self) -> list[Chunk]:
        """Every chunk."""
        return self._chunks

    async def refresh(self) -> None:
        """Nobody changes anything."""

    async def chunk_ids(self) -> list[str]:
        """The ids of every chunk."""
        return [chunk.id for chunk in self._chunks]

    async def chunks_with_vectors(self, chunk_ids: Sequence[str]) -> list[tuple[Chunk, Vectors]]:
        """Those of the chunks that are here, each with its vector."""
        wanted = set(chunk_ids)
        rows = zip(self._chunks, self._vectors, strict=True)
        return [(chunk, row) for chunk, row in rows if chunk.id in wanted]


def _passes(chunk: Chunk, filters: IndexFilters) -> bool:
    return (
        (filters.since is None or chunk.date >= filters.since)
        and (filters.until is None or chunk.date <= filters.until)
        and (not filters.categories or chunk.category in filters.categories)
        and (filters.sentiment in (None, chunk.sentiment))
        and (not filters.briefing_ids or chunk.briefing_id in filters.briefing_ids)
    )


class Bench:
    """One collection, embedded and indexed.

    Args:
        collection: corpus and questions.
        embedder: makes vectors.
        sample: most questions of a kind that are answered; every one is searched.
    """

    def __init__(self, collection: Collection, embedder: CachedEmbedder, sample: int) -> None:
        self.collection = collection
        self.sample = sample
        self.embedder = embedder
        texts = [f"{d.title}\n{d.text}".strip() for d in collection.documents]
        self.vectors = embedder.embed_passages(texts)
        self.queries = embedder.embed_queries([query.text for query in collection.queries])
        self.ids = [document.id for document in collection.documents]
        index = ExactIndex([as_chunk(d) for d in collection.documents], self.vectors)
        self.retriever = HybridRetriever(index, embedder)
        self.bm25 = _bm25_scores(texts, [query.text for query in collection.queries])
        self.dense = self.queries @ self.vectors.T

    async def rank(self) -> None:
        """Print the table of rankings."""
        chosen = [
            (number, query)
            for number, query in enumerate(self.collection.queries)
            if query.relevant and query.metadata.get("self_contained", True)
        ]
        fused = 1 / (_RRF + _ranks(self.dense)) + 1 / (_RRF + _ranks(self.bm25))
        rankings = {
            "dense": [self._order(self.dense[number]) for number, _ in chosen],
            "BM25": [self._order(self.bm25[number]) for number, _ in chosen],
            "RRF": [self._order(fused[number]) for number, _ in chosen],
            "Heidi": [await self._search(query, None) for _, query in chosen],
        }
        if any(query.metadata.get("date") for _, query in chosen):
            rankings["Heidi, day of asking known"] = [
                await self._search(query, _day(query)) for _, query in chosen
            ]
        relevant = [query.relevant for _, query in chosen]
        baseline = max(_mean_ndcg(rankings[name], relevant) for name in ("dense", "BM25", "RRF"))
        _print(f"\n{self.collection.name}: {len(chosen)} questions, {len(self.ids)} documents")
        _print("| ranking | nDCG@10 | recall@5 | to the best baseline |\n| --- | --- | --- | --- |")
        for name, ranking in rankings.items():
            gain = _mean_ndcg(ranking, relevant)
            found = np.mean([recall(r, rel) for r, rel in zip(ranking, relevant, strict=True)])
            _print(f"| {name} | {gain:.4f} | {found:.4f} | {gain / baseline - 1:+.1%} |")

    async def abstain(self) -> None:
        """Print the table of answers and abstentions, and its curve."""
        labelled = [q for q in self.collection.queries if "answerable" in q.metadata]
        if not labelled:
            return
        finder = NewsFinder(self.retriever, SentenceVectors(self.embedder))
        findings = [await self._find(finder, query, None) for query in labelled[: self.sample]]
        answerable = [bool(query.metadata["answerable"]) for query in labelled[: self.sample]]
        _print(
            "\n| answers from confidence | F1 of abstention | recall of answers |\n| - | - | - |"
        )
        _print(_abstention_row("as set", [f.answers for f in findings], answerable))
        for least in np.arange(0.3, 0.8, 0.05):
            answered = [_confidence(finding) >= least for finding in findings]
            _print(_abstention_row(f"{least:.2f}", answered, answerable))

    async def answer(self) -> None:
        """Print how many answers hold a gold answer, within the length allowed."""
        asked = [
            query
            for query in self.collection.queries
            if query.metadata.get("date")
            and query.metadata.get("answer")
            and query.metadata.get("self_contained", True)
        ][: self.sample]
        if not asked:
            return
        answerer = NewsAnswerer(self.retriever, self.embedder)
        said = [await _said(answerer, query) for query in asked]
        short = [len(text.split()) <= _MOST_WORDS for text, _ in said]
        holds = [
            _holds(text, query.metadata["answer"])
            for (text, _), query in zip(said, asked, strict=True)
        ]
        both = [a and b for a, b in zip(short, holds, strict=True)]
        outright = [a and o == "answered" for a, (_, o) in zip(both, said, strict=True)]
        abstained = sum(outcome == "abstained" for _, outcome in said)
        ceiling = self._ceiling(asked)
        _print(f"\nanswers to {len(asked)} questions: hold a gold answer {np.mean(holds):.3f},")
        _print(f"  within {_MOST_WORDS} words {np.mean(both):.3f},")
        _print(f"  given as an answer rather than as the closest {np.mean(outright):.3f};")
        _print(f"  abstained {abstained} times;")
        _print(f"  mean words {np.mean([len(text.split()) for text, _ in said]):.1f};")
        _print(f"  gold answer stands in the relevant text at all: {ceiling:.3f}")

    def _ceiling(self, asked: Sequence[Query]) -> float:
        texts = {document.id: document.text for document in self.collection.documents}
        return float(
            np.mean(
                [
                    any(_holds(texts[i], q.metadata["answer"]) for i in q.relevant if i in texts)
                    for q in asked
                ]
            )
        )

    async def _search(self, query: Query, today: date | None) -> list[str]:
        reading = await self.retriever.read(query.text, today or _NO_DAY)
        asked = replace(reading.query, limit=10, text=query.text, prefers_recent=False)
        if today is None:
            asked = replace(asked, since=None, until=None, as_of=None)
        elif asked.until is None or asked.is_period_soft:
            # What is dated later did not exist on the day of asking.
            asked = replace(asked, until=today, is_period_soft=False)
        passages = await self.retriever.search(replace(asked, categories=(), sentiment=None))
        return [passage.briefing_id for passage in passages]

    async def _find(self, finder: NewsFinder, query: Query, today: date | None) -> Finding:
        reading = await self.retriever.read(query.text, today or _NO_DAY)
        request = Request(text=query.text, kind=kind_of(query.text, reading), understanding=reading)
        return await finder.find(request)

    def _order(self, scores: Vectors) -> list[str]:
        return [self.ids[place] for place in np.argsort(-scores, kind="stable")[:10]]


def _bm25_scores(texts: Sequence[str], queries: Sequence[str]) -> Vectors:
    """BM25 as the library's own documentation sets it up: English stop words, Snowball stemmer."""
    stemmer = Stemmer.Stemmer("english")
    options = {"stopwords": "en", "stemmer": stemmer, "show_progress": False}
    index = bm25s.BM25()
    index.index(bm25s.tokenize(list(texts), **options), show_progress=False)
    tokens = bm25s.tokenize(list(queries), return_ids=False, **options)
    known = index.vocab_dict
    zero = np.zeros(len(texts), dtype=np.float32)
    return np.stack(
        [
            index.get_scores(found) if (found := [t for t in query if t in known]) else zero
            for query in tokens
        ]
    )


def _ranks(scores: Vectors) -> Vectors:
    order = np.argsort(-scores, axis=1, kind="stable")
    return np.asarray(np.argsort(order, axis=1) + 1, dtype=np.float32)


def _mean_ndcg(rankings: Sequence[Sequence[str]], relevant: Sequence[frozenset[str]]) -> float:
    return float(np.mean([ndcg(r, rel) for r, rel in zip(rankings, relevant, strict=True)]))


def _day(query: Query) -> date:
    return date.fromisoformat(query.metadata["date"])


def _confidence(finding: Finding) -> float:
    return finding.evidence.confidence if finding.evidence else float(bool(finding.pieces))


def _abstention_row(name: str, answered: Sequence[bool], answerable: Sequence[bool]) -> str:
    pairs = list(zip(answered, answerable, strict=True))
    right = sum(not said and not could for said, could in pairs)
    abstained = sum(not said for said, _ in pairs)
    unanswerable = sum(not could for _, could in pairs)
    f1 = 2 * right / (abstained + unanswerable) if abstained + unanswerable else 0.0
    kept = sum(said and could for said, could in pairs) / max(1, len(pairs) - unanswerable)
    return f"| {name} | {f1:.3f} | {kept:.3f} |"


async def _said(answerer: NewsAnswerer, query: Query) -> tuple[str, str]:
    turn = Turn(
        id="turn",
        conversation_id="bench",
        message=query.text,
        history=(),
        state={},
        now=datetime.combine(_day(query), time(12), tzinfo=UTC),
        timezone=ZoneInfo("UTC"),
    )
    text, outcome = "", ""
    async for event in answerer.answer(turn, query.text):
        if isinstance(event, TextDelta):
            text += event.text
        elif isinstance(event, TurnCompleted):
            outcome = event.outcome.value
    return text, outcome


_ARTICLES = {"a", "an", "the"}


def _holds(text: str, answers: Sequence[str]) -> bool:
    said = f" {_plain(text)} "
    return any(f" {_plain(answer)} " in said for answer in answers if _plain(answer))


def _plain(text: str) -> str:
    return " ".join(word.removesuffix("'s") for word in words(text) if word not in _ARTICLES)


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")


async def _run(folder: Path, cache: Path | None, sample: int) -> None:
    embedder = CachedEmbedder(SentenceTransformerEmbedder(), cache)
    bench = Bench(read_collection(folder), embedder, sample)
    try:
        await bench.rank()
        await bench.abstain()
        await bench.answer()
    finally:
        embedder.save()


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder in the BEIR layout")
    parser.add_argument("--cache", type=Path, help="file that keeps vectors between runs (.npz)")
    parser.add_argument("--sample", type=int, default=1000, help="most questions to answer")
    options = parser.parse_args()
    asyncio.run(_run(options.data, options.cache, options.sample))


if __name__ == "__main__":
    main()
