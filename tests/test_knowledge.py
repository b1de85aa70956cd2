"""Opening the server's knowledge."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.core.passages import RetrievalQuery
from assistant.knowledge import Knowledge
from indexing.database import open_engine
from indexing.pipeline import IndexingJob
from indexing.repository import SqlBriefings
from indexing.settings import IndexingSettings
from indexing.tables import create_missing_tables
from tests.fakes_embedding import HashingEmbedder
from tests.indexing.briefings import ROBOTS


class BrokenReranker:
    """Its model is not there."""

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        raise OSError("no such model")


async def test_a_reranker_that_cannot_be_loaded_is_done_without(tmp_path: Path) -> None:
    settings = IndexingSettings(data_dir=tmp_path)
    engine = open_engine(settings.database)
    await create_missing_tables(engine)
    briefings = SqlBriefings(engine)
    await briefings.upsert([ROBOTS])
    knowledge = await Knowledge.open(settings, briefings, HashingEmbedder(), BrokenReranker())
    await IndexingJob(briefings, knowledge.index, knowledge.embedder).run()

    found = await knowledge.retriever.search(RetrievalQuery(text="robots", limit=1))

    assert [passage.briefing_id for passage in found] == ["robots"]
    await knowledge.close()
    await engine.dispose()
