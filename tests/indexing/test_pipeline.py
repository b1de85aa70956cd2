"""The indexing job, on a real Chroma folder and a real SQLite file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from indexing.database import open_engine
from indexing.embedding import Vectors
from indexing.errors import IndexBusy, IndexingStalled, ManifestMismatch
from indexing.index import BriefingIndex
from indexing.pipeline import (
    IndexingJob,
    IndexingProgress,
    IndexingReport,
    rebuild,
    wait_until_indexed,
)
from indexing.repository import SqlBriefings
from indexing.settings import IndexingSettings
from indexing.tables import create_missing_tables
from tests.fakes_embedding import HashingEmbedder
from tests.indexing.briefings import ROBOTS, briefing
from tests.indexing.newsroom import desk_of as desk


@dataclass
class Bench:
    """A job with everything it works on."""

    settings: IndexingSettings
    repository: SqlBriefings
    embedder: HashingEmbedder
    index: BriefingIndex

    async def run(self) -> IndexingReport:
        report = await IndexingJob(self.repository, self.index, self.embedder).run()
        return replace(report, seconds=0.0)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    settings = IndexingSettings(data_dir=tmp_path)
    engine = open_engine(settings.database)
    await create_missing_tables(engine)
    embedder = HashingEmbedder()
    index = await BriefingIndex.open(settings, embedder)
    bench = Bench(settings, SqlBriefings(engine), embedder, index)
    yield bench
    await bench.index.close()
    await engine.dispose()


def report(**counts: int) -> IndexingReport:
    nothing = {"indexed": 0, "removed": 0, "unchanged": 0, "chunks": 0}
    return IndexingReport(**{**nothing, **counts}, seconds=0.0)


async def test_pending_briefings_are_indexed_and_found(bench: Bench) -> None:
    chips = briefing("chips", title="Chips grow", summary="Fabs expand.", body="Silicon.")
    await bench.repository.upsert([ROBOTS, chips])

    assert await bench.run() == report(indexed=2, chunks=4)

    found = await bench.index.query(bench.embedder.embed_queries(["robot towel"])[0], 1)
    assert [scored.chunk.briefing_id for scored in found] == ["robots"]


async def test_unchanged_briefings_are_never_embedded_again(bench: Bench) -> None:
    await bench.repository.upsert([ROBOTS])
    await bench.run()
    bench.embedder.passages.clear()

    await bench.repository.upsert([ROBOTS])

    assert await bench.run() == report(unchanged=1)
    assert bench.embedder.passages == []


async def test_only_the_changed_briefing_is_embedded_and_its_old_chunks_are_gone(
    bench: Bench,
) -> None:
    await bench.repository.upsert([ROBOTS, briefing("chips", body="Silicon is scarce.")])
    await bench.run()

    await bench.repository.upsert([briefing("chips", body="Silicon is plentiful.")])

    assert await bench.run() == report(indexed=1, unchanged=1, chunks=2)
    texts = [chunk.text for chunk in await bench.index.all_chunks() if chunk.briefing_id == "chips"]
    assert texts == [ROBOTS.summary, "Silicon is plentiful."]


async def test_withdrawn_briefings_leave_the_index_and_come_back_when_published(
    bench: Bench,
) -> None:
    await bench.repository.upsert([ROBOTS])
    await bench.run()

    await desk(bench.repository).withdraw("robots")
    assert await bench.run() == report(removed=1)
    assert await bench.index.count() == 0

    await desk(bench.repository).restore("robots")
    assert await bench.run() == report(indexed=1, chunks=2)


async def test_job_goes_on_where_a_killed_one_stopped(bench: Bench) -> None:
    await bench.repository.upsert([briefing(f"b{number:02}") for number in range(40)])

    class Killed(Exception):
        pass

    def kill(progress: IndexingProgress) -> None:
        if progress.done > 32:
            raise Killed

    with pytest.raises(Killed):
        await IndexingJob(bench.repository, bench.index, bench.embedder).run(kill)

    assert await bench.run() == report(indexed=8, unchanged=32, chunks=16)
    assert await bench.index.count() == 80


async def test_chunks_stored_but_not_marked_are_not_stored_twice(bench: Bench) -> None:
    await bench.repository.upsert([ROBOTS])
    await bench.run()
    await bench.repository.reset_indexed()

    await bench.run()

    assert await bench.index.count() == 2


async def test_deleted_folder_is_noticed_and_filled_again(bench: Bench) -> None:
    await bench.repository.upsert([ROBOTS])
    await bench.run()
    await bench.index.close()

    bench.index = await BriefingIndex.open(bench.settings, bench.embedder, fresh=True)

    assert await bench.run() == report(indexed=1, chunks=2)


async def test_second_owner_of_the_folder_is_refused(bench: Bench) -> None:
    with pytest.raises(IndexBusy) as caught:
        await BriefingIndex.open(bench.settings, bench.embedder)
    assert caught.value.folder == bench.settings.chroma_folder


async def test_another_model_is_refused_until_the_index_is_rebuilt(bench: Bench) -> None:
    await bench.repository.upsert([ROBOTS])
    await bench.run()
    await bench.index.close()
    other = HashingEmbedder(dimension=32, model_id="other")

    with pytest.raises(ManifestMismatch, match="heidi index rebuild") as caught:
        await BriefingIndex.open(bench.settings, other)
    assert caught.value.found["embedding_model"] == "hashing"

    rebuilt = await rebuild(bench.settings, bench.repository, other)
    assert replace(rebuilt, seconds=0.0) == report(indexed=1, chunks=2)
    bench.index = await BriefingIndex.open(bench.settings, other)
    assert await bench.index.count() == 2


async def test_progress_counts_from_nothing_to_everything(bench: Bench) -> None:
    await bench.repository.upsert([briefing(f"b{number:02}") for number in range(40)])
    heard: list[IndexingProgress] = []

    await IndexingJob(bench.repository, bench.index, bench.embedder).run(heard.append)

    assert [progress.done for progress in heard] == [0, 32, 40, 40]
    assert {progress.total for progress in heard} == {40}


async def test_what_was_embedded_before_an_error_stays_indexed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.repository.upsert([briefing(f"b{number:02}") for number in range(40)])
    embed, calls = bench.embedder.embed_passages, []

    def embed_once(texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        calls.append(len(texts))
        if len(calls) > 1:
            raise MemoryError
        return embed(texts, progress)

    monkeypatch.setattr(bench.embedder, "embed_passages", embed_once)
    with pytest.raises(MemoryError):
        await bench.run()
    assert await bench.repository.pending_count() == 8

    monkeypatch.undo()
    assert (await bench.run()).indexed == 8


async def test_waiting_ends_when_the_owner_has_indexed_everything(bench: Bench) -> None:
    await bench.repository.upsert([ROBOTS, briefing("old", date=date(2024, 1, 1))])
    heard: list[int] = []

    async def work(_seconds: float) -> None:
        await bench.run()

    await wait_until_indexed(
        bench.repository, lambda progress: heard.append(progress.done), sleep=work
    )

    assert heard == [0, 2]


async def test_waiting_for_an_owner_that_does_nothing_is_an_error(bench: Bench) -> None:
    await bench.repository.upsert([ROBOTS])

    async def idle(_seconds: float) -> None:
        return None

    with pytest.raises(IndexingStalled) as caught:
        await wait_until_indexed(bench.repository, stalled_after_s=2, sleep=idle)
    assert caught.value.pending == 1
