"""The hybrid retriever over an index in memory."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from assistant.core.passages import RetrievalQuery
from assistant.retrieval.hybrid import HybridRetriever
from tests.fakes_embedding import HashingEmbedder
from tests.retrieval.builders import MemoryIndex, chunk

_CHUNKS = (
    chunk(
        "robots-old", "Robots weld cars in factories.", date=date(2025, 1, 5), category="Robotics"
    ),
    chunk(
        "robots-new",
        "Robots sort parcels in warehouses.",
        date=date(2025, 11, 5),
        category="Robotics",
        sentiment="positive",
    ),
    chunk("chips", "Chips need memory and power.", category="Chips", date=date(2025, 9, 1)),
    chunk("quake", "An earthquake shook the island of Honshu.", sentiment="negative"),
    chunk("quake", "Rescue teams arrived on Honshu within hours.", ordinal=1, sentiment="negative"),
)


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a new catalogue takes longer than a visitor would wait for it."""
    monkeypatch.setattr("assistant.retrieval.hybrid._SHORT_REBUILD_S", 60.0)


@pytest.fixture
def index() -> MemoryIndex:
    return MemoryIndex(_CHUNKS, HashingEmbedder(256))


@pytest.fixture
def retriever(index: MemoryIndex) -> HybridRetriever:
    return HybridRetriever(index, HashingEmbedder(256))


async def _found(retriever: HybridRetriever, **query) -> list[str]:
    return [p.chunk_id for p in await retriever.search(RetrievalQuery(**query))]


async def test_the_passage_that_shares_words_and_meaning_is_first(retriever):
    assert (await _found(retriever, text="earthquake Honshu"))[0] == "quake:0:abc"


async def test_scores_say_what_they_are_made_of(retriever):
    passage = (await retriever.search(RetrievalQuery(text="robots", as_of=date(2025, 11, 5))))[0]
    assert 0 <= passage.score <= 1
    assert set(passage.scores) == {"lexical", "relevance", "recency"}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"categories": ("Chips",)}, {"chips"}),
        ({"sentiment": "positive"}, {"robots-new"}),
        ({"since": date(2025, 10, 1)}, {"robots-new"}),
        ({"until": date(2025, 2, 1)}, {"robots-old"}),
        ({"briefing_ids": ("quake",)}, {"quake"}),
    ],
)
async def test_filters_hold_for_dense_and_lexical_hits_alike(retriever, filters, expected):
    query = RetrievalQuery(text="robots chips earthquake", **filters)
    assert {p.briefing_id for p in await retriever.search(query)} == expected


async def test_a_soft_period_raises_but_excludes_nothing(retriever):
    found = await _found(
        retriever,
        text="robots",
        since=date(2025, 1, 1),
        until=date(2025, 1, 31),
        is_period_soft=True,
    )
    assert found[0] == "robots-old:0:abc"
    assert "robots-new:0:abc" in found


async def test_latest_sorts_relevant_passages_by_date(retriever):
    found = await _found(retriever, text="robots", prefers_recent=True)
    assert found[:2] == ["robots-new:0:abc", "robots-old:0:abc"]


async def test_without_a_text_the_newest_briefings_are_listed_once_each(retriever):
    assert await _found(retriever, text="", limit=3) == [
        "robots-new:0:abc",
        "chips:0:abc",
        "quake:0:abc",
    ]


async def test_near_duplicates_appear_once(index, retriever):
    copy = chunk("copy", _CHUNKS[3].text, title=_CHUNKS[3].title)
    index.replace([*_CHUNKS, copy])
    found = [p.text for p in await retriever.search(RetrievalQuery(text="earthquake Honshu"))]
    assert found.count(_CHUNKS[3].text) == 1


async def test_one_briefing_fills_at_most_three_places(index, retriever):
    many = [
        chunk("many", f"Number {word} tells of robots.", ordinal=number)
        for number, word in enumerate("alpha beta gamma delta epsilon".split())
    ]
    index.replace([*many, *_CHUNKS])
    found = await retriever.search(RetrievalQuery(text="number tells robots", limit=8))
    assert sum(p.briefing_id == "many" for p in found) == 3


async def test_the_catalogue_is_rebuilt_when_the_index_changes_and_not_per_query(index, retriever):
    await _found(retriever, text="robots")
    await _found(retriever, text="chips")
    assert index.chunks_read == [5]
    index.replace([chunk("new", "Zebras graze on the savannah."), *_CHUNKS])
    assert (await _found(retriever, text="zebras"))[0] == "new:0:abc"
    assert index.chunks_read == [5, 1]


async def test_every_search_lets_the_index_notice_what_others_changed(index, retriever):
    await _found(retriever, text="robots")
    await _found(retriever, text="robots")
    assert index.refreshed == 2


async def test_what_left_the_index_is_not_found(index, retriever):
    await _found(retriever, text="robots")
    index.replace(_CHUNKS[2:])
    assert await retriever.briefing("robots-old") == ()
    assert {c.split(":")[0] for c in await _found(retriever, text="robots")} == {"chips", "quake"}


async def test_a_briefing_is_returned_whole_and_in_order(retriever):
    assert [p.chunk_id for p in await retriever.briefing("quake")] == ["quake:0:abc", "quake:1:abc"]


@pytest.mark.parametrize(
    "text", ["the and of", "🤖🤖", "Что нового?", "'; DROP TABLE x; --", "robot " * 10_000]
)
async def test_any_text_is_searched_without_error(retriever, text):
    assert len(await retriever.search(RetrievalQuery(text=text))) <= 8


async def test_an_empty_index_finds_nothing():
    retriever = HybridRetriever(MemoryIndexOfNothing(), HashingEmbedder())
    assert await retriever.search(RetrievalQuery(text="robots")) == ()


class MemoryIndexOfNothing(MemoryIndex):
    """An index without chunks."""

    def __init__(self) -> None:
        super().__init__([chunk("x", "x")], HashingEmbedder())
        self._chunks = []
        self._vectors = self._vectors[:0]


async def test_understanding_takes_the_clock_that_is_passed(retriever):
    query = await retriever.understand("news from yesterday", datetime(2025, 11, 6, tzinfo=UTC))
    assert (query.since, query.until) == (date(2025, 11, 5), date(2025, 11, 5))


class IndexWithoutVectors:
    """Searches, but hands out no vectors: what a remote store may be."""

    def __init__(self, index: MemoryIndex) -> None:
        self.query = index.query
        self.all_chunks = index.all_chunks
        self.generation = index.generation


async def test_an_index_that_hands_out_no_vectors_searches_itself(index):
    retriever = HybridRetriever(IndexWithoutVectors(index), HashingEmbedder(256))
    assert (await _found(retriever, text="earthquake Honshu"))[0] == "quake:0:abc"
