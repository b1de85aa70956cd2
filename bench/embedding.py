"""Compares what can run the packaged model: time of a query, throughput of passages, quality kept.

Baseline `torch`: sentence-transformers on PyTorch, as the library comes. Beside it the same weights
on onnxruntime, whole (`onnx`) and rounded to eight bits (`int8`). Queries are embedded one by one
and take turns between the three, so that whatever else the machine does falls on all alike.

    python -m bench.embedding COLLECTION
    python -m bench.embedding COLLECTION --json figures.json

COLLECTION has the BEIR layout. Its documents and queries are what is embedded; nDCG@10 is of dense
search alone.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from eval.beir import Collection, read_collection
from eval.ranking import dense_ranker, measure
from indexing.embedding import Embedder, SentenceTransformerEmbedder, count_packaged_tokens
from indexing.onnx_embedder import OnnxEmbedder

BASELINE = "torch"


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one way of running the model costs and keeps."""

    query_p50_ms: float
    query_p95_ms: float
    tokens_per_second: float
    """Word pieces of passages."""
    cosine: float
    """Mean similarity of its query vectors to the baseline's."""
    ndcg_at_10: float


def embedders(threads: int | None) -> dict[str, Embedder]:
    """The ways to run the packaged model."""
    return {
        BASELINE: SentenceTransformerEmbedder(threads=threads),
        "onnx": OnnxEmbedder(threads=threads, quantize=False),
        "int8": OnnxEmbedder(threads=threads),
    }


def time_queries(
    models: dict[str, Embedder], queries: Sequence[str]
) -> tuple[dict[str, list[float]], dict[str, list[np.ndarray]]]:
    """Milliseconds and vectors of each query, by model; the models take turns."""
    times: dict[str, list[float]] = {name: [] for name in models}
    vectors: dict[str, list[np.ndarray]] = {name: [] for name in models}
    for model in models.values():
        model.embed_queries(["what loads the model", *queries[:3]])
    for query in queries:
        for name, model in models.items():
            # Not in the cache of queries, and as long as the query itself.
            started = time.perf_counter()
            vector = model.embed_queries([f"{query} "])[0]
            times[name].append((time.perf_counter() - started) * 1000)
            vectors[name].append(vector)
    return times, vectors


def tokens_per_second(model: Embedder, texts: Sequence[str]) -> float:
    """Word pieces that are embedded in a second, as passages."""
    tokens = sum(min(254, count_packaged_tokens(text)) for text in texts)
    started = time.perf_counter()
    model.embed_passages(texts)
    return tokens / (time.perf_counter() - started)


async def compare(
    collection: Collection, queries: int, passages: int, threads: int | None
) -> dict[str, Figures]:
    """Figures of every way to run the model."""
    models = embedders(threads)
    times, vectors = time_queries(models, [query.text for query in collection.queries[:queries]])
    texts = [f"{each.title}\n{each.text}" for each in collection.documents[:passages]]
    found: dict[str, Figures] = {}
    with Progress() as progress:
        task = progress.add_task("Ranking", total=len(models))
        for name, model in models.items():
            ranked = await measure(name, collection, dense_ranker(model, collection))
            pairs = zip(vectors[BASELINE], vectors[name], strict=True)
            found[name] = Figures(
                query_p50_ms=float(np.percentile(times[name], 50)),
                query_p95_ms=float(np.percentile(times[name], 95)),
                tokens_per_second=tokens_per_second(model, texts),
                cosine=float(np.mean([whole @ other for whole, other in pairs])),
                ndcg_at_10=ranked.ndcg_at_10,
            )
            progress.advance(task)
    return found


def table_of(figures: dict[str, Figures], title: str) -> Table:
    """Every figure with its ratio to the baseline's."""
    table = Table("", *figures, title=title)
    baseline = asdict(figures[BASELINE])
    for key, first in baseline.items():
        cells = []
        for each in figures.values():
            value = asdict(each)[key]
            cells.append(f"{value:,.4g} ({value / first:.3f})")
        table.add_row(key.replace("_", " "), *cells)
    return table


def main(
    folder: Annotated[Path, typer.Argument(help="A collection in the BEIR layout.")],
    queries: Annotated[int, typer.Option(min=10, help="Queries to time.")] = 300,
    passages: Annotated[int, typer.Option(min=10, help="Passages to time.")] = 300,
    threads: Annotated[int | None, typer.Option(help="Threads for passages.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Figures as JSON.")] = None,
) -> None:
    """Print the three with their ratios to PyTorch."""
    collection = read_collection(folder)
    figures = asyncio.run(compare(collection, queries, passages, threads))
    Console(width=110).print(table_of(figures, f"all-MiniLM-L6-v2 on {collection.name}"))
    if json_file:
        found = {name: asdict(each) for name, each in figures.items()}
        json_file.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
