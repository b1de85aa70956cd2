"""Owns the commands of `heidi-eval` that measure on public collections, named by their path."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from assistant.agents.intent_classifier import IntentClassifier
from assistant.agents.news import NewsAnswerer
from assistant.core.router import Intent
from assistant.settings import Settings
from eval.answering import Answered, answer_all
from eval.answering import figures_of as answering_figures
from eval.answering_report import print_answering
from eval.beir import Collection, read_collection
from eval.collection_questions import to_briefing, to_question_set
from eval.errors import EvalError
from eval.knowledge import FilledIndex, filled_index
from eval.ranking import (
    RankingFigures,
    dense_ranker,
    fused_ranker,
    gain_over_best,
    heidi_ranker,
    lexical_ranker,
    measure,
)
from eval.report import conclude, share
from eval.routing import LabelledMessage, RoutingFigures, judge_routes, read_messages
from eval.runner import RunOptions
from eval.session import ServerChoice, progress_bar, run_session
from indexing.embedding import embedder_for
from indexing.pipeline import IndexingProgress

console = Console()

Folder = Annotated[Path, typer.Argument(help="A collection in the BEIR layout.")]
Where = Annotated[
    list[str] | None,
    typer.Option(help="Only queries with this metadata, as key=value; repeatable."),
]
Limit = Annotated[int | None, typer.Option(min=1, help="Only so many queries.")]
Json = Annotated[Path | None, typer.Option("--json", help="File of the figures (JSON).")]


def retrieval(
    folder: Folder, where: Where = None, limit: Limit = None, json_file: Json = None
) -> None:
    """Rank a collection's documents with Heidi's retriever and three baselines."""
    collection = _read(folder, where, limit)
    if not any(query.id in collection.judgements for query in collection.queries):
        raise EvalError(f"{folder}: no query is judged")
    with tempfile.TemporaryDirectory(prefix="heidi-eval-") as data_dir:
        figures = asyncio.run(_rank(collection, Path(data_dir)))
    _print_ranking(collection, figures)
    _write_json(json_file, {name: asdict(each) for name, each in figures.items()})


def answering(
    folder: Folder, where: Where = None, limit: Limit = None, json_file: Json = None
) -> None:
    """Answer a collection's queries in this process: gold answers, abstention, and its curve."""
    collection = _read(folder, where, limit)
    with tempfile.TemporaryDirectory(prefix="heidi-eval-") as data_dir:
        figures = answering_figures(asyncio.run(_answer(collection, Path(data_dir))))
    print_answering(console, collection.name, figures)
    _write_json(json_file, asdict(figures) | {"abstention_f1": figures.abstention.f1})


