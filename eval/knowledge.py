"""Owns filling an index with given briefings, for collections that are not the demo."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.retrieval.hybrid import HybridRetriever
from assistant.settings import Settings
from assistant.store.database import Database
from assistant.store.migrate import migrate
from indexing.briefings import Briefing
from indexing.embedding import Embedder, embedder_for
from indexing.index import BriefingIndex
from indexing.pipeline import IndexingJob, ProgressListener
from indexing.repository import SqlBriefings


@dataclass(frozen=True, kw_only=True)
class FilledIndex:
    """What searches the briefings, as the assistant does it."""

    retriever: HybridRetriever
    embedder: Embedder


@asynccontextmanager
async def filled_index(
    data_dir: Path, briefings: Sequence[Briefing], progress: ProgressListener | None = None
) -> AsyncIterator[FilledIndex]:
    """An index of these briefings, made by the real job.

    Args:
        data_dir: an existing folder; what is indexed there stays, and a server may open it later.
        briefings: what to publish.
        progress: told how far the job is.
    """
    settings = Settings.model_validate({"data_dir": data_dir})
    database = Database(settings.database)
    try:
        await migrate(database)
        repository = SqlBriefings(database.engine)
        await repository.upsert(briefings)
        embedder = embedder_for(settings)
        index = await BriefingIndex.open(settings, embedder)
        try:
            await IndexingJob(repository, index, embedder).run(progress)
            yield FilledIndex(retriever=HybridRetriever(index, embedder), embedder=embedder)
        finally:
            await index.close()
    finally:
        await database.close()
