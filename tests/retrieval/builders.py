"""Builds chunks and an index in memory for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from indexing.chunking import Chunk
from indexing.embedding import Vectors
from indexing.index import ScoredChunk
from indexing.index_rows import IndexFilters
from tests.fakes_embedding import HashingEmbedder


def chunk(briefing_id: str, text: str, *, ordinal: int = 0, **fields: object) -> Chunk:
    values: dict[str, object] = {
        "id": f"{briefing_id}:{ordinal}:abc",
        "briefing_id": briefing_id,
        "ordinal": ordinal,
        "text": text,
        "heading": "",
        "title": briefing_id.replace("-", " ").capitalize(),
        "path": f"/briefings/{briefing_id}",
        "date": date(2025, 6, 1),
        "category": "AI",
        "section": "News",
        "sentiment": "neutral",
        "source_name": "Example Press",
        "source_url": "https://example.org",
    }
    return Chunk(**{**values, **fields})  # type: ignore[arg-type]


class MemoryIndex:
    """Exact search over chunks in memory; counts how often everything was read."""

    def __init__(self, chunks: Sequence[Chunk], embedder: HashingEmbedder) -> None:
        self.generation = 1
        self.chunks_read: list[int] = []
        self.refreshed = 0
        self._embedder = embedder
        self.replace(chunks)

    def replace(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = list(chunks)
        self._vectors = self._embedder.embed_queries([c.embedded_text for c in self._chunks])
        self.generation += 1

    async def query(
        self, vector: Vectors, limit: int, filters: IndexFilters | None = None
    ) -> list[ScoredChunk]:
        wanted = filters or IndexFilters()
        similarities = self._vectors @ vector
        found = [
            ScoredChunk(chunk=self._chunks[place], similarity=float(similarities[place]))
            for place in np.argsort(-similarities, kind="stable")
            if _passes(self._chunks[place], wanted)
        ]
        return found[:limit]

    async def all_chunks(self) -> list[Chunk]:
        return list(self._chunks)

    async def refresh(self) -> None:
        self.refreshed += 1

    async def chunk_ids(self) -> list[str]:
        return [chunk.id for chunk in self._chunks]

    async def chunks_with_vectors(self, chunk_ids: Sequence[str]) -> list[tuple[Chunk, Vectors]]:
        self.chunks_read.append(len(chunk_ids))
        wanted = set(chunk_ids)
        rows = zip(self._chunks, self._vectors, strict=True)
        return [(chunk, row) for chunk, row in rows if chunk.id in wanted]


def _passes(found: Chunk, filters: IndexFilters) -> bool:
    return (
        (filters.since is None or found.date >= filters.since)
        and (filters.until is None or found.date <= filters.until)
        and (not filters.categories or found.category in filters.categories)
        and (filters.sentiment in (None, found.sentiment))
        and (not filters.briefing_ids or found.briefing_id in filters.briefing_ids)
    )
