"""Owns what a ranking leaves out: what is said again, replaced, or too much of one. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from assistant.core.terms import content_terms

_SHINGLE_WORDS = 4
_NEAR_DUPLICATE = 0.6
"""Share of the shorter text's shingles found in the other from which two chunks say the same."""
_SAME_TITLE = 0.75
"""Share of the terms of two titles that are the same in two versions of a story."""
_SHORTEST_TITLE = 3
"""Terms; "Weekly roundup" says nothing about the story."""
_MOST_OF_A_SERIES = 3
"""Chunks that releases in a row have in common, of which so many are kept."""
_NUMBER = re.compile(r"\d+(?:\.\d+)*")
_MONTH = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Title:
    """What is compared of a title."""

    told_by: tuple[tuple[str, ...], str]
    """Its numbers and its month, which tell the issues of a series apart."""
    terms: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Title:
        """Read a title; some hundredths of a millisecond, so that it is done once for each."""
        month = _MONTH.search(text)
        return cls(
            told_by=(tuple(_NUMBER.findall(text)), month.group().lower() if month else ""),
            terms=frozenset(content_terms(text)) - {"updat"},
        )


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """What is looked at of a chunk in a ranking."""

    briefing_id: str
    title: Title
    date: date
    text: str


@lru_cache(maxsize=2048)
def shingles(text: str) -> frozenset[int]:
    """Marks of the runs of four words (Broder, 1997); of the whole text when it is shorter."""
    found = text.lower().split()
    if len(found) <= _SHINGLE_WORDS:
        return frozenset({hash(tuple(found))})
    return frozenset(map(hash, zip(*(found[at:] for at in range(_SHINGLE_WORDS)), strict=False)))


def is_near_duplicate(first: frozenset[int], second: frozenset[int]) -> bool:
    """Whether one text says again what the other says."""
    smaller = min(len(first), len(second))
    return smaller > 0 and len(first & second) >= _NEAR_DUPLICATE * smaller


def select_diverse(
    ranked: Iterable[Ranked], *, limit: int, per_briefing: int, prefers_versions: bool = True
) -> tuple[int, ...]:
    """Positions to keep of a ranking, in their order.

    Of two versions of a story, the later one takes the better place: of near-duplicates it alone
    stays, of stories under the same title it comes first.

    Args:
        ranked: chunks, best first.
        limit: most chunks to keep.
        per_briefing: most chunks of one briefing.
        prefers_versions: whether a later version goes before an earlier one.
    """
    kept: list[tuple[int, Ranked]] = []
    said = _Said()
    taken: Counter[str] = Counter()
    for position, chunk in enumerate(ranked):
        if len(kept) == limit:
            break
        if taken[chunk.briefing_id] >= per_briefing:
            continue
        repeated = _repeated(chunk, kept) if said.may_hold(chunk) else None
        said.add(chunk)
        if repeated is None:
            kept.append((position, chunk))
            taken[chunk.briefing_id] += 1
        elif prefers_versions and _replaces(chunk, kept[repeated][1]):
            taken[kept[repeated][1].briefing_id] -= 1
            taken[chunk.briefing_id] += 1
            kept[repeated] = (position, chunk)
    if prefers_versions:
        _put_updates_first(kept)
    return tuple(position for position, _ in kept)


class _Said:
    """All that was looked at so far: most chunks repeat none of it, which one look tells."""

    def __init__(self) -> None:
        self._marks: set[int] = set()
        self._fewest = 0

    def may_hold(self, chunk: Ranked) -> bool:
        """False when the chunk is a near-duplicate of nothing that was added."""
        marks = shingles(chunk.text)
        least = _NEAR_DUPLICATE * min(len(marks), self._fewest)
        return len(self._marks & marks) >= least

    def add(self, chunk: Ranked) -> None:
        """Remember a chunk."""
        marks = shingles(chunk.text)
        self._fewest = min(len(marks), self._fewest) if self._marks else len(marks)
        self._marks |= marks


def _repeated(chunk: Ranked, kept: list[tuple[int, Ranked]]) -> int | None:
    """Place of what a chunk says again.

    A release and the next, told in the same words, are no duplicates; a few of a series are enough.
    """
    marks = shingles(chunk.text)
    of_a_series: list[int] = []
    for place, (_, other) in enumerate(kept):
        if not is_near_duplicate(marks, shingles(other.text)):
            continue
        if not _are_of_a_series(chunk, other):
            return place
        of_a_series.append(place)
    return of_a_series[0] if len(of_a_series) >= _MOST_OF_A_SERIES else None


def _are_of_a_series(chunk: Ranked, other: Ranked) -> bool:
    """Whether two briefings are told apart by the numbers or months in their titles."""
    return chunk.briefing_id != other.briefing_id and chunk.title.told_by != other.title.told_by


def _put_updates_first(kept: list[tuple[int, Ranked]]) -> None:
    """Where the first chunk of a later version stands below one of an earlier, exchange them."""
    seen: set[str] = set()
    for place, (_, chunk) in enumerate(kept):
        if chunk.briefing_id in seen:
            continue
        seen.add(chunk.briefing_id)
        for above in range(place):
            if _is_later(chunk, kept[above][1]) and _is_same_story(chunk, kept[above][1]):
                kept.insert(above, kept.pop(place))
                break


def _is_later(chunk: Ranked, other: Ranked) -> bool:
    return chunk.briefing_id != other.briefing_id and chunk.date > other.date


def _replaces(chunk: Ranked, other: Ranked) -> bool:
    return _is_later(chunk, other) and not _are_of_a_series(chunk, other)


def _is_same_story(chunk: Ranked, other: Ranked) -> bool:
    """Whether the titles are those of two versions; numbers tell the issues of a series apart."""
    first, second = chunk.title, other.title
    if first.told_by != second.told_by:
        return False
    same = len(first.terms & second.terms)
    return same >= _SHORTEST_TITLE and same >= _SAME_TITLE * len(first.terms | second.terms)
