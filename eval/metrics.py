"""Owns the figures: ranking, abstention, grounding, latency, and how sure one may be. Pure.

Does not own which records they are taken over (`summary.py`).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.core.sentences import split_sentences


def recall_at(ranked: Sequence[str], relevant: Collection[str], k: int) -> float:
    """Share of the relevant items among the first `k`; every item of `ranked` counts once."""
    return len(set(ranked[:k]) & set(relevant)) / len(set(relevant))


def hit_at(ranked: Sequence[str], relevant: Collection[str], k: int) -> bool:
    """Whether any relevant item is among the first `k`."""
    return not set(relevant).isdisjoint(ranked[:k])


def reciprocal_rank(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """One over the place of the first relevant item; 0 without one."""
    return next((1 / at for at, item in enumerate(ranked, start=1) if item in relevant), 0.0)


def ndcg_at(ranked: Sequence[str], gains: Mapping[str, float], k: int) -> float:
    """Normalised discounted cumulative gain of the first `k` (Järvelin and Kekäläinen, 2002).

    With linear gains and the discount 1/log2(place + 1), as trec_eval and BEIR compute it.
    """
    ideal = _discounted(sorted(gains.values(), reverse=True)[:k])
    return _discounted([gains.get(item, 0.0) for item in ranked[:k]]) / ideal if ideal else 0.0


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(at + 1) for at, gain in enumerate(gains, start=1))


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Linearly interpolated percentile; None of nothing."""
    return float(np.percentile(values, percent)) if values else None


@dataclass(frozen=True, kw_only=True)
class Detection:
    """How well a yes or no was decided."""

    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> float | None:
        """Share of right ones among those said yes to; None if none was."""
        return _ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float | None:
        """Share of the right ones that were found; None if there are none."""
        return _ratio(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None where neither is defined."""
        errors = self.false_positives + self.false_negatives
        return _ratio(2 * self.true_positives, 2 * self.true_positives + errors)


def detection(pairs: Collection[tuple[bool, bool]]) -> Detection:
    """Count decisions given as (should be yes, was yes)."""
    return Detection(
        true_positives=sum(should and did for should, did in pairs),
        false_positives=sum(did and not should for should, did in pairs),
        false_negatives=sum(should and not did for should, did in pairs),
    )


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def count_grounded(answer: str, spans: Collection[tuple[int, int]]) -> tuple[int, int]:
    """Count factual sentences of an answer: (those that a citation covers, all).

    Questions and announcements that end in a colon state nothing. A sentence is covered when a
    citation's span (start and end in code points) overlaps it.
    """
    factual = [
        sentence
        for sentence in split_sentences(answer)
        if not sentence.is_lead_in and not sentence.text.endswith("?")
    ]
    covered = [
        sentence
        for sentence in factual
        if any(start < sentence.end and sentence.start < end for start, end in spans)
    ]
    return len(covered), len(factual)


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A figure with its confidence interval."""

    value: float
    low: float
    high: float


def bootstrap_mean(
    values: Sequence[float], *, confidence: float = 0.95, resamples: int = 10_000, seed: int = 0
) -> Interval:
    """Mean with its percentile bootstrap interval (Efron, 1979); the same seed, the same interval.

    For the difference of two runs, pass the differences by question: a paired comparison.

    Raises:
        ValueError: there are no values.
    """
    if not values:
        raise ValueError("a mean needs values")
    sample = np.asarray(values, dtype=float)
    generator = np.random.default_rng(seed)
    means = sample[generator.integers(0, len(sample), (resamples, len(sample)))].mean(axis=1)
    tail = (1 - confidence) / 2 * 100
    low, high = np.percentile(means, [tail, 100 - tail])
    return Interval(value=float(sample.mean()), low=float(low), high=float(high))
