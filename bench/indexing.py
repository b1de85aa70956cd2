"""Compares the indexing job with llama-index's own pipeline on the same posts.

Baseline: `IngestionPipeline(SentenceSplitter(), <embedding>)` over the posts' texts as they are,
into a Chroma folder with the settings that both come with. Ours: posts written as briefings, cut,
embedded and stored by `IndexingJob`. Both use the packaged all-MiniLM-L6-v2.

    python -m bench.indexing POSTS.jsonl --posts 40

`job seconds` leave out writing the briefings, which the baseline does not do.
`again` is a second run over the same posts. `lost` is the share of word pieces that the model
never reads, since it reads 256 of each chunk.
`cut` is the share of chunks that end in the middle of a sentence.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import chromadb
import typer
from llama_index.core import Document
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.vector_stores.chroma import ChromaVectorStore
from rich.console import Console
from rich.table import Table
from sentence_transformers import SentenceTransformer

from indexing.briefings import Briefing
from indexing.database import open_engine
from indexing.embedding import (
    count_packaged_tokens,
    embedder_for,
    packaged_model_folder,
)
from indexing.index import BriefingIndex
from indexing.pipeline import IndexingJob
from indexing.posts import Post, read_posts, unique_posts
from indexing.repository import SqlBriefings
from indexing.settings import IndexingSettings
from indexing.tables import create_missing_tables
from indexing.writing import write_briefings

READ_TOKENS = 254


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one way of indexing costs and yields."""

    seconds: float
    job_seconds: float
    cpu_seconds: float
    again_seconds: float
    chunks: int
    tokens: int
    lost: float
    read_per_cpu_second: float
    cut: float
    bytes: int


class PlainEmbedding(BaseEmbedding):
    """The adapter that a newcomer would write."""

    _model: Any = None

    def load(self) -> PlainEmbedding:
        """Load the packaged model."""
        self._model = SentenceTransformer(str(packaged_model_folder()), device="cpu")
        return self

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = self._model.encode(texts, show_progress_bar=False).tolist()
        return vectors

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)


def measure_baseline(posts: Sequence[Post], folder: Path) -> Figures:
    """Index with llama-index's pipeline."""
    embedding = PlainEmbedding().load()
    client = chromadb.PersistentClient(folder)
    collection = client.create_collection("posts")
    pipeline = IngestionPipeline(
        transformations=[SentenceSplitter(), embedding],
        vector_store=ChromaVectorStore(chroma_collection=collection),
    )
    documents = [
        Document(text=post.text, id_=post.id, metadata={"title": post.title, "url": post.url})
        for post in posts
    ]
    started, cpu = time.monotonic(), time.process_time()
    pipeline.run(documents=documents)
    seconds, cpu_seconds = time.monotonic() - started, time.process_time() - cpu
    started = time.monotonic()
    pipeline.run(documents=documents)
    texts = [str(text) for text in collection.get(include=["documents"])["documents"] or []]
    again = time.monotonic() - started
    return _figures(texts, texts, (seconds, seconds, cpu_seconds, again), folder)


async def measure_ours(posts: Sequence[Post], folder: Path) -> Figures:
    """Write briefings and index them."""
    settings = IndexingSettings(data_dir=folder, database_url="", chroma_url=None)
    embedder = embedder_for(settings)
    embedder.embed_queries(["load the model"])
    engine = open_engine(settings.database)
    await create_missing_tables(engine)
    repository = SqlBriefings(engine)
    index = await BriefingIndex.open(settings, embedder)

    started, cpu = time.monotonic(), time.process_time()
    written = write_briefings(posts, embedder, words=settings.briefing_words)
    await repository.upsert(item for item in written if isinstance(item, Briefing))
    writing_seconds = time.monotonic() - started
    await IndexingJob(repository, index, embedder).run()
    seconds, cpu_seconds = time.monotonic() - started, time.process_time() - cpu
    started = time.monotonic()
    await IndexingJob(repository, index, embedder).run()
    again = time.monotonic() - started
    chunks = await index.all_chunks()
    await index.close()
    await engine.dispose()
    read = [chunk.embedded_text for chunk in chunks]
    times = (seconds, seconds - writing_seconds, cpu_seconds, again)
    return _figures([c.text for c in chunks], read, times, folder)


def _figures(
    texts: list[str], read: list[str], times: tuple[float, float, float, float], folder: Path
) -> Figures:
    seconds, job_seconds, cpu, again = times
    tokens = [count_packaged_tokens(text) for text in read]
    lost = sum(max(0, count - READ_TOKENS) for count in tokens)
    return Figures(
        seconds=seconds,
        job_seconds=job_seconds,
        cpu_seconds=cpu,
        again_seconds=again,
        chunks=len(texts),
        tokens=sum(tokens),
        lost=lost / max(1, sum(tokens)),
        read_per_cpu_second=(sum(tokens) - lost) / cpu,
        cut=sum(not text.rstrip(" \n\"')*_`").endswith((".", "!", "?", ":", "…")) for text in texts)
        / max(1, len(texts)),
        bytes=sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()),
    )


def main(
    posts_file: Annotated[Path, typer.Argument(help="A file of posts, one JSON object per line.")],
    posts: Annotated[int, typer.Option(help="How many posts to index.")] = 40,
    json_file: Annotated[Path | None, typer.Option("--json", help="Figures as JSON.")] = None,
) -> None:
    """Print both ways and their ratio."""
    read = [item for item in read_posts(posts_file) if isinstance(item, Post)]
    taken = unique_posts(read)[:posts]
    with tempfile.TemporaryDirectory() as folder:
        theirs = measure_baseline(taken, Path(folder) / "baseline")
        ours = asyncio.run(measure_ours(taken, Path(folder) / "ours"))
    table = Table(
        "", "llama-index pipeline", "heidi", "ratio", title=f"Indexing {len(taken)} posts"
    )
    for name, form in (
        ("seconds", ".1f"),
        ("job_seconds", ".1f"),
        ("cpu_seconds", ".1f"),
        ("again_seconds", ".2f"),
        ("chunks", ",d"),
        ("tokens", ",d"),
        ("lost", ".1%"),
        ("read_per_cpu_second", ",.0f"),
        ("cut", ".1%"),
        ("bytes", ",d"),
    ):
        before, after = getattr(theirs, name), getattr(ours, name)
        ratio = f"{after / before:.2f}" if before else "-"
        table.add_row(name.replace("_", " "), format(before, form), format(after, form), ratio)
    Console().print(table)
    if json_file:
        found = {"baseline": asdict(theirs), "heidi": asdict(ours)}
        json_file.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
