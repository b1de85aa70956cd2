"""Owns the command `heidi-eval`: run a question set, compare two runs, list questions.

Expected failures are one line on standard error and exit code 2; 1 means that a run is not good
enough (`--fail-under`, `--fail-on-regression`).
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from eval.client import IdentitySigner, connect
from eval.compare import compare_runs, print_comparison
from eval.errors import EvalError
from eval.question_file import read_question_set
from eval.questions import Kind, QuestionSet
from eval.report import print_report, render_markdown
from eval.results import EvalRun, QuestionResult, RunInfo
from eval.run_file import read_run, write_run
from eval.runner import RunOptions, run_questions
from eval.server import ISSUER, Target, check_ready, own_server
from eval.summary import summarise
from indexing.files import demo_folder, read_briefing_folder

HERE = Path(__file__).parent
FIRST_SET = HERE / "questions" / "first.jsonl"
RUNS = HERE / "runs"
IN_PROCESS = "own demo server"

app = typer.Typer(
    help="Judges Heidi through her public interface.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
console = Console()

Questions = Annotated[Path, typer.Option("--questions", help="Question set (JSON Lines).")]
Kinds = Annotated[
    list[Kind] | None, typer.Option("--kind", help="Only questions of this kind; repeatable.")
]


@dataclass(frozen=True, kw_only=True)
class _Server:
    """Which server is asked, and how its host page signs."""

    url: str | None
    secret: str
    agent: str


@app.command()
def run(
    questions: Questions = FIRST_SET,
    url: Annotated[str | None, typer.Option(help="A running server; without it, a demo.")] = None,
    identity_secret: Annotated[
        str, typer.Option(envvar="HEIDI_IDENTITY_SECRET", help="With --url: signs customers in.")
    ] = "",
    agent: Annotated[str | None, typer.Option(help="With --url: what the report calls it.")] = None,
    out: Annotated[Path | None, typer.Option(help="File of the run (JSON).")] = None,
    summary: Annotated[Path | None, typer.Option(help="Report to commit (Markdown).")] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Questions at a time.")] = 2,
    kind: Kinds = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many questions.")] = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one answer.")] = 60.0,
    fail_under: Annotated[
        float, typer.Option(min=0, max=1, help="Exit 1 if fewer pass, such as 0.9.")
    ] = 0.0,
) -> None:
    """Ask a question set and judge the answers."""
    chosen = _read(questions).select(kinds=frozenset(kind or ()), limit=limit)
    if not chosen.questions:
        raise EvalError("no question of this kind is in the set")
    server = _Server(url=url, secret=identity_secret, agent=agent or _agent_name(url))
    options = RunOptions(
        concurrency=concurrency, turn_timeout_s=timeout, has_clock=url is None or chosen.now is None
    )
    done = asyncio.run(_run(chosen, server, options))
    figures = summarise(done)
    path = out or RUNS / f"{done.info.started_at:%Y%m%d-%H%M%S}-{chosen.name}.json"
    write_run(path, done, figures)
    print_report(console, done, figures)
    console.print(f"\nThe run: {path}", highlight=False)
    if summary is not None:
        summary.parent.mkdir(parents=True, exist_ok=True)
        summary.write_text(render_markdown(done, figures), encoding="utf-8")
    if (figures.total.pass_rate or 0.0) < fail_under:
        raise typer.Exit(1)


@app.command()
def compare(
    before: Path,
    after: Path,
    fail_on_regression: Annotated[
        bool, typer.Option("--fail-on-regression", help="Exit 1 if a question newly fails.")
    ] = False,
) -> None:
    """Show what changed from one run to another."""
    earlier, later = read_run(before), read_run(after)
    comparison = compare_runs(earlier, later)
    print_comparison(console, earlier, later, comparison)
    if fail_on_regression and comparison.has_regressed:
        raise typer.Exit(1)


@app.command(name="list")
def list_questions(questions: Questions = FIRST_SET, kind: Kinds = None) -> None:
    """Show the questions of a set."""
    chosen = _read(questions).select(kinds=frozenset(kind or ()), limit=None)
    for question in chosen.questions:
        turns = f"{len(question.steps)} turns" if len(question.steps) > 1 else ""
        console.print(f"{question.kind:<11} {question.id:<45} {turns}", highlight=False)
    counts = Counter(question.kind for question in chosen.questions)
    shown = ", ".join(f"{number} {name}" for name, number in counts.items())
    console.print(f"{len(chosen.questions)} questions: {shown}", highlight=False)


def main() -> None:
    """The command."""
    try:
        code = app(standalone_mode=False)
    except EvalError as error:
        code = _fail(str(error))
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        code = _fail(error.format_message())
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str) -> int:
    line = " ".join(message.split())
    Console(stderr=True).print(f"heidi-eval: {line}", style="red", highlight=False, markup=False)
    return 2


def _read(path: Path) -> QuestionSet:
    briefings = read_briefing_folder(demo_folder())
    return read_question_set(path, {briefing.id: briefing.path for briefing in briefings})


async def _run(questions: QuestionSet, server: _Server, options: RunOptions) -> EvalRun:
    started_at = datetime.now(UTC)
    with _progress() as progress:
        task = progress.add_task("Starting Heidi", total=None)
        async with _target(server, questions, progress.refresh) as target:
            progress.update(task, description="Asking", total=len(questions.questions))

            def advance(_: QuestionResult) -> None:
                progress.advance(task)

            async with connect(target.url, target.identities) as client:
                results = await run_questions(questions, client, options, advance)
    return EvalRun(
        info=RunInfo(
            question_set=questions.name,
            digest=questions.digest,
            started_at=started_at,
            now=questions.now if server.url is None else None,
            target=server.url or IN_PROCESS,
            agent=server.agent,
            revision=_revision(),
            concurrency=options.concurrency,
        ),
        results=results,
    )


@asynccontextmanager
async def _target(
    server: _Server, questions: QuestionSet, on_waiting: Callable[[], None]
) -> AsyncIterator[Target]:
    if server.url is None:
        async with own_server(questions.now, on_waiting) as target:
            yield target
        return
    await check_ready(server.url)
    needs_secret = any(question.signed_in_as for question in questions.questions)
    if needs_secret and not server.secret:
        raise EvalError("signing customers in needs --identity-secret or HEIDI_IDENTITY_SECRET")
    signer = IdentitySigner(secret=server.secret, issuer=ISSUER, clock=lambda: datetime.now(UTC))
    yield Target(url=server.url, identities=signer)


def _progress() -> Progress:
    terminal = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=terminal,
        transient=True,
        disable=not terminal.is_terminal,
    )


def _agent_name(url: str | None) -> str:
    if url is not None:
        return "unknown"
    if os.environ.get("OPENAI_API_KEY"):
        return f"llm:{os.environ.get('HEIDI_MODEL', 'default model')}"
    return "built-in"


def _revision() -> str | None:
    """The code's revision, where it is in a git repository."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(HERE), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
        return done.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--untracked-files=no")
        return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.SubprocessError):
        return None
