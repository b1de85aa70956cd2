"""How well stories are told apart: `python -m bench.stories LABELLED.jsonl [--sweep]`.

A line has `story` (items with the same one report one event), `source`, `day`, `title`, `text`, and
`part`: limits are set on `tune`; `check` decided once, between a cosine of 0.65 and 0.70, for the
one without wrong pairs, since a briefing of two events is worse than two of one; `fresh` was
written afterwards and decided nothing.

Labelling rule: two items share a story if a reader of one would call the other old news; a
follow-up (an inquiry after a breach, a settlement after a strike, the next release) is another
story. Counted are pairs.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from indexing.embedding import embedder_for
from indexing.settings import IndexingSettings
from indexing.stories import Limits, StoryItem, gist, group, pairs

_console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True)
class PairScore:
    """Pairs of items that share a story."""

    right: int
    found: int
    wanted: int

    def __str__(self) -> str:
        precision = self.right / self.found if self.found else 1.0
        recall = self.right / self.wanted if self.wanted else 1.0
        return (
            f"precision {precision:.3f}, recall {recall:.3f} "
            f"({self.right} of {self.wanted} pairs, {self.found - self.right} wrong)"
        )


def read_labelled(path: Path) -> dict[str, tuple[list[StoryItem], list[str]]]:
    """Items and stories of each part of a file."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    vectors = embedder_for(IndexingSettings()).embed_passages(
        [gist(row["title"], row["text"]) for row in rows]
    )
    parts: dict[str, tuple[list[StoryItem], list[str]]] = {}
    for number, (row, vector) in enumerate(zip(rows, vectors, strict=True)):
        items, stories = parts.setdefault(row.get("part", "all"), ([], []))
        stories.append(row["story"])
        items.append(
            StoryItem(
                id=f"{number:05}",
                source=row["source"],
                title=row["title"],
                text=row["text"],
                canonical=str(number),
                moment=datetime.fromisoformat(row["day"]).replace(tzinfo=UTC),
                vector=vector,
            )
        )
    return parts


def score(items: Sequence[StoryItem], stories: Sequence[str], limits: Limits) -> PairScore:
    """Compare stories as found with stories as labelled."""
    wanted = {
        (a.id, b.id)
        for (a, of_a), (b, of_b) in itertools.combinations(zip(items, stories, strict=True), 2)
        if of_a == of_b
    }
    found = pairs(group(items, limits))
    return PairScore(right=len(wanted & found), found=len(found), wanted=len(wanted))


def main() -> None:
    """Print the scores of each part, and with `--sweep` those of other limits."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", type=Path)
    parser.add_argument("--sweep", action="store_true", help="other limits, on the part `tune`")
    arguments = parser.parse_args()
    parts = read_labelled(arguments.labelled)
    for part, (items, stories) in parts.items():
        _console.print(f"{part}: {len(items)} items: {score(items, stories, Limits())}")
    if arguments.sweep:
        items, stories = parts["tune"]
        for near, agreeing in itertools.product((0.6, 0.65, 0.7, 0.75, 0.8), (0.4, 0.5, 0.6, 0.7)):
            limits = Limits(near=near, agreeing=agreeing)
            _console.print(f"near {near}, agreeing {agreeing}: {score(items, stories, limits)}")


if __name__ == "__main__":
    main()
