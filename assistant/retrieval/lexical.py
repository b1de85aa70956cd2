"""Owns the lexical index: BM25 over all chunks, in memory, replaced as a whole when they change.

A built index is never changed, so readers need no lock. Does not own when it is rebuilt
(`hybrid.py`) or how its scores are combined with others (`fusion.py`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import bm25s
import numpy as np
from numpy.typing import NDArray

from assistant.core.terms import terms

_TITLE_REPEATS = 2
"""A word of the title counts as if it stood twice more in the text (a simple BM25F)."""

_MOST_QUERY_TERMS = 64
"""Questions are shorter; a pasted book must not cost more than a question."""

FloatVector = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class LexicalDocument:
    """What is searched of one chunk."""

    title: str
    text: str
    keywords: str = ""
    """Category, tags, source: searched once, shown never."""


class LexicalIndex:
    """BM25 (Robertson and Zaragoza, 2009, in Lucene's form) over stemmed words.

    Args:
        documents: all chunks; scores come in this order.
    """

    def __init__(self, documents: Sequence[LexicalDocument]) -> None:
        tokens = [_document_terms(document) for document in documents]
        self._size = len(tokens)
        self._frequencies = Counter(term for found in tokens for term in set(found))
        self._bm25 = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
        if self._frequencies:
            self._bm25.index(tokens, show_progress=False)

    def __len__(self) -> int:
        return self._size

    def scores(self, query_terms: Sequence[str]) -> FloatVector:
        """BM25 score of every chunk; zeros where no term is known."""
        known = [term for term in query_terms if term in self._frequencies][:_MOST_QUERY_TERMS]
        if not known:
            return np.zeros(self._size, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)

    def weight(self, term: str) -> float:
        """How telling a term is: its IDF as a share of the greatest possible, in (0, 1].

        A term that no chunk holds has weight 1.
        """
        return self._idf(self._frequencies.get(term, 0)) / self.greatest_idf

    def knows(self, term: str) -> bool:
        """Whether any chunk holds the term."""
        return term in self._frequencies

    @property
    def greatest_idf(self) -> float:
        """IDF of a term that no chunk holds: the yardstick that frees scores from corpus size."""
        return self._idf(0)

    def _idf(self, frequency: int) -> float:
        return math.log1p((self._size - frequency + 0.5) / (frequency + 0.5))


def _document_terms(document: LexicalDocument) -> list[str]:
    title = terms(document.title)
    return [*title * _TITLE_REPEATS, *terms(document.keywords), *terms(document.text)]
