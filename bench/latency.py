"""Measures how much longer a search takes than embedding its question, in an index of any size.

Baseline: one bare embedding of the same question by the same embedder, in the same run, turn about
with the search. After these, the same questions by sentence-transformers on PyTorch, as the library
comes: what a bare embedding takes without Heidi's embedder. The index is a real one in a Chroma
folder, filled with sentences of the demo briefings in new combinations, whose vectors are real ones
moved at random.

    python -m bench.latency --chunks 100000
    python -m bench.latency --chunks 6000 --folder FOLDER --questions 400

A folder is filled once and used again by later runs.
"""

from __future__ import annotations

import asyncio
import json
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from threadpoolctl import threadpool_limits

from assistant.core.passages import RetrievalQuery
from assistant.retrieval.hybrid import HybridRetriever
from indexing.chunking import Chunk
from indexing.embedding import Embedder, SentenceTransformerEmbedder, Vectors, embedder_for
from indexing.files import demo_folder, read_briefing_folder
from indexing.index import BriefingIndex
from indexing.prose import read_sections
from indexing.sentences import split_sentences
from indexing.settings import IndexingSettings

SEED_TEXTS = 1_500
"""Texts that are really embedded; the other vectors stand near theirs."""
MOVED_BY = 0.8
"""Length of what is added to a vector at random."""
SENTENCES_PER_CHUNK = 5
CHUNKS_PER_BRIEFING = 6
AT_ONCE = 1_998
"""Whole briefings, so that none is replaced by its own rest."""
WARM_UP = 10
FIRST_DAY = date(2023, 1, 1)
DAYS = 1_000
OPENINGS = (
    "What do the briefings say about",
    "Who is behind",
    "When was there news of",
    "Why does it matter:",
    "How much is at stake in",
    "Is there anything since March on",
    "Tell me more about",
    "What came of",
)

_console = Console()


