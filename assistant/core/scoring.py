"""Owns scoring the sentences of passages by how well they answer a question. Pure; no model.

Does not own what is measured (`features.py`), choosing among the sentences (`extraction.py`) or
whether to answer (`abstention.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.core.features import (
    Features,
    Place,
    features_of,
    known_names,
    passage_terms,
    terms_of,
)
from assistant.core.grounding import read_passage
from assistant.core.openings import shape_of
from assistant.core.passages import Passage
from assistant.core.reading import Question
from assistant.core.sentences import Sentence, points_elsewhere

Similarities = Callable[[Sequence[str]], Sequence[float]]
"""Cosine similarity of each sentence to the question."""

LEARNED: Mapping[str, float] = {
    "similarity": 1.66,
    "beside": 0.9,
    "passage": 1.51,
    "behind": -1.64,
    "own": 0.9,
    "context": 3.17,
    "rarest": 0.43,
    "first": 0.66,
    "recent": 2.42,
    "words": 0.33,
    "figure": 0.54,
    "near_value": 1.16,
    "near_name": 1.79,
    "noun": 0.83,
    "headline": 1.35,
    "no_number": -1.54,
    "no_name": -1.08,
    "no_day": -0.87,
    "names_missing": -0.47,
}
"""Listwise logistic regression: a softmax over the sentences read for a question, of which those
that hold the expected words are right. Learned by `bench/fit_answers.py` on news quizzes, the half
whose hash of the id is even, and on our own questions on posts and on the demo briefings. Of the
questions where any sentence is right the first is in 0.85 of the other half of the quizzes, one of
the first three in 0.98. Learned on both halves more quiz answers are found, and fewer near misses
told apart, so it was not done."""

SET_BY_HAND: Mapping[str, float] = {
    "focus": 1.0,
    "other_version": -2.0,
    "other_year": -1.5,
    "value_far": -5.0,
    "talk": -1.0,
    "duty": 0.8,
    "beyond_title": 0.8,
    "empty": -1.0,
    "adrift": -1.0,
    "stock": -1.5,
    "why": 2.0,
    "how": 0.2,
    "defines": 2.0,
    "short": -0.3,
    "dependent": -0.2,
    "loose": -0.3,
    "no_persons": -0.8,
    "no_version": -0.8,
    "no_place": -0.2,
    "long": -0.1,
}
"""Too rare in those questions to be learned."""

WEIGHTS: Mapping[str, float] = {**LEARNED, **SET_BY_HAND}


@dataclass(frozen=True, kw_only=True)
class ScoredSentence:
    """A sentence of a passage with how well it answers."""

    passage: Passage
    position: int
    """Which sentence of the passage."""
    sentence: Sentence
    score: float
    similarity: float
    coverage: float
    """Weighted share of the question's terms in the sentence and its briefing's title."""
    has_answer_type: bool
    own: float = 0.0
    """Weighted share of the question's terms in the sentence alone."""


def score_sentences(
    question: Question,
    passages: Sequence[Passage],
    similarities: Similarities,
    *,
    weights: Mapping[str, float] = WEIGHTS,
) -> tuple[ScoredSentence, ...]:
    """Every quotable sentence of the passages with its score, best first, none twice."""
    scored = [
        _scored(question, place, features_of(question, place), weights)
        for place in places_of(question, passages, similarities)
    ]
    first: dict[tuple[str, str], ScoredSentence] = {}
    for found in sorted(scored, key=lambda found: -found.score):
        first.setdefault((found.passage.briefing_id, found.sentence.text), found)
    return tuple(first.values())


def places_of(
    question: Question, passages: Sequence[Passage], similarities: Similarities
) -> list[Place]:
    """Every quotable sentence of the passages where it stands."""
    texts = [[sentence.text for sentence in read_passage(passage)] for passage in passages]
    near = iter(similarities([text for part in texts for text in part]))
    top = max((passage.score for passage in passages), default=0.0)
    names = known_names(question, passages)
    held = _held(passages)
    sources = _sources(passages)
    found: list[Place] = []
    for passage, part in zip(passages, texts, strict=True):
        values = [float(next(near)) for _ in part]
        found.extend(
            Place(
                passage=passage,
                position=position,
                similarity=values[position],
                beside=max(
                    (
                        *values[max(0, position - 1) : position],
                        *values[position + 1 : position + 2],
                    ),
                    default=0.0,
                ),
                behind=top - passage.score,
                known_names=names,
                briefing_terms=held[passage.briefing_id],
                is_stock=len(sources[shape_of(sentence.text)]) >= _FEWEST_OF_STOCK,
            )
            for position, sentence in enumerate(read_passage(passage))
            if is_quotable(sentence)
        )
    return found


