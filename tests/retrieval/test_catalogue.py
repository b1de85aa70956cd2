"""The catalogue and what it takes over from the one before."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from assistant.core.passages import RetrievalQuery
from assistant.core.terms import terms
from assistant.retrieval.catalogue import Catalogue
from indexing.chunking import Chunk
from indexing.embedding import Vectors
from tests.fakes_embedding import HashingEmbedder
from tests.retrieval.builders import chunk

_FIRST = [
    chunk("robots", "Robots weld many cars in many factories."),
    chunk("chips", "Chips need memory and power.", date=date(2025, 9, 1)),
    chunk("quake", "An earthquake shook the island of Honshu."),
]
_SECOND = [*_FIRST[1:], chunk("zebras", "Many zebras graze on the savannah.")]


def _vectors(chunks: list[Chunk]) -> dict[str, Vectors]:
    rows = HashingEmbedder(64).embed_queries([c.embedded_text for c in chunks])
    return {c.id: row for c, row in zip(chunks, rows, strict=True)}


def _scores(catalogue: Catalogue, question: str) -> dict[str, float]:
    scores = catalogue.lexical.matches(terms(question)).scores(np.arange(len(catalogue)))
    return {c.id: float(s) for c, s in zip(catalogue.chunks, scores, strict=True)}


@pytest.fixture
def updated() -> Catalogue:
    first = Catalogue(_FIRST, 1, vectors=_vectors(_FIRST))
    return Catalogue(_SECOND, 2, vectors=_vectors(_SECOND[-1:]), previous=first)


@pytest.mark.parametrize("question", ["many zebras", "memory of robots", "savannah Honshu"])
def test_an_updated_catalogue_searches_like_one_built_anew(updated, question):
    anew = Catalogue(_SECOND, 2, vectors=_vectors(_SECOND))
    assert _scores(updated, question) == pytest.approx(_scores(anew, question))
    assert updated.spelling.corrected("savanah") == anew.spelling.corrected("savanah")
    assert updated.space is not None
    assert anew.space is not None
    vector = HashingEmbedder(64).embed_queries([question])[0]
    places = np.arange(3)
    assert updated.space.similarities(vector, places) == pytest.approx(
        anew.space.similarities(vector, places)
    )


def test_what_left_is_gone(updated):
    assert [c.briefing_id for c in updated.chunks] == ["chips", "quake", "zebras"]
    assert updated.briefing("robots") == ()
    assert not updated.lexical.knows("weld")


def test_a_chunk_that_has_no_vector_any_more_is_left_out():
    vectors = _vectors(_FIRST[:2])
    assert [c.briefing_id for c in Catalogue(_FIRST, 1, vectors=vectors).chunks] == [
        "chips",
        "robots",
    ]


def test_without_vectors_there_is_no_space():
    catalogue = Catalogue(_FIRST, 1)
    assert catalogue.space is None
    assert len(catalogue) == 3


def test_no_filter_means_no_mask():
    catalogue = Catalogue(_FIRST, 1)
    assert catalogue.allowed(RetrievalQuery(text="robots")) is None
    mask = catalogue.allowed(RetrievalQuery(text="robots", categories=("Chips", "AI")))
    assert mask is not None
    assert mask.tolist() == [True, True, True]


def test_the_newest_briefings_come_first_and_then_by_id():
    listed = Catalogue(_FIRST, 1).newest(RetrievalQuery(text="", limit=2))
    assert listed == (0, 1)
