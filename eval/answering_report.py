"""Owns how the answers to a collection are shown."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from eval.answering import AnsweringFigures
from eval.collection_questions import MAX_WORDS
from eval.report import share


def print_answering(console: Console, name: str, figures: AnsweringFigures) -> None:
    """Show the figures and the curve of confidence."""
    console.print(f"[bold]{name}: {figures.queries} queries[/]", highlight=False)
    rows = (
        ("gold answer said", share(figures.gold_said)),
        (f"within {MAX_WORDS} words", share(figures.gold_said_short)),
        ("as an answer, not as the closest", share(figures.gold_said_outright)),
        ("gold answer stands in a relevant document", share(figures.gold_there)),
        ("words, mean and p95", f"{figures.words_mean:.1f}, {figures.words_p95:.0f}"),
        (
            "abstention: precision, recall, F1",
            ", ".join(
                share(value)
                for value in (
                    figures.abstention.precision,
                    figures.abstention.recall,
                    figures.abstention.f1,
                )
            ),
        ),
        ("answerable queries that are answered", share(figures.answer_recall)),
    )
    for label, value in rows:
        console.print(f"{label}: [bold]{value}[/]", highlight=False)
    table = Table(
        "answered from confidence",
        "F1 of abstention",
        "answer recall",
        "gold said",
        box=SIMPLE_HEAD,
    )
    for point in figures.curve:
        table.add_row(
            f"{point.threshold:.2f}",
            share(point.abstention_f1),
            share(point.answer_recall),
            share(point.gold_said),
        )
    console.print(table)
