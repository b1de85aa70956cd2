"""Owns the command `heidi-eval supported`: answers over real posts, and what supports them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from assistant.agents.news import NewsAnswerer
from eval.errors import EvalError
from eval.question_file import read_question_set
from eval.questions import QuestionSet
from eval.report import RUNS
from eval.run_file import write_page
from eval.session import HERE, progress_bar
from eval.supported import AskedTurn, check_answer
from eval.supported_asking import ask_all
from eval.supported_figures import JudgedTurn, by_group, figures_of, sample_of
from eval.supported_knowledge import PostsIndex, digest_of, posts_index
from eval.supported_reading import read_readings
from eval.supported_report import (
    SupportedRun,
    print_supported,
    reading_shares,
    render_supported,
)
from indexing.pipeline import IndexingProgress

POSTS_SET = HERE / "questions" / "posts.jsonl"
PAGE = HERE / "reports" / "supported.md"
READINGS = HERE / "reports" / "supported-reading.jsonl"

console = Console()


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What a session brought."""

    questions: QuestionSet
    turns: tuple[AskedTurn, ...]
    now: datetime
    briefings: int


@dataclass(frozen=True, kw_only=True)
class _Bar:
    """Shows on one line what is being done and how far it is."""

    progress: Progress
    task: TaskID

    def stage(self, name: str, total: int | None = None) -> None:
        self.progress.update(self.task, description=name, total=total, completed=0)

    def indexed(self, state: IndexingProgress) -> None:
        self.progress.update(self.task, total=state.total, completed=state.done)

    def advance(self) -> None:
        self.progress.advance(self.task)


def supported(
    posts: Annotated[Path, typer.Option(help="Posts, as `heidi index add --jsonl` takes them.")],
    questions: Annotated[
        Path, typer.Option(help="Question set (JSON Lines) over these posts.")
    ] = POSTS_SET,
    cache: Annotated[Path, typer.Option(help="Folder of indexes that are kept.")] = RUNS
    / "supported",
    sample: Annotated[int, typer.Option(min=0, help="So many answers are listed to read.")] = 50,
    seed: Annotated[int, typer.Option(help="Chooses them.")] = 0,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many questions.")] = None,
    output: Annotated[Path, typer.Option(help="Report to commit (Markdown).")] = PAGE,
    reading: Annotated[
        Path, typer.Option(help="Verdicts of who read the answers (JSON Lines).")
    ] = READINGS,
    texts: Annotated[
        bool, typer.Option(help="The report repeats answers and citations: words of the posts.")
    ] = True,
    out: Annotated[Path | None, typer.Option(help="File of all answers (JSON Lines).")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="The figures (JSON).")] = None,
    fail_under: Annotated[
        float, typer.Option(min=0, max=1, help="Exit 1 if fewer sentences are supported.")
    ] = 0.0,
) -> None:
    """Let the built-in agent answer questions over real posts, and check what supports them."""
    readings = read_readings(reading)
    asked = asyncio.run(_session(posts, questions, cache, limit))
    judged = tuple(JudgedTurn(turn=turn, sentences=check_answer(turn)) for turn in asked.turns)
    run = SupportedRun(
        question_set=asked.questions.name,
        digest=asked.questions.digest,
        posts_digest=digest_of(posts),
        briefings=asked.briefings,
        asked_on=datetime.now(UTC).date(),
        now=asked.now,
        judged=judged,
        total=figures_of(judged),
        groups=by_group(judged),
        sample=tuple(sample_of(judged, sample, seed)),
        seed=seed,
        readings=readings,
        has_texts=texts,
    )
    print_supported(console, run)
    write_page(output, render_supported(run))
    console.print(f"\nThe report: {output}", highlight=False, soft_wrap=True)
    if out is not None:
        write_page(out, "".join(map(_line, judged)))
    if json_file is not None:
        read, supported_as_read = map(asdict, reading_shares(run))
        figures = asdict(run.total) | {"read": read, "supported_as_read": supported_as_read}
        write_page(json_file, json.dumps(figures, indent=1))
    if (run.total.supported.value or 0.0) < fail_under:
        raise typer.Exit(1)


async def _session(posts: Path, questions: Path, cache: Path, limit: int | None) -> _Asked:
    with progress_bar() as progress:
        bar = _Bar(progress=progress, task=progress.add_task("Reading posts", total=None))
        async with posts_index(posts, cache, bar.stage, bar.indexed) as known:
            chosen = _chosen(questions, known, limit)
            bar.stage("Asking", total=len(chosen.questions))
            retriever = known.filled.retriever
            answerer = NewsAnswerer(retriever, known.filled.embedder)
            turns = await ask_all(chosen, answerer, retriever, known.now, bar.advance)
            return _Asked(questions=chosen, turns=turns, now=known.now, briefings=len(known.newest))


def _chosen(path: Path, known: PostsIndex, limit: int | None) -> QuestionSet:
    named_by_id = {briefing_id: briefing_id for briefing_id in known.briefing_ids}
    chosen = read_question_set(path, named_by_id).select(kinds=frozenset(), limit=limit)
    if not chosen.questions:
        raise EvalError(f"{path}: holds no question")
    return chosen


def _line(judged: JudgedTurn) -> str:
    turn = judged.turn
    kept = {
        "key": turn.key,
        "message": turn.message,
        "expected": turn.note,
        "outcome": turn.outcome,
        "answer": turn.answer,
        "citations": [(each.briefing_id, each.title, each.quote) for each in turn.citations],
        "retrieved": turn.retrieved,
        "expected_briefings": sorted(turn.expect.cites),
        "missing": turn.missing,
        "lost": turn.lost,
        "unsupported": [each.sentence for each in judged.sentences if not each.is_supported],
        "elapsed_ms": round(turn.elapsed_ms, 1),
    }
    return json.dumps(kept, ensure_ascii=False) + "\n"
