"""Owns the comparison of two runs of a question set: what changed, and whether it may be chance."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from eval.metrics import Interval, bootstrap_mean
from eval.report import NOTHING
from eval.run_file import KeptRun
from eval.summary import FIGURE_NAMES


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """How a later run differs from an earlier one; by question, on those that both asked."""

    shared: int
    newly_failing: tuple[str, ...]
    newly_passing: tuple[str, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    difference: Interval | None
    """Of the pass rates on the shared questions, paired; None if there are none."""
    is_same_file: bool
    """Whether both asked the same question file."""

    @property
    def has_regressed(self) -> bool:
        """Whether a question that passed fails now."""
        return bool(self.newly_failing)


def compare_runs(before: KeptRun, after: KeptRun) -> Comparison:
    """Compare two runs."""
    shared = [question for question in before.passed if question in after.passed]
    changes = [float(after.passed[each]) - float(before.passed[each]) for each in shared]
    return Comparison(
        shared=len(shared),
        newly_failing=tuple(
            each for each, change in zip(shared, changes, strict=True) if change < 0
        ),
        newly_passing=tuple(
            each for each, change in zip(shared, changes, strict=True) if change > 0
        ),
        only_before=tuple(each for each in before.passed if each not in after.passed),
        only_after=tuple(each for each in after.passed if each not in before.passed),
        difference=bootstrap_mean(changes) if changes else None,
        is_same_file=before.digest == after.digest,
    )


def print_comparison(
    console: Console, before: KeptRun, after: KeptRun, comparison: Comparison
) -> None:
    """Show what changed."""
    table = Table("figure", _label(before), _label(after), "change", title="Figures")
    for name in FIGURE_NAMES:
        table.add_row(name, *_change(before.figures.get(name), after.figures.get(name)))
    console.print(table)
    if not comparison.is_same_file:
        console.print("[yellow]The question files differ: only shared questions are compared.[/]")
    if (difference := comparison.difference) is not None:
        is_sure = difference.low > 0 or difference.high < 0
        meaning = "more than chance" if is_sure else "may be chance"
        console.print(
            f"Pass rate on {comparison.shared} shared questions: {difference.value:+.3f} "
            f"(95 % interval {difference.low:+.3f} to {difference.high:+.3f}: {meaning})",
            highlight=False,
        )
    for title, questions, colour in (
        ("Newly failing", comparison.newly_failing, "red"),
        ("Newly passing", comparison.newly_passing, "green"),
        ("Only before", comparison.only_before, "yellow"),
        ("Only after", comparison.only_after, "yellow"),
    ):
        for question in questions:
            reason = after.reasons.get(question, "")
            line = f"[{colour}]{title}[/]: {question} {escape(reason)}".rstrip()
            console.print(line, highlight=False, soft_wrap=True)


def _label(run: KeptRun) -> str:
    return f"{run.path.name}\n{run.agent}\n{run.revision or ''}".rstrip()


def _change(before: float | None, after: float | None) -> tuple[str, str, str]:
    def cell(value: float | None) -> str:
        return NOTHING if value is None else f"{value:g}"

    if before is None or after is None:
        return cell(before), cell(after), NOTHING
    return cell(before), cell(after), f"{after - before:+g}"
