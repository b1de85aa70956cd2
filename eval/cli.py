"""Owns the command `heidi-eval`: run a question set, compare two runs, list questions.

Expected failures are one line on standard error and exit code 2; 1 means that a run is not good
enough (`--fail-under`, `--fail-on-regression`).
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from eval.collection_cli import answering, answers, retrieval, routing
from eval.compare import compare_runs, print_comparison
from eval.errors import EvalError
from eval.importing import import_questions
from eval.question_file import read_question_set
from eval.questions import Kind, QuestionSet
from eval.report import conclude
from eval.run_file import read_run
from eval.runner import RunOptions
from eval.session import HERE, ServerChoice, run_session
from eval.supported_cli import supported
from indexing.errors import IndexingError
from indexing.files import demo_folder, read_briefing_folder

FIRST_SET = HERE / "questions" / "first.jsonl"

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


app.command()(retrieval)
app.command()(answers)
app.command()(answering)
app.command()(routing)
app.command()(supported)


@app.command()
def run(
    questions: Questions = FIRST_SET,
    url: Annotated[str | None, typer.Option(help="A running server; without it, a demo.")] = None,
    identity_secret: Annotated[
        str, typer.Option(envvar="HEIDI_IDENTITY_SECRET", help="With --url: signs customers in.")
    ] = "",
    agent: Annotated[str | None, typer.Option(help="With --url: what the report calls it.")] = None,
    data_from: Annotated[
        Path | None, typer.Option(help="Data folder of a demo to copy: starts faster.")
    ] = None,
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
    server = ServerChoice(url=url, secret=identity_secret, agent=agent, data_from=data_from)
    options = RunOptions(
        concurrency=concurrency, turn_timeout_s=timeout, has_clock=url is None or chosen.now is None
    )
    done = asyncio.run(run_session(chosen, server, options))
    conclude(console, done, out=out, summary_page=summary, fail_under=fail_under)


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


@app.command(name="import")
def import_from_console(
    export: Annotated[
        Path, typer.Argument(help="What the console or `heidi staff questions` wrote.")
    ],
    into: Annotated[Path, typer.Option("--into", help="Question set that grows, or is made.")],
) -> None:
    """Add the questions that support staff made of bad answers to a question set."""
    done = import_questions(export, into, _briefing_paths())
    console.print(
        f"{len(done.added)} added, {len(done.changed)} changed, {done.kept} there already.",
        highlight=False,
    )


def main() -> None:
    """The command."""
    try:
        code = app(standalone_mode=False)
    except (EvalError, IndexingError) as error:
        code = _fail(str(error))
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        code = _fail(error.format_message())
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str) -> int:
    line = " ".join(message.split())
    terminal = Console(stderr=True)
    terminal.print(
        f"heidi-eval: {line}", style="red", highlight=False, markup=False, soft_wrap=True
    )
    return 2


def _read(path: Path) -> QuestionSet:
    return read_question_set(path, _briefing_paths())


def _briefing_paths() -> dict[str, str]:
    briefings = read_briefing_folder(demo_folder())
    return {briefing.id: briefing.path for briefing in briefings}
