"""The optional reranker."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.core.passages import RetrievalQuery
from assistant.retrieval.hybrid import HybridRetriever
from assistant.retrieval.reranking import SentenceTransformersReranker, reranker_for
from tests.fakes_embedding import HashingEmbedder
from tests.retrieval.builders import MemoryIndex, chunk

_CHUNKS = (
    chunk("welding", "Robots weld cars."),
    chunk("sorting", "Robots sort parcels and letters in a warehouse."),
    chunk("chips", "Chips need memory."),
)


class ScriptedReranker:
    """Prefers texts that hold a word, and keeps what it was asked."""

    def __init__(self, word: str) -> None:
        self._word = word
        self.questions: list[str] = []

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.questions.append(question)
        return [float(self._word in text) for text in texts]


def _retriever(reranker: ScriptedReranker) -> HybridRetriever:
    embedder = HashingEmbedder(256)
    return HybridRetriever(MemoryIndex(_CHUNKS, embedder), embedder, reranker)


async def test_what_the_reranker_prefers_comes_first_and_the_rest_stays_in_order():
    reranker = ScriptedReranker("memory")
    found = await _retriever(reranker).search(RetrievalQuery(text="robots weld"))
    assert [p.briefing_id for p in found] == ["chips", "welding", "sorting"]
    assert reranker.questions == ["robots weld"]


async def test_no_passage_scores_less_than_one_below_it():
    found = await _retriever(ScriptedReranker("memory")).search(RetrievalQuery(text="robots weld"))
    scores = [passage.score for passage in found]
    assert scores == sorted(scores, reverse=True)


async def test_for_the_latest_the_date_decides_and_not_the_reranker():
    reranker = ScriptedReranker("memory")
    await _retriever(reranker).search(RetrievalQuery(text="robots", prefers_recent=True))
    assert reranker.questions == []


def test_there_is_no_reranker_unless_the_settings_name_one():
    assert reranker_for(None) is None
    assert isinstance(reranker_for("some/model"), SentenceTransformersReranker)