@dataclass(kw_only=True)
class Times:
    """How long something took, each time."""

    wall_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    """Of the whole process, threads of libraries included."""

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Measure what is done within."""
        cpu, wall = _cpu_s(), time.perf_counter()
        yield
        self.wall_ms.append((time.perf_counter() - wall) * 1000)
        self.cpu_ms.append((_cpu_s() - cpu) * 1000)

    def at(self, quantile: float) -> float:
        """The wall time within which this share was done."""
        return float(np.quantile(self.wall_ms, quantile))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Filling:
    """Chunks that look like real ones.

    Args:
        embedder: makes the vectors that the others stand near.
    """

    def __init__(self, embedder: Embedder) -> None:
        self._random = Random(1)
        self._numbers = np.random.default_rng(1)
        briefings = read_briefing_folder(demo_folder())
        self.titles = [briefing.title for briefing in briefings]
        self._sentences = [
            sentence
            for briefing in briefings
            for section in read_sections(briefing.body)
            for line in section.lines
            for sentence in split_sentences(line)
        ]
        self._seeds = embedder.embed_passages([self._text() for _ in range(SEED_TEXTS)])

    def chunks(self, first: int, count: int) -> tuple[list[Chunk], Vectors]:
        """Some chunks, numbered from `first`, with their vectors."""
        near = self._seeds[self._numbers.integers(0, len(self._seeds), count)]
        moved = self._numbers.standard_normal(near.shape)
        moved *= MOVED_BY / np.linalg.norm(moved, axis=1, keepdims=True)
        vectors = near + moved
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return [self._chunk(number) for number in range(first, first + count)], vectors.astype(
            np.float32
        )

    def questions(self, count: int) -> list[str]:
        """Different questions about what the demo briefings tell."""
        asked = [f"{opening} {title}?" for opening in OPENINGS for title in self.titles]
        return self._random.sample(asked, min(count, len(asked)))

    def _text(self) -> str:
        return " ".join(self._random.sample(self._sentences, SENTENCES_PER_CHUNK))

    def _chunk(self, number: int) -> Chunk:
        briefing, ordinal = divmod(number, CHUNKS_PER_BRIEFING)
        words = self._random.choice(self._sentences).split()
        return Chunk(
            id=f"fill-{briefing}:{ordinal}:bench",
            briefing_id=f"fill-{briefing}",
            ordinal=ordinal,
            text=self._text(),
            heading="",
            title=" ".join(words[:9]),
            path=f"/briefings/fill-{briefing}",
            date=FIRST_DAY + timedelta(days=briefing % DAYS),
            category="AI",
            section="News",
            sentiment="neutral",
            source_name="Example Wire",
            source_url="https://example.org/",
        )


async def fill(index: BriefingIndex, filling: Filling, count: int) -> None:
    """Bring an index to a number of chunks."""
    held = await index.count()
    with Progress(console=_console) as progress:
        bar = progress.add_task("filling the index", total=count, completed=held)
        for first in range(held, count, AT_ONCE):
            chunks, vectors = filling.chunks(first, min(AT_ONCE, count - first))
            await index.upsert(chunks, vectors)
            progress.update(bar, advance=len(chunks))


async def measure(
    retriever: HybridRetriever, embedder: Embedder, questions: Sequence[str]
) -> dict[str, Times]:
    """Embed and search every question, turn about; the first ones are not counted.

    The two word a question differently, so that neither finds it in the embedder's cache.
    """

    async def embed(question: str) -> None:
        embedder.embed_queries([question + " "])

    async def search(question: str) -> None:
        await retriever.search(RetrievalQuery(text=question))

    ways: dict[str, Callable[[str], Awaitable[None]]] = {
        "embedding": embed,
        "search": search,
        "search, embedding cached": search,
    }
    times = {name: Times() for name in ways}
    for number, question in enumerate(questions):
        for name, way in ways.items():
            with times[name].taken() if number >= WARM_UP else Times().taken():
                await way(question)
    return times


def measure_stock(questions: Sequence[str]) -> Times:
    """Embed every question by PyTorch; apart, because its threads go on turning after a call."""
    embedder = SentenceTransformerEmbedder()
    times = Times()
    for number, question in enumerate(questions):
        with times.taken() if number >= WARM_UP else Times().taken():
            embedder.embed_queries([question])
    return times


async def run(chunks: int, questions: int, folder: Path) -> dict[str, Times]:
    """Fill the index, build the catalogue, measure, with BLAS on one thread as in a server."""
    with threadpool_limits(limits=1, user_api="blas"):
        settings = IndexingSettings(data_dir=folder)
        embedder = embedder_for(settings)
        filling = Filling(embedder)
        index = await BriefingIndex.open(settings, embedder)
        try:
            await fill(index, filling, chunks)
            retriever = HybridRetriever(index, embedder)
            began = time.perf_counter()
            with _console.status("building the catalogue"):
                await retriever.warm()
            built_s = time.perf_counter() - began
            began = time.perf_counter()
            await index.upsert(*filling.chunks(0, CHUNKS_PER_BRIEFING))
            await _until_rebuilt(retriever, index)
            updated_s = time.perf_counter() - began
            asked = filling.questions(questions + WARM_UP)
            times = await measure(retriever, embedder, asked)
        finally:
            await index.close()
    times["embedding by PyTorch"] = measure_stock(asked)
    _console.print(
        f"catalogue built in {built_s:.1f} s; one briefing replaced in {updated_s:.1f} s"
    )
    return times


async def _until_rebuilt(retriever: HybridRetriever, index: BriefingIndex) -> None:
    while retriever.generation != index.generation:
        await retriever.search(RetrievalQuery(text=""))


def _table(times: dict[str, Times], title: str) -> Table:
    baseline = times["embedding"]
    table = Table("", "p50 ms", "p99 ms", "CPU ms", "p50 ratio", "p99 ratio", title=title)
    for name, taken in times.items():
        table.add_row(
            name,
            f"{taken.at(0.5):.2f}",
            f"{taken.at(0.99):.2f}",
            f"{np.mean(taken.cpu_ms):.2f}",
            f"{taken.at(0.5) / baseline.at(0.5):.2f}",
            f"{taken.at(0.99) / baseline.at(0.99):.2f}",
        )
    return table


def main(
    chunks: Annotated[int, typer.Option(help="How many chunks the index holds.")] = 100_000,
    questions: Annotated[int, typer.Option(help="How many questions to ask.")] = 300,
    folder: Annotated[
        Path | None, typer.Option(help="Keep the index here, and use it again.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Figures as JSON.")] = None,
) -> None:
    """Print the times and their ratios."""
    with tempfile.TemporaryDirectory() as temporary:
        times = asyncio.run(run(chunks, questions, folder or Path(temporary)))
    _console.print(_table(times, f"{chunks:,} chunks, {questions} questions"))
    if json_file:
        found = {
            name: {"p50_ms": taken.at(0.5), "p99_ms": taken.at(0.99)}
            for name, taken in times.items()
        }
        json_file.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