def answers(
    folder: Folder,
    where: Where = None,
    limit: Limit = None,
    out: Annotated[Path | None, typer.Option(help="File of the run (JSON).")] = None,
    summary: Annotated[Path | None, typer.Option(help="Report to commit (Markdown).")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Questions at a time.")] = 2,
) -> None:
    """Let Heidi read a collection and answer its queries, or abstain, and judge that."""
    collection = _read(folder, where, limit)
    server = ServerChoice(briefings=[to_briefing(each) for each in collection.documents])
    options = RunOptions(concurrency=concurrency)
    done = asyncio.run(run_session(to_question_set(collection), server, options))
    conclude(console, done, out=out, summary_page=summary, fail_under=0.0)


def routing(
    file: Annotated[Path, typer.Argument(help="Labelled messages (JSON Lines).")],
    mistakes: Annotated[int, typer.Option(min=0, help="Show so many wrong routes.")] = 0,
    json_file: Json = None,
) -> None:
    """Route labelled messages and show accuracy by tier, rejection and confusions."""
    messages = read_messages(file)
    with tempfile.TemporaryDirectory(prefix="heidi-eval-") as data_dir:
        classifier = IntentClassifier.load_or_train(embedder_for(Settings()), Path(data_dir))
        routes = classifier.route_all([message.text for message in messages])
    found: dict[str, object] = {}
    for tier in dict.fromkeys(message.tier for message in messages):
        pairs = [(m, r) for m, r in zip(messages, routes, strict=True) if m.tier == tier]
        figures = judge_routes([m for m, _ in pairs], [r for _, r in pairs])
        _print_routing(tier, figures)
        found[tier] = {
            "messages": figures.messages,
            "accuracy": figures.accuracy,
            "reject_precision": figures.rejection.precision,
            "reject_recall": figures.rejection.recall,
        }
    _write_json(json_file, found)
    wrong = [
        (message, route.intent)
        for message, route in zip(messages, routes, strict=True)
        if message.intent is not route.intent
    ]
    _print_mistakes(wrong[:mistakes])


def _read(folder: Path, where: list[str] | None, limit: int | None) -> Collection:
    wanted = dict(each.split("=", 1) for each in where or () if "=" in each)
    if len(wanted) != len(where or ()):
        raise EvalError("--where needs key=value, each key once")
    collection = read_collection(folder).select(where=wanted, limit=limit)
    if not collection.queries:
        raise EvalError(f"{folder}: no query is left")
    return collection


@asynccontextmanager
async def _indexed(
    collection: Collection, data_dir: Path, doing: str, total: int | None = None
) -> AsyncIterator[tuple[FilledIndex, Callable[[], None]]]:
    """The documents, indexed, under a progress bar that then shows what is done with them."""
    briefings = [to_briefing(document) for document in collection.documents]
    with progress_bar() as progress:
        task = progress.add_task("Indexing", total=None)

        def on_progress(state: IndexingProgress) -> None:
            progress.update(task, total=state.total, completed=state.done)

        async with filled_index(data_dir, briefings, on_progress) as filled:
            progress.reset(task, description=doing, total=total)
            yield filled, lambda: progress.advance(task)


async def _answer(collection: Collection, data_dir: Path) -> tuple[Answered, ...]:
    asked = len(collection.queries)
    async with _indexed(collection, data_dir, "Answering", asked) as (filled, advance):
        answerer = NewsAnswerer(filled.retriever, filled.embedder)
        return await answer_all(collection, answerer, advance)


async def _rank(collection: Collection, data_dir: Path) -> dict[str, RankingFigures]:
    async with _indexed(collection, data_dir, "Ranking") as (filled, _):
        dense = dense_ranker(filled.embedder, collection)
        lexical = lexical_ranker(collection)
        rankers = {
            "dense": dense,
            "BM25": lexical,
            "RRF": fused_ranker(dense, lexical),
            "heidi": heidi_ranker(filled.retriever, collection),
            "heidi, day unknown": heidi_ranker(filled.retriever, collection, is_day_known=False),
        }
        return {name: await measure(name, collection, ranker) for name, ranker in rankers.items()}


def _print_ranking(collection: Collection, figures: dict[str, RankingFigures]) -> None:
    columns = ("system", "nDCG@10", "recall@10", "MRR", "p50 ms", "p95 ms")
    asked = next(iter(figures.values())).queries
    table = Table(
        *columns,
        title=f"{collection.name}: {asked} queries, {len(collection.documents)} documents",
        title_justify="left",
        box=SIMPLE_HEAD,
    )
    for each in figures.values():
        shares = (each.ndcg_at_10, each.recall_at_10, each.mrr)
        times = (f"{each.p50_ms:.1f}", f"{each.p95_ms:.1f}")
        table.add_row(each.system, *map(share, shares), *times)
    console.print(table)
    for name in ("heidi", "heidi, day unknown"):
        gain = gain_over_best(figures, name)
        console.print(f"nDCG@10 of {name} over the best baseline: {gain:+.1%}", highlight=False)


def _print_routing(tier: str, figures: RoutingFigures) -> None:
    title = f"{tier}: accuracy {share(figures.accuracy)} of {figures.messages}"
    table = Table("is, routed to", *Intent, title=title, title_justify="left", box=SIMPLE_HEAD)
    for intent in Intent:
        counts = (figures.confusion.get((intent, other), 0) for other in Intent)
        table.add_row(intent, *(str(count or "") for count in counts))
    console.print(table)
    found = figures.rejection
    console.print(
        f"rejected {figures.rejected}: precision {share(found.precision)} (were wrong), "
        f"recall {share(found.recall)} (of the wrong ones)\n",
        highlight=False,
    )


def _print_mistakes(wrong: Sequence[tuple[LabelledMessage, Intent]]) -> None:
    for message, routed in wrong:
        line = f"{message.tier} {message.intent} → {routed}: {message.text}"
        console.print(line, highlight=False, markup=False, soft_wrap=True)


def _write_json(file: Path | None, figures: Mapping[str, object]) -> None:
    if file is not None:
        file.write_text(json.dumps(figures, indent=1), encoding="utf-8")
