"""The vector index, on a real Chroma folder and on a real Chroma server."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import httpx
import numpy as np
import pytest
import tenacity

from indexing.briefings import Briefing, Category, Sentiment
from indexing.chunking import BriefingChunker, Chunk
from indexing.index import BriefingIndex
from indexing.index_rows import IndexFilters
from indexing.settings import IndexingSettings
from tests.fakes_embedding import HashingEmbedder
from tests.indexing.briefings import ROBOTS, briefing

EMBEDDER = HashingEmbedder()
CHIPS = briefing(
    "chips",
    title="Chip makers expand",
    category=Category.CHIPS,
    sentiment=Sentiment.NEUTRAL,
    date=date(2026, 5, 1),
    summary="Fabs grow.",
    body="Silicon is scarce.",
)


@pytest.fixture(scope="module")
def chroma_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("chroma-server")
    command = [Path(sys.executable).parent / "chroma", "run", "--path", folder]
    server = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(f"{url}/api/v2/heartbeat")
        yield url
    finally:
        server.kill()
        server.wait()


@tenacity.retry(stop=tenacity.stop_after_delay(60), wait=tenacity.wait_fixed(0.2))
def _wait_for(url: str) -> None:
    httpx.get(url, trust_env=False).raise_for_status()


@pytest.fixture(params=["folder", "server"])
def chroma(request: pytest.FixtureRequest, tmp_path: Path) -> IndexingSettings:
    if request.param == "folder":
        return IndexingSettings(data_dir=tmp_path)
    url = request.getfixturevalue("chroma_url")
    return IndexingSettings(data_dir=tmp_path, chroma_url=url, collection=f"c-{uuid4().hex}")


@pytest.fixture
async def index(chroma: IndexingSettings) -> AsyncIterator[BriefingIndex]:
    index = await BriefingIndex.open(chroma, EMBEDDER)
    yield index
    await index.close()


async def put(index: BriefingIndex, *briefings: Briefing) -> list[Chunk]:
    chunks = [chunk for item in briefings for chunk in BriefingChunker().chunks(item)]
    vectors = EMBEDDER.embed_passages([chunk.embedded_text for chunk in chunks])
    await index.upsert(chunks, vectors)
    return chunks


async def test_chunks_come_back_as_they_were_stored(index: BriefingIndex) -> None:
    chunks = await put(index, ROBOTS, CHIPS)

    assert await index.all_chunks() == sorted(chunks, key=lambda c: (c.briefing_id, c.ordinal))
    assert await index.count() == 4
    assert await index.chunks_per_briefing() == {"robots": 2, "chips": 2}


async def test_similarity_is_the_cosine(index: BriefingIndex) -> None:
    chunks = await put(index, ROBOTS, CHIPS)
    query = EMBEDDER.embed_queries(["silicon fabs"])[0]

    found = await index.query(query, 10)

    vectors = EMBEDDER.embed_passages([chunk.embedded_text for chunk in chunks])
    cosines = dict(zip([chunk.id for chunk in chunks], vectors @ query, strict=True))
    assert [scored.chunk.id for scored in found] == sorted(cosines, key=lambda c: -cosines[c])
    assert np.allclose([s.similarity for s in found], sorted(cosines.values())[::-1], atol=1e-5)


async def test_chunks_come_with_their_vectors_by_id(index: BriefingIndex) -> None:
    chunks = {chunk.id: chunk for chunk in await put(index, ROBOTS, CHIPS)}

    ids = await index.chunk_ids()
    found = await index.chunks_with_vectors([*ids[:3], "unknown"])

    assert sorted(ids) == sorted(chunks)
    assert sorted(chunk.id for chunk, _ in found) == sorted(ids[:3])
    for chunk, vector in found:
        assert chunk == chunks[chunk.id]
        assert np.allclose(vector, EMBEDDER.embed_passages([chunk.embedded_text])[0], atol=1e-6)


async def test_refreshing_notices_what_another_process_wrote(
    index: BriefingIndex, chroma: IndexingSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    if chroma.chroma_url is None:
        pytest.skip("a folder belongs to one process")
    monkeypatch.setattr("indexing.index._REFRESH_S", 0.0)
    other = await BriefingIndex.open(chroma, EMBEDDER)
    before = index.generation
    await put(other, ROBOTS)
    await other.close()

    await index.refresh()

    assert index.generation > before


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (IndexFilters(), {"robots", "chips"}),
        (IndexFilters(since=date(2026, 3, 15)), {"chips"}),
        (IndexFilters(until=date(2026, 3, 14)), {"robots"}),
        (IndexFilters(since=date(2026, 3, 14), until=date(2026, 5, 1)), {"robots", "chips"}),
        (IndexFilters(categories=("Chips", "Cloud")), {"chips"}),
        (IndexFilters(sentiment="positive"), {"robots"}),
        (IndexFilters(briefing_ids=("robots", "unknown")), {"robots"}),
        (IndexFilters(sentiment="positive", categories=("Chips",)), set()),
    ],
)
async def test_filters_restrict_what_is_found(
    index: BriefingIndex, filters: IndexFilters, expected: set[str]
) -> None:
    await put(index, ROBOTS, CHIPS)

    found = await index.query(EMBEDDER.embed_queries(["anything"])[0], 10, filters)

    assert {scored.chunk.briefing_id for scored in found} == expected


async def test_empty_index_finds_nothing(index: BriefingIndex) -> None:
    assert await index.query(EMBEDDER.embed_queries(["anything"])[0], 5) == []
    assert await index.all_chunks() == []


async def test_generation_changes_with_the_content_and_survives_a_restart(
    chroma: IndexingSettings,
) -> None:
    generations = []
    for _ in range(2):
        index = await BriefingIndex.open(chroma, EMBEDDER)
        generations.append(index.generation)
        await put(index, ROBOTS)
        generations.append(index.generation)
        await index.query(EMBEDDER.embed_queries(["x"])[0], 1)
        await index.delete_briefings(["robots"])
        generations.append(index.generation)
        await index.close()

    assert generations == [0, 1, 2, 2, 3, 4]


async def test_index_can_be_searched_while_it_is_written(index: BriefingIndex) -> None:
    await put(index, CHIPS)
    query = EMBEDDER.embed_queries(["silicon"])[0]

    async def search() -> set[str]:
        return {scored.chunk.briefing_id for scored in await index.query(query, 100)}

    writes = [put(index, briefing(f"b{number}")) for number in range(10)]
    results = await asyncio.gather(*(search() for _ in range(20)), *writes)

    assert all("chips" in found for found in results[:20])
    assert await index.count() == 22


async def test_vectors_and_chunks_must_match(index: BriefingIndex) -> None:
    with pytest.raises(ValueError, match="2 chunks but 0 vectors"):
        await index.upsert(BriefingChunker().chunks(ROBOTS), EMBEDDER.embed_passages([]))
