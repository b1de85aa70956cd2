"""Owns the vector index: the only place that knows Chroma.

Chunks are written through llama-index's `ChromaVectorStore`, so that any llama-index program can
open the collection. They are read from the collection itself: parsing the nodes' JSON back takes
twice as long as the search, and the store returns exp(-distance) in place of the similarity.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self, cast
from urllib.parse import urlsplit

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.client import Client
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import NotFoundError
from filelock import FileLock, Timeout
from llama_index.core.schema import BaseNode
from llama_index.vector_stores.chroma import ChromaVectorStore

from indexing.chunking import Chunk, chunking_version
from indexing.embedding import Embedder, Vectors
from indexing.errors import IndexBusy, ManifestMismatch
from indexing.index_rows import IndexFilters, any_of, to_chunk, to_node, where
from indexing.settings import IndexingSettings

_BATCH = 1000
"""Chunks in one call of Chroma, which refuses more than 5461."""
_GENERATION = "generation"
_REFRESH_S = 5.0
"""How often the generation is read again from a Chroma server, which others write to as well."""
_HNSW = {"space": "cosine", "ef_construction": 200, "ef_search": 200}


@dataclass(frozen=True, kw_only=True)
class ScoredChunk:
    """A chunk that was found."""

    chunk: Chunk
    similarity: float
    """Cosine similarity of query and chunk in [-1, 1]."""


class BriefingIndex:
    """Chunks and their vectors in Chroma; open it with `open`, close it with `close`.

    Chroma's blocking calls run in threads. With a folder, one process owns it until `close`
    (chroma-core/chroma#7040: a second one hangs or never sees new vectors).
    """

    def __init__(
        self,
        settings: IndexingSettings,
        client: ClientAPI,
        collection: Collection,
        lock: FileLock | None,
    ) -> None:
        self.settings = settings
        self._client = client
        self._collection = collection
        self._store = ChromaVectorStore(chroma_collection=collection)
        self._lock = lock
        self._writing = threading.Lock()
        self._generation = _generation(collection)
        self._refreshed_at = time.monotonic()

    @classmethod
    async def open(
        cls, settings: IndexingSettings, embedder: Embedder, *, fresh: bool = False
    ) -> Self:
        """Open the index, made new if there is none.

        Args:
            settings: Where the index is.
            embedder: Makes the vectors of chunks and of queries.
            fresh: Throw away what is there.

        Raises:
            IndexBusy: Another process owns the folder.
            ManifestMismatch: The index was built by another model or chunking.
        """
        return await asyncio.to_thread(cls._open, settings, embedder, fresh)

    @classmethod
    def _open(cls, settings: IndexingSettings, embedder: Embedder, fresh: bool) -> Self:
        lock = None if settings.chroma_url else _own(settings)
        try:
            client = _connect(settings)
            if fresh:
                _drop(client, settings.collection)
            collection = _collection(client, settings.collection, _manifest(settings, embedder))
        except BaseException:
            if lock:
                lock.release()
            raise
        return cls(settings, client, collection, lock)

    @property
    def generation(self) -> int:
        """Changes whenever the content changes, so that what is derived from it can be rebuilt.

        With a Chroma server, other processes' changes show within some seconds of a `query`.
        """
        return self._generation

    async def upsert(self, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        """Make these chunks the only ones of their briefings.

        New chunks are added before old ones are deleted: a briefing is findable all the time.

        Args:
            chunks: Every chunk of each briefing.
            vectors: One row per chunk.
        """
        await asyncio.to_thread(self._upsert, chunks, vectors)

    def _upsert(self, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        if len(chunks) != len(vectors):
            raise ValueError(f"{len(chunks)} chunks but {len(vectors)} vectors")
        if not chunks:
            return
        with self._writing:
            briefing_ids = sorted({chunk.briefing_id for chunk in chunks})
            kept = self._collection.get(where=any_of("briefing_id", briefing_ids), include=[])
            before = set(kept["ids"])
            # Chroma ignores what is added under a known id; an id stands for one content.
            nodes: list[BaseNode] = [
                to_node(chunk, vector)
                for chunk, vector in zip(chunks, vectors, strict=True)
                if chunk.id not in before
            ]
            for start in range(0, len(nodes), _BATCH):
                self._store.add(nodes[start : start + _BATCH])
            self._delete(sorted(before - {chunk.id for chunk in chunks}))
            self._raise_generation()

    async def delete_briefings(self, briefing_ids: Sequence[str]) -> None:
        """Remove every chunk of some briefings; unknown ids are no error."""
        if briefing_ids:
            await asyncio.to_thread(self._delete_briefings, briefing_ids)

    def _delete_briefings(self, briefing_ids: Sequence[str]) -> None:
        with self._writing:
            for start in range(0, len(briefing_ids), _BATCH):
                part = list(briefing_ids[start : start + _BATCH])
                self._collection.delete(where=any_of("briefing_id", part))
            self._raise_generation()

    async def query(
        self, vector: Vectors, limit: int, filters: IndexFilters | None = None
    ) -> list[ScoredChunk]:
        """Chunks most similar to a query, best first.

        Args:
            vector: One vector of the embedder, of length one.
            limit: Most chunks to return.
            filters: Which chunks may be found.
        """
        return await asyncio.to_thread(self._query, vector, limit, filters or IndexFilters())

    def _query(self, vector: Vectors, limit: int, filters: IndexFilters) -> list[ScoredChunk]:
        self._refresh()
        found = cast(
            dict[str, Any],
            self._collection.query(
                query_embeddings=np.asarray(vector, dtype=np.float32).reshape(1, -1),
                n_results=limit,
                where=where(filters),
                include=["documents", "metadatas", "distances"],
            ),
        )
        rows = zip(
            found["ids"][0],
            found["documents"][0],
            found["metadatas"][0],
            found["distances"][0],
            strict=True,
        )
        return [
            ScoredChunk(
                chunk=to_chunk(chunk_id, text, metadata),
                similarity=min(1.0, max(-1.0, 1.0 - float(distance))),
            )
            for chunk_id, text, metadata, distance in rows
        ]

    async def all_chunks(self) -> list[Chunk]:
        """Every chunk, briefings by id and each in reading order."""
        return await asyncio.to_thread(self._all_chunks)

    def _all_chunks(self) -> list[Chunk]:
        found = cast(dict[str, Any], self._collection.get(include=["documents", "metadatas"]))
        rows = zip(found["ids"], found["documents"], found["metadatas"], strict=True)
        chunks = [to_chunk(chunk_id, text, metadata) for chunk_id, text, metadata in rows]
        return sorted(chunks, key=lambda chunk: (chunk.briefing_id, chunk.ordinal))

    async def refresh(self) -> None:
        """Notice what others wrote to a Chroma server, at most every few seconds."""
        if self.settings.chroma_url and time.monotonic() - self._refreshed_at > _REFRESH_S:
            await asyncio.to_thread(self._refresh)

    async def chunk_ids(self) -> list[str]:
        """The ids of every chunk; an id stands for one content."""
        return await asyncio.to_thread(self._chunk_ids)

    def _chunk_ids(self) -> list[str]:
        return list(self._collection.get(include=[])["ids"])

    async def chunks_with_vectors(self, chunk_ids: Sequence[str]) -> list[tuple[Chunk, Vectors]]:
        """Those of the chunks that are there, each with its vector of length one."""
        return await asyncio.to_thread(self._chunks_with_vectors, chunk_ids)

    def _chunks_with_vectors(self, chunk_ids: Sequence[str]) -> list[tuple[Chunk, Vectors]]:
        read: list[tuple[Chunk, Vectors]] = []
        for start in range(0, len(chunk_ids), _BATCH):
            found = cast(
                dict[str, Any],
                self._collection.get(
                    ids=list(chunk_ids[start : start + _BATCH]),
                    include=["documents", "metadatas", "embeddings"],
                ),
            )
            rows = zip(
                found["ids"],
                found["documents"],
                found["metadatas"],
                np.asarray(found["embeddings"], dtype=np.float32),
                strict=True,
            )
            read += [(to_chunk(name, text, about), vector) for name, text, about, vector in rows]
        return read

    async def count(self) -> int:
        """Number of chunks."""
        return await asyncio.to_thread(self._collection.count)

    async def chunks_per_briefing(self) -> dict[str, int]:
        """Number of chunks of each briefing in the index."""
        found = await asyncio.to_thread(self._collection.get, include=["metadatas"])
        metadatas = cast(list[dict[str, str]], found["metadatas"])
        return dict(Counter(metadata["briefing_id"] for metadata in metadatas))

    async def close(self) -> None:
        """Give the folder back; the index can't be used afterwards."""
        await asyncio.to_thread(_disconnect, cast(Client, self._client))
        if self._lock:
            self._lock.release()

    def _delete(self, chunk_ids: Sequence[str]) -> None:
        for start in range(0, len(chunk_ids), _BATCH):
            self._collection.delete(ids=list(chunk_ids[start : start + _BATCH]))

    def _raise_generation(self) -> None:
        self._generation += 1
        manifest = {**(self._collection.metadata or {}), _GENERATION: self._generation}
        self._collection.modify(metadata=manifest)

    def _refresh(self) -> None:
        now = time.monotonic()
        if self.settings.chroma_url and now - self._refreshed_at > _REFRESH_S:
            self._refreshed_at = now
            self._generation = _generation(
                self._client.get_collection(self._collection.name, embedding_function=None)
            )


def _own(settings: IndexingSettings) -> FileLock:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    # Taken in one thread and released in another, hence not thread-local.
    lock = FileLock(settings.data_dir / "chroma.lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise IndexBusy(settings.chroma_folder) from error
    return lock


def _connect(settings: IndexingSettings) -> ClientAPI:
    quiet = ChromaSettings(anonymized_telemetry=False)
    if settings.chroma_url is None:
        return chromadb.PersistentClient(path=settings.chroma_folder, settings=quiet)
    url = urlsplit(settings.chroma_url)
    is_tls = url.scheme == "https"
    return chromadb.HttpClient(
        host=url.hostname or "localhost",
        port=url.port or (443 if is_tls else 8000),
        ssl=is_tls,
        settings=quiet,
    )


def _disconnect(client: Client) -> None:
    # Chroma's HTTP client leaves its connections open, and its inner administrator's as well.
    servers = (client._server, cast(Any, client._admin_client)._server)
    client.close()
    for server in servers:
        if (connections := getattr(server, "_session", None)) is not None:
            connections.close()


def _drop(client: ClientAPI, name: str) -> None:
    try:
        client.delete_collection(name)
    except (NotFoundError, ValueError):
        return


def _collection(client: ClientAPI, name: str, manifest: dict[str, Any]) -> Collection:
    collection = client.get_or_create_collection(
        name,
        metadata=manifest | {_GENERATION: 0},
        configuration={"hnsw": cast(Any, _HNSW)},
        embedding_function=None,
    )
    found = {key: (collection.metadata or {}).get(key) for key in manifest}
    if found == manifest:
        return collection
    if collection.count():
        raise ManifestMismatch(manifest, found)
    _drop(client, name)
    return _collection(client, name, manifest)


def _manifest(settings: IndexingSettings, embedder: Embedder) -> dict[str, Any]:
    """What an index must have been built with to be searched."""
    return {
        "embedding_model": embedder.model_id,
        "dimension": embedder.dimension,
        "chunking": chunking_version(settings.chunk_tokens),
    }


def _generation(collection: Collection) -> int:
    return int(cast(Any, collection.metadata or {}).get(_GENERATION, 0))
