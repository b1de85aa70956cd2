"""Owns the decision to answer or to say "not in our briefings". Pure; calibrated on data.

The decision weighs evidence that is comparable between questions and corpora: how near the best
sentence is, how far the best briefing stands out, and how many of the question's telling words are
there. A name or number of the question that no retrieved passage holds counts strongly against
answering: a passage about a neighbour of what was asked is the usual way to be wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.core.extraction import Question, ScoredSentence
from assistant.core.facts import facts_of
from assistant.core.passages import Passage
from assistant.core.terms import content_terms, fold, name_words, words


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What speaks for and against answering."""

    similarity: float
    """Cosine similarity of the question and the nearest sentence or passage."""
    coverage: float
    """Weighted share of the question's terms in the best passage and its title."""
    margin: float
    """How much more relevant the best briefing is than the fifth."""
    missing_names: int
    """Names and numbers of the question that no retrieved passage holds."""

    @property
    def confidence(self) -> float:
        """Probability that the passages answer the question, in [0, 1]."""
        logit = (
            _INTERCEPT
            + _SIMILARITY * self.similarity
            + _COVERAGE * self.coverage
            + _MARGIN * self.margin
            - _MISSING_NAME * min(self.missing_names, 2)
        )
        return 1.0 / (1.0 + math.exp(-logit))


# Logistic regression on half of a set of answerable and near-miss questions over encyclopaedic
# passages and on news questions with and without their briefing; held-out figures are printed by
# `bench/retrieval.py`. The weight of a missing name is set by hand: those sets have few.
_INTERCEPT = -4.67
_SIMILARITY = 6.2
_COVERAGE = 0.8
_MARGIN = 2.9
_MISSING_NAME = 1.6

ANSWER_FROM = 0.5
"""Confidence from which Heidi answers."""

_RANK_OF_BACKGROUND = 5


def weigh(
    question: Question, passages: Sequence[Passage], scored: Sequence[ScoredSentence]
) -> Evidence:
    """The evidence that retrieved passages hold the answer.

    Args:
        question: what is asked.
        passages: best first, as retrieved.
        scored: their sentences, from `extraction.score_sentences`.
    """
    if not passages:
        return Evidence(similarity=0.0, coverage=0.0, margin=0.0, missing_names=0)
    best = max(passages, key=_relevance)
    nearest = max((found.similarity for found in scored), default=0.0)
    held = frozenset(content_terms(f"{best.title} {best.text}"))
    return Evidence(
        similarity=max(nearest, best.similarity),
        coverage=question.coverage(held),
        margin=_margin(passages),
        missing_names=len(missing_names(question.text, passages)),
    )


def _relevance(passage: Passage) -> float:
    return float(passage.scores.get("relevance", passage.similarity))


def _margin(passages: Sequence[Passage]) -> float:
    best: dict[str, float] = {}
    for passage in passages:
        best[passage.briefing_id] = max(best.get(passage.briefing_id, -1.0), _relevance(passage))
    ranked = sorted(best.values(), reverse=True)
    if len(ranked) < _RANK_OF_BACKGROUND:
        return _USUAL_MARGIN
    return ranked[0] - ranked[_RANK_OF_BACKGROUND - 1]


_USUAL_MARGIN = 0.2
"""Where too few briefings were found to tell."""

_MOST_CAPITALISED = 0.6
_NUMERAL = re.compile(r"^\d[\d.,]*$")


def missing_names(question: str, passages: Sequence[Passage]) -> frozenset[str]:
    """Names and numbers of a question that stand in none of the passages."""
    names = name_words(question)
    if len(names) > _MOST_CAPITALISED * len(words(question)):
        names = []  # A Title Like This or SHOUTING tells no names from other words.
    asked = {fold(name).removesuffix("'s") for name in names}
    asked |= {word for word in words(question) if _NUMERAL.match(word)}
    asked = {name for name in asked if len(name) > 1 and name not in _NO_NAMES}
    if not asked:
        return frozenset()
    whole = " ".join(
        f"{p.title} {p.text} {p.date.day} {p.date:%B %Y} {p.source_name} {p.category}" for p in passages
    )
    known = set(words(whole)) | {part for w in words(whole) for part in re.split(r"['.&+-]", w)}
    numbers = {f"{value:f}" for value in facts_of(whole).numbers}
    joined = fold(whole).replace(" ", "").replace("-", "")
    return frozenset(
        name
        for name in asked
        if name not in known
        and name not in numbers
        and name.replace("-", "").replace(",", "") not in joined
    )


_NO_NAMES = frozenset("ai i heidi ceo us uk eu".split())
"""Written like names but too common, or too often abbreviated, to tell anything."""


def should_answer(evidence: Evidence) -> bool:
    """Whether the evidence is enough to answer."""
    return evidence.confidence >= ANSWER_FROM
