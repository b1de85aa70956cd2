"""Owns how a run is shown: a table on the terminal, and the same as Markdown to commit."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.results import EvalRun, QuestionResult
from eval.run_file import write_page, write_run
from eval.summary import Figures, Summary, summarise

RUNS = Path(__file__).parent / "runs"
"""Where runs are kept; not in git."""

COLUMNS = (
    "kind",
    "passed",
    "cites",
    "hit@1",
    "hit@5",
    "nDCG",
    "text p50",
    "p95",
    "all p50",
    "p95",
)
NOTHING = "–"


def conclude(
    console: Console,
    run: EvalRun,
    *,
    out: Path | None,
    summary_page: Path | None,
    fail_under: float,
) -> None:
    """Keep a run, show it, and end the command with 1 if it is not good enough.

    Args:
        console: where to show it.
        run: what was asked and what came.
        out: its file; None: a new one in `eval/runs/`.
        summary_page: where to write the page to commit, if anywhere.
        fail_under: least share of questions that have to pass.

    Raises:
        RunInvalid: a file can't be written.
        SystemExit: too few passed.
    """
    figures = summarise(run)
    path = out or RUNS / f"{run.info.started_at:%Y%m%d-%H%M%S}-{run.info.question_set}.json"
    if run.server_log:
        write_page(path.with_suffix(".server.log"), run.server_log)
    write_run(path, run, figures)
    print_report(console, run, figures)
    console.print(f"\nThe run: {path}", highlight=False, soft_wrap=True)
    if summary_page is not None:
        write_page(summary_page, render_markdown(run, figures))
    if (figures.total.pass_rate or 0.0) < fail_under:
        sys.exit(1)


def print_report(console: Console, run: EvalRun, summary: Summary) -> None:
    """Show a run on the terminal: the table, the figures over all, and every failure."""
    table = Table(
        *COLUMNS,
        title=f"{run.info.question_set}, {run.info.agent}, {run.info.machine}",
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    for column in table.columns[1:]:
        column.justify = "right"
    *kinds, total = _rows(summary)
    for row in kinds:
        table.add_row(*row)
    table.add_section()
    table.add_row(*total, style="bold")
    console.print(table)
    for name, value in _overall(summary.total):
        console.print(f"{name}: [bold]{value}[/]", highlight=False)
    for result in run.results:
        if result.failures:
            console.print(f"\n[red]✗[/] [bold]{result.id}[/] ({result.kind})")
            for line in _reasons(result):
                console.print(f"  {escape(line)}", highlight=False, soft_wrap=True)


def render_markdown(run: EvalRun, summary: Summary) -> str:
    """A run as a page to commit beside the change that it measures."""
    info = run.info
    clock = info.now.isoformat() if info.now else "the real one"
    lines = [
        f"# Evaluation: {info.question_set}",
        "",
        f"Agent `{info.agent}`, revision `{info.revision or 'unknown'}`, run on "
        f"{info.started_at:%Y-%m-%d}, target {info.target}, clock {clock}, question file "
        f"`{info.digest}`, {info.concurrency} questions at a time on {info.machine}. Written by "
        "`heidi-eval run --summary`.",
        "",
        _table_line(COLUMNS),
        _table_line(["---", *["--:"] * (len(COLUMNS) - 1)]),
        *(_table_line(row) for row in _rows(summary)),
        "",
        "Times in milliseconds, seen by the client: *text* to the first piece of text, *all* to "
        "the end. *cites*: share of turns with expected briefings that cite one of them; "
        "*hit@k*: that retrieve one of them among the first k; *nDCG*: of the first ten.",
        "",
        *(f"- {name}: **{value}**" for name, value in _overall(summary.total)),
        "",
        "## Failures",
        "",
    ]
    failed = [result for result in run.results if result.failures]
    for result in failed:
        lines.append(f"- `{result.id}` ({result.kind})")
        lines += [f"  - {_escape_markdown(line)}" for line in _reasons(result)]
    lines += [] if failed else ["None."]
    return "\n".join(lines) + "\n"


def _rows(summary: Summary) -> Iterator[tuple[str, ...]]:
    """One row for each kind, the total last."""
    for kind, figures in summary.by_kind:
        yield kind, *_cells(figures)
    yield "all", *_cells(summary.total)


def _cells(figures: Figures) -> tuple[str, ...]:
    skipped = f" ({figures.skipped} skipped)" if figures.skipped else ""
    return (
        f"{figures.passed}/{figures.questions}{skipped}",
        share(figures.citation_hit),
        share(figures.hit_at_1),
        share(figures.hit_at_5),
        share(figures.ndcg_at_10),
        milliseconds(figures.first_text_p50_ms),
        milliseconds(figures.first_text_p95_ms),
        milliseconds(figures.total_p50_ms),
        milliseconds(figures.total_p95_ms),
    )


def _overall(total: Figures) -> Iterator[tuple[str, str]]:
    yield (
        "pass rate",
        f"{share(total.pass_rate)} ({share(total.pass_rate_low)} to {share(total.pass_rate_high)})",
    )
    yield (
        "abstention",
        f"precision {share(total.abstention_precision)}, recall {share(total.abstention_recall)}, "
        f"F1 {share(total.abstention_f1)}",
    )
    yield "retrieval", f"recall@5 {share(total.recall_at_5)}, MRR {share(total.mrr)}"
    yield "sentences with a citation", share(total.grounded_share)
    yield "words in a cited answer", share(total.words_per_answer, digits=1)
    yield (
        "p99",
        f"first text {milliseconds(total.first_text_p99_ms)} ms, "
        f"whole answer {milliseconds(total.total_p99_ms)} ms",
    )


def _reasons(result: QuestionResult) -> Iterator[str]:
    for step, failure in result.failures:
        asked = result.records[step].message if step < len(result.records) else ""
        shown = " ".join(asked.split())[:90]
        yield f"turn {step + 1} “{shown}”: {failure.check}: {failure.reason}"


def share(value: float | None, *, digits: int = 3) -> str:
    """A figure between 0 and 1, or a dash."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def milliseconds(value: float | None) -> str:
    """A time, or a dash."""
    return NOTHING if value is None else f"{value:,.0f}"


def _table_line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escape_markdown(line: str) -> str:
    return line.replace("<", "‹").replace(">", "›").replace("|", "\\|").replace("*", "\\*")