_FEWEST_OF_STOCK = 3
"""Briefings from which a sentence in the same words is taken for one that is copied along; two may
tell one story."""


def _sources(passages: Sequence[Passage]) -> dict[str, set[str]]:
    """The briefings in which each shape of a sentence stands."""
    sources: dict[str, set[str]] = {}
    for passage in passages:
        for sentence in read_passage(passage):
            sources.setdefault(shape_of(sentence.text), set()).add(passage.briefing_id)
    return sources


def _held(passages: Sequence[Passage]) -> dict[str, frozenset[str]]:
    held: dict[str, frozenset[str]] = {}
    for passage in passages:
        known = held.get(passage.briefing_id, frozenset())
        held[passage.briefing_id] = known | passage_terms(passage)
    return held


def _scored(
    question: Question, place: Place, features: Features, weights: Mapping[str, float]
) -> ScoredSentence:
    sentence = place.sentence
    return ScoredSentence(
        passage=place.passage,
        position=place.position,
        sentence=sentence,
        score=sum(weights.get(name, 0.0) * value for name, value in features.items()),
        similarity=place.similarity,
        coverage=features["context"],
        has_answer_type=has_answer_type(question, features),
        own=question.literal_coverage(terms_of(sentence.text)),
    )


def probabilities(scored: Sequence[ScoredSentence]) -> list[float]:
    """How likely each sentence is the one that answers, if one of them does: a softmax."""
    top = max((found.score for found in scored), default=0.0)
    odds = [math.exp(found.score - top) for found in scored]
    whole = sum(odds)
    return [each / whole for each in odds]


_SHORT_WORDS = 4
_FEWEST_TERMS = 2
"""Content terms below which a sentence only leads over: "So we dug in."."""
_TELLING = ("why", "how", "defines", "duty")
_TELLS = 0.7
"""Worth of a reason or a definition from which a sentence gives one."""


def has_answer_type(question: Question, features: Features) -> bool:
    """Whether a sentence has what the kind of question asks for."""
    if question.asked.value is not None:
        return "near_value" in features
    return any(features.get(name, 0.0) >= _TELLS for name in _TELLING)


def is_quotable(sentence: Sentence) -> bool:
    """Whether a sentence states something that can be read alone."""
    return not sentence.is_lead_in and _states_something(sentence.text)


@lru_cache(maxsize=32_768)
def _states_something(text: str) -> bool:
    if len(text.split()) < _SHORT_WORDS or text.endswith("?"):
        return False
    if points_elsewhere(text):
        return False
    letters = sum(character.isalpha() for character in text)
    return letters >= 0.5 * len(text) and len(terms_of(text)) >= _FEWEST_TERMS


_MOST_COMPARED = 48
"""With 96 and 240 no other sentence came first, and the same questions were answered."""


def sentence_texts(passages: Sequence[Passage]) -> list[str]:
    """The distinct sentences of passages."""
    return list(dict.fromkeys(s.text for passage in passages for s in read_passage(passage)))


def sentences_to_compare(question: Question, passages: Sequence[Passage]) -> list[str]:
    """The sentences whose meaning is compared: all, or those that share most with the question.

    Embedding is what takes time when sentences are new, so the number of them is bounded.
    """
    texts = sentence_texts(passages)
    if len(texts) <= _MOST_COMPARED:
        return texts
    first = set(sentence_texts(passages[:1])[: _MOST_COMPARED // 2])
    ranked = sorted(
        texts,
        key=lambda text: (text not in first, -question.coverage(terms_of(text))),
    )
    return ranked[:_MOST_COMPARED]
