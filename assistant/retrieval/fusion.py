"""Owns how the parts of a score become one. Pure; every constant says where it comes from.

Similarity comes with what crowdedness gives for free taken off (`vector_space.py`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]

LEXICAL_WEIGHT = 0.14
"""Weight of BM25, as a multiple of the most that one term can give, beside cosine similarity.

A convex combination beats rank fusion, which throws the distances away (Bruch et al., 2023,
doi:10.1145/3596512). BM25 is not scaled to the best hit of each query: a query none of whose words
occur should gain nothing from them. Of 0.07, 0.1, 0.14, 0.21 and 0.28, those from 0.14 to 0.21
ranked best on news questions, and all from 0.1 alike on encyclopaedic ones."""

_LEXICAL_CAP = 4.0
"""Most that BM25 counts, in multiples of the greatest IDF; only pasted texts get there."""

RECENCY_WEIGHT = 0.05
"""What a briefing of today is ahead of an old one: a tie-breaker, less than a good word's match."""

RECENCY_DAYS = 60.0
"""News of two months ago keeps 1/e of that."""

SOFT_PERIOD_WEIGHT = 0.12
"""For standing within a period that the question names, when it may be no publication date."""

SOURCE_WEIGHT = 0.15
"""For coming from the source that the question names."""


_LARGEST = 1.6
"""What a passage that matches in every way comes to."""


def lexical_part(bm25: Scores, greatest_idf: float) -> Scores:
    """BM25 in multiples of the greatest IDF, so that it does not grow with the corpus."""
    if greatest_idf <= 0:
        return np.zeros(len(bm25))
    return np.asarray(np.minimum(bm25.astype(np.float64) / greatest_idf, _LEXICAL_CAP))


def recency_part(days: NDArray[np.int64], today: int) -> Scores:
    """1 for today, falling exponentially with age; a day in the future counts as today.

    Args:
        days: ordinal numbers of the days of publication.
        today: that of the day of asking.
    """
    return np.asarray(np.exp(-np.maximum(0, today - days) / RECENCY_DAYS))


def relevance(similarity: Scores, lexical: Scores) -> Scores:
    """Relevance without regard to time: similarity plus weighted BM25."""
    return similarity + LEXICAL_WEIGHT * lexical


def bounded(scores: Scores) -> Scores:
    """Fused scores brought into [0, 1] without changing any order below saturation."""
    return np.clip(scores / _LARGEST, 0.0, 1.0)
