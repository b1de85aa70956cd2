"""Owns the lexical index: BM25 over all chunks, in memory, replaced as a whole when they change.

Whatever a term gives a chunk is computed when the index is built; a query only adds up. A built
index is never changed, so readers need no lock. Does not own when it is rebuilt (`catalogue.py`)
or how its scores are combined with others (`fusion.py`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assistant.core.terms import terms
from assistant.retrieval.arrays import BoolVector, FloatVector, IntVector

_TITLE_REPEATS = 2
"""A word of the title counts as if it stood twice more in the text (a simple BM25F)."""

_MOST_QUERY_TERMS = 64
"""Questions are shorter; a pasted book must not cost more than a question."""

_MOST_POSTINGS = 10_000
"""Chunks that are looked at for candidates, those of the rarest terms first. What only words that
stand everywhere would find, others outrank; they count in full for whatever is found."""

_K1 = 1.5
_B = 0.75

TermIds = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class LexicalDocument:
    """What is searched of one chunk."""

    title: str
    text: str
    keywords: str = ""
    """Category, tags, source: searched once, shown never."""


class Vocabulary:
    """Numbers for terms. It only grows, so that what was numbered stays valid.

    One thread at a time may add to it; any may read.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def number(self, term: str) -> int | None:
        """The number of a term, if it has one."""
        return self._numbers.get(term)

    def numbered(self, document: LexicalDocument) -> TermIds:
        """The terms of a chunk as numbers, new terms added."""
        found = [
            *terms(document.title) * _TITLE_REPEATS,
            *terms(document.keywords),
            *terms(document.text),
        ]
        numbers = self._numbers
        return np.array([numbers.setdefault(term, len(numbers)) for term in found], dtype=np.int32)


@dataclass(frozen=True, kw_only=True, eq=False)
class Posting:
    """The chunks that hold one term of a query."""

    chunks: NDArray[np.int32]
    """Positions, rising."""
    gains: FloatVector
    """What the term gives each of them."""
    times: int
    """How often the query has the term."""


@dataclass(frozen=True, kw_only=True)
class LexicalMatches:
    """A query, looked up."""

    size: int
    """Number of chunks in the index."""
    postings: tuple[Posting, ...]

    def best(self, limit: int, allowed: BoolVector | None = None) -> IntVector:
        """Positions of the chunks that score best by what is telling in the query, in no order.

        Args:
            limit: most chunks.
            allowed: which may be found; none: every one.
        """
        _, scores = self._told
        found = np.flatnonzero(scores)
        if allowed is not None:
            found = found[allowed[found]]
        if len(found) > limit:
            found = found[np.argpartition(-scores[found], limit)[:limit]]
        return found

    def order(self, positions: IntVector) -> IntVector:
        """Some chunks by what is telling in the query, best first."""
        return positions[np.argsort(-self._told[1][positions])]

    def scores(self, positions: IntVector) -> NDArray[np.float64]:
        """BM25 of some chunks; zeros where no term is known."""
        telling, scores = self._told
        total = scores[positions]
        # Rising, so that each is looked for above the one before.
        order = np.argsort(positions)
        wanted = positions[order].astype(np.int32)
        for posting in self.postings:
            if posting in telling:
                continue
            places = np.searchsorted(posting.chunks, wanted)
            places[places == len(posting.chunks)] = 0
            held = posting.chunks[places] == wanted
            total[order[held]] += posting.times * posting.gains[places[held]]
        return total

    @cached_property
    def _told(self) -> tuple[list[Posting], NDArray[np.float64]]:
        """The telling terms, and what they give to every chunk."""
        telling = self._telling()
        if not telling:
            return [], np.zeros(self.size)
        scores = np.bincount(
            np.concatenate([posting.chunks for posting in telling]),
            weights=np.concatenate([posting.times * posting.gains for posting in telling]),
            minlength=self.size,
        )
        return telling, scores.astype(np.float64, copy=False)

    def _telling(self) -> list[Posting]:
        """The rarest terms, as many as may be looked at, and at least one."""
        chosen: list[Posting] = []
        looked_at = 0
        for posting in sorted(self.postings, key=lambda posting: len(posting.chunks)):
            looked_at += len(posting.chunks)
            if chosen and looked_at > _MOST_POSTINGS:
                break
            chosen.append(posting)
        return chosen


class LexicalIndex:
    """BM25 (Robertson and Zaragoza, 2009, in Lucene's form) over stemmed words.

    Args:
        documents: the terms of all chunks; positions are counted in this order.
        vocabulary: what numbered them.
    """

    def __init__(self, documents: Sequence[TermIds], vocabulary: Vocabulary) -> None:
        self._size = len(documents)
        self._vocabulary = vocabulary
        lengths = np.array([len(found) for found in documents], dtype=np.int64)
        flat = np.concatenate([*documents, np.zeros(0, dtype=np.int32)]).astype(np.int64)
        owners = np.repeat(np.arange(self._size, dtype=np.int64), lengths)
        pairs, counts = np.unique(flat * max(1, self._size) + owners, return_counts=True)
        numbers, chunks = np.divmod(pairs, max(1, self._size))
        self._starts = np.searchsorted(numbers, np.arange(len(vocabulary) + 1))
        # Half the width of the usual integers: what is looked up stays in the processor's cache.
        self._chunks = chunks.astype(np.int32)
        frequencies = np.diff(self._starts)[numbers] if len(numbers) else numbers
        relative = lengths[chunks] / lengths.mean() if self._size else lengths
        saturated = counts / (counts + _K1 * (1 - _B + _B * relative))
        idf = np.log1p((self._size - frequencies + 0.5) / (frequencies + 0.5))
        self._gains = (idf * saturated).astype(np.float32)

    @classmethod
    def of(cls, documents: Iterable[LexicalDocument]) -> LexicalIndex:
        """An index of its own."""
        vocabulary = Vocabulary()
        return cls([vocabulary.numbered(document) for document in documents], vocabulary)

    def __len__(self) -> int:
        return self._size

    def matches(self, query_terms: Sequence[str]) -> LexicalMatches:
        """What a query's terms give to chunks; the first ones of a very long query."""
        known = [term for term in query_terms if self.knows(term)][:_MOST_QUERY_TERMS]
        postings = []
        for term, times in Counter(known).items():
            start, end = self._span(term)
            postings.append(
                Posting(chunks=self._chunks[start:end], gains=self._gains[start:end], times=times)
            )
        return LexicalMatches(size=self._size, postings=tuple(postings))

    def weight(self, term: str) -> float:
        """How telling a term is: its IDF as a share of the greatest possible, in (0, 1].

        A term that no chunk holds has weight 1.
        """
        return self._idf(self._frequency(term)) / self.greatest_idf

    def knows(self, term: str) -> bool:
        """Whether any chunk holds the term."""
        return self._frequency(term) > 0

    @property
    def greatest_idf(self) -> float:
        """IDF of a term that no chunk holds: the yardstick that frees scores from corpus size."""
        return self._idf(0)

    def _span(self, term: str) -> tuple[int, int]:
        number = self._vocabulary.number(term)
        # The vocabulary may have grown for a later index.
        if number is None or number + 1 >= len(self._starts):
            return 0, 0
        return int(self._starts[number]), int(self._starts[number + 1])

    def _frequency(self, term: str) -> int:
        start, end = self._span(term)
        return end - start

    def _idf(self, frequency: int) -> float:
        return math.log1p((self._size - frequency + 0.5) / (frequency + 0.5))
