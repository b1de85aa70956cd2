"""The cache of sentence vectors."""

from __future__ import annotations

import pytest

from assistant.retrieval.sentence_vectors import SentenceVectors
from tests.fakes_embedding import HashingEmbedder


async def test_a_sentence_is_embedded_once():
    embedder = HashingEmbedder()
    vectors = SentenceVectors(embedder)
    first = await vectors.similarities("robots", ["robots", "rain falls"])
    second = await vectors.similarities("robots", ["rain falls", "robots"])
    assert embedder.passages == ["robots", "rain falls"]
    assert first == pytest.approx(second[::-1])
    assert first[0] == pytest.approx(1.0)


async def test_more_sentences_than_fit_are_still_compared():
    vectors = SentenceVectors(HashingEmbedder(), capacity=2)
    assert len(await vectors.similarities("robots", ["a b", "c d", "e f"])) == 3


async def test_nothing_compares_to_nothing():
    assert await SentenceVectors(HashingEmbedder()).similarities("robots", []) == []
