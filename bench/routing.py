"""Measures the intent router on labelled messages that it was not trained on.

Usage: `python bench/routing.py --data routing.jsonl` (one object per line: text, intent, tier).
Items whose text stands among our own utterances are left out.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from assistant.agents.intent_classifier import IntentClassifier, read_utterances
from assistant.core.router import INTENTS, Intent, Route, normalise
from indexing.embedding import Embedder, embedder_for
from indexing.settings import IndexingSettings

BINS = 10


@dataclass(frozen=True, kw_only=True)
class Routed:
    """A labelled message and what the router made of it."""

    tier: str
    expected: Intent
    route: Route

    @property
    def is_right(self) -> bool:
        """Whether the intent is the labelled one, rejected or not."""
        return self.route.intent is self.expected


def accuracy(items: Sequence[Routed]) -> float:
    """Share of right intents; not a number for no items."""
    return sum(item.is_right for item in items) / len(items) if items else float("nan")


def calibration_error(items: Sequence[Routed]) -> float:
    """Expected calibration error over ten bins of equal width (Naeini et al., 2015)."""
    bins: dict[int, list[Routed]] = {}
    for item in items:
        bins.setdefault(min(int(item.route.probability * BINS), BINS - 1), []).append(item)
    gaps = (
        abs(accuracy(each) - sum(item.route.probability for item in each) / len(each)) * len(each)
        for each in bins.values()
    )
    return sum(gaps) / len(items)


def confusion_table(items: Sequence[Routed], title: str) -> Table:
    """Rows are labels, columns what was routed; precision and recall at the end."""
    counts = Counter((item.expected, item.route.intent) for item in items)
    table = Table(title=title)
    for heading in ("label", *INTENTS, "precision", "recall"):
        table.add_column(str(heading), justify="left" if heading == "label" else "right")
    for label in INTENTS:
        labelled = sum(counts[label, routed] for routed in INTENTS)
        routed_here = sum(counts[other, label] for other in INTENTS)
        table.add_row(
            label,
            *(str(counts[label, routed] or "·") for routed in INTENTS),
            _share(counts[label, label], routed_here),
            _share(counts[label, label], labelled),
        )
    return table


def summary(items: Sequence[Routed]) -> str:
    """Accuracy, calibration, and what rejecting costs and saves."""
    rejected = [item for item in items if item.route.is_rejected]
    accepted = [item for item in items if not item.route.is_rejected]
    wrong = [item for item in items if not item.is_right]
    return (
        f"accuracy {accuracy(items):.3f} of {len(items)}, ECE {calibration_error(items):.3f}; "
        f"rejected {len(rejected)}: precision (would have been wrong) "
        f"{_share(sum(not item.is_right for item in rejected), len(rejected))}, recall (of the "
        f"wrong) {_share(sum(item.route.is_rejected for item in wrong), len(wrong))}; accuracy of "
        f"the accepted {accuracy(accepted):.3f}"
    )


def main(
    data: Annotated[Path, typer.Option(help="Labelled messages, JSON lines.")],
    cache: Annotated[Path | None, typer.Option(help="Folder for trained weights.")] = None,
) -> None:
    """Print accuracy, confusion, calibration and speed, each tier apart."""
    console = Console()
    known = {normalise(utterance.text) for utterance in read_utterances()}
    rows = [json.loads(line) for line in data.read_text(encoding="utf-8").splitlines()]
    unseen = [row for row in rows if normalise(row["text"]) not in known]
    console.print(f"{len(rows)} messages, {len(rows) - len(unseen)} left out (our own phrases)")
    embedder = embedder_for(IndexingSettings())
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        classifier = IntentClassifier.load_or_train(embedder, cache or Path(folder))
        console.print(f"weights ready in {time.perf_counter() - started:.1f} s")
    items = _route_all(classifier, unseen, embedder, console)
    for tier in sorted({item.tier for item in items}):
        of_tier = [item for item in items if item.tier == tier]
        console.print(confusion_table(of_tier, f"{tier} tier"))
        console.print(summary(of_tier), end="\n\n")


def _route_all(
    classifier: IntentClassifier,
    rows: Sequence[dict[str, str]],
    embedder: Embedder,
    console: Console,
) -> list[Routed]:
    items = []
    seconds = []
    for row in rows:
        embedder.embed_queries([normalise(row["text"])])
        # The embedding now comes from the embedder's cache: only routing is timed.
        started = time.perf_counter()
        (routed,) = classifier.route_all([row["text"]])
        seconds.append(time.perf_counter() - started)
        items.append(Routed(tier=row["tier"], expected=Intent(row["intent"]), route=routed))
    p50, p95 = np.percentile(np.array(seconds) * 1_000, [50, 95])
    console.print(f"routing without the embedding: p50 {p50:.2f} ms, p95 {p95:.2f} ms")
    return items


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


if __name__ == "__main__":
    typer.run(main)
