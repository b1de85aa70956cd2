"""Owns what a ranking leaves out: near-duplicates and too much of one briefing. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from assistant.core.terms import words

_SHINGLE_WORDS = 4
_NEAR_DUPLICATE = 0.6
"""Share of the shorter text's shingles found in the other from which two chunks say the same."""


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    """Runs of four words (Broder, 1997); the whole text when it is shorter."""
    found = words(text)
    if len(found) <= _SHINGLE_WORDS:
        return frozenset({tuple(found)})
    return frozenset(
        tuple(found[i : i + _SHINGLE_WORDS]) for i in range(len(found) - _SHINGLE_WORDS + 1)
    )


def is_near_duplicate(
    first: frozenset[tuple[str, ...]], second: frozenset[tuple[str, ...]]
) -> bool:
    """Whether one text says again what the other says."""
    smaller = min(len(first), len(second))
    return smaller > 0 and len(first & second) >= _NEAR_DUPLICATE * smaller


def select_diverse(
    ranked: Iterable[tuple[str, str]], *, limit: int, per_briefing: int
) -> tuple[int, ...]:
    """Positions to keep of a ranking.

    Args:
        ranked: briefing id and text of each chunk, best first.
        limit: most chunks to keep.
        per_briefing: most chunks of one briefing.
    """
    kept: list[int] = []
    seen: list[frozenset[tuple[str, ...]]] = []
    taken: Counter[str] = Counter()
    for position, (briefing_id, text) in enumerate(ranked):
        if len(kept) == limit:
            break
        if taken[briefing_id] >= per_briefing:
            continue
        marks = shingles(text)
        if _repeats(marks, seen):
            continue
        kept.append(position)
        seen.append(marks)
        taken[briefing_id] += 1
    return tuple(kept)


def _repeats(marks: frozenset[tuple[str, ...]], seen: Sequence[frozenset[tuple[str, ...]]]) -> bool:
    return any(is_near_duplicate(marks, other) for other in seen)
