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

from assistant.core.facts import facts_of
from assistant.core.passages import Passage
from assistant.core.scoring import Question, ScoredSentence
from assistant.core.telling import telling_phrases
from assistant.core.terms import content_terms, fold, name_words, stem, words


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What speaks for and against answering."""

    similarity: float
    """Cosine similarity of the question and the nearest sentence."""
    passage_similarity: float
    """Cosine similarity of the question and the best passage."""
    coverage: float
    """Weighted share of the question's terms in the best passage and its title; for the trace."""
    title_coverage: float
    """The same for the title of the best passage alone."""
    margin: float
    """How much more relevant the best briefing is than the tenth."""
    missing_names: float
    """Share of the question's names and numbers that no retrieved passage holds, in [0, 1]."""
    is_named: bool = False
    """Whether the question names a version or the like, and the briefings hold it."""
    is_guide: bool = False
    """Whether it asks how to do something, and the best passage is of a guide."""
    in_one_sentence: float = 0.0
    """Greatest weighted share of the question's terms that a single sentence holds."""

    @property
    def confidence(self) -> float:
        """Probability that the passages answer the question, in [0, 1]."""
        logit = (
            _INTERCEPT
            + _SIMILARITY * self.similarity
            + _PASSAGE_SIMILARITY * self.passage_similarity
            + _MARGIN * self.margin
            - _MISSING_NAMES * self.missing_names
            + (_IN_TITLE if self.title_coverage >= _COVERED else 0.0)
            + (_NAMED if self.is_named else 0.0)
            + (_GUIDE if self.is_guide else 0.0)
            + (_IN_SENTENCE if self.in_one_sentence >= _SAID else 0.0)
        )
        return 1.0 / (1.0 + math.exp(-logit))


# Logistic regression on answerable and near-miss questions over encyclopaedic passages, and on news
# questions with and without their briefing, both kinds weighted; `bench/retrieval.py` prints what
# the decision gives. The weights of missing names and of a title that
# says all that was asked are set by hand: those sets have few of either.
_INTERCEPT = -6.4
_SIMILARITY = 4.5
_PASSAGE_SIMILARITY = 6.3
_MARGIN = 0.7
_MISSING_NAMES = 2.5
_IN_TITLE = 1.2
_COVERED = 0.8
_IN_SENTENCE = 1.25
_SAID = 0.9
"""From here a sentence says all that was asked; of single words that means little."""
_FEWEST_TERMS = 2
_TELLING_WEIGHT = 0.5
_NAMED = 0.8
_GUIDE = 2.2
_GUIDE_TITLE = 0.4
_READ = 3
_ASKS_HOW_TO = re.compile(
    r"\bhow (?:do|can|could|should|would|to)\b|\bwhat should (?:i|we)\b", re.IGNORECASE
)

ANSWER_FROM = 0.52
"""Confidence from which Heidi answers."""

ANSWER_CITED_FROM = 0.2
"""The same for a follow-up, within the briefings that the conversation is about."""

CLOSEST_FROM = 0.15
"""Confidence from which the nearest sentence is worth showing when Heidi does not answer."""

_USUAL_MARGIN = 0.45
"""Where the search was restricted, so that there is no background to stand out from."""


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
        return Evidence(
            similarity=0.0,
            passage_similarity=0.0,
            coverage=0.0,
            title_coverage=0.0,
            margin=0.0,
            missing_names=0.0,
        )
    best = max(passages, key=_relevance)
    nearest = max((found.similarity for found in scored), default=0.0)
    held = frozenset(content_terms(f"{best.title} {best.text}"))
    said = max((found.own for found in scored), default=0.0)
    return Evidence(
        similarity=nearest,
        passage_similarity=best.similarity,
        coverage=question.literal_coverage(held),
        title_coverage=question.literal_coverage(frozenset(content_terms(best.title))),
        margin=_margin(best),
        missing_names=0.0 if question.focus else _missing_share(question.text, passages),
        is_named=bool(scored) and bool(telling_phrases(question.text)),
        is_guide=asks_how_to(question.text)
        and any(is_guide_for(question, passage) for passage in passages[:_READ]),
        in_one_sentence=said if _is_telling(question) else 0.0,
    )


def asks_how_to(question: str) -> bool:
    """Whether a question asks how to do something."""
    return _ASKS_HOW_TO.search(question) is not None


def is_guide_for(question: Question, passage: Passage) -> bool:
    """Whether a passage is of a guide whose title names what is to be done."""
    titled = question.literal_coverage(frozenset(content_terms(passage.title)))
    return passage.section == "How-to" and titled >= _GUIDE_TITLE


def _is_telling(question: Question) -> bool:
    """Whether the words of a question are few enough to find by chance."""
    if question.asked.value is not None:
        return False  # All its words without the value it asks for are no answer.
    weights = question.weights.values()
    return len(weights) >= _FEWEST_TERMS and sum(weights) >= _TELLING_WEIGHT * len(weights)


def _relevance(passage: Passage) -> float:
    return float(passage.scores.get("relevance", passage.similarity))


def _margin(best: Passage) -> float:
    background = best.scores.get("background")
    return _USUAL_MARGIN if background is None else _relevance(best) - float(background)


_MOST_CAPITALISED = 0.6
_NUMERAL = re.compile(r"^\d[\d.,]*$")


def names_asked(question: str) -> frozenset[str]:
    """The names and numbers of a question, folded."""
    names = name_words(question)
    if question.isupper() or len(names) > _MOST_CAPITALISED * len(words(question)):
        names = []  # A Title Like This or SHOUTING tells no names from other words.
    asked = {fold(name).removesuffix("'s") for name in names}
    asked |= {word for word in words(question) if _NUMERAL.match(word)}
    return frozenset(name for name in asked if len(name) > 1) - _NO_NAMES


def missing_names(question: str, passages: Sequence[Passage]) -> frozenset[str]:
    """Names and numbers of a question that stand in none of the passages."""
    asked = names_asked(question)
    if not asked:
        return frozenset()
    return _lacking(asked, " ".join(map(text_of, passages)))


def text_of(passage: Passage) -> str:
    """All that may name something in a passage: its words, title, day, source and category."""
    day = f"{passage.date.day} {passage.date:%B %Y}"
    about = f"{passage.title} {day} {passage.source_name} {passage.category}"
    return f"{about} {passage.text}"


def lacking_names(question: str, whole: str) -> frozenset[str]:
    """Names and numbers of a question that a text does not hold."""
    asked = names_asked(question)
    return _lacking(asked, whole) if asked else frozenset()


def _lacking(asked: frozenset[str], whole: str) -> frozenset[str]:
    known = set(words(whole)) | {part for w in words(whole) for part in _INNER.split(w)}
    numbers = {f"{value:f}" for value in facts_of(whole).numbers}
    joined = fold(whole).replace(" ", "").replace("-", "")
    stems = {stem(word) for word in known}
    initials = "".join(word[0] for word in words(whole))
    return frozenset(
        name
        for name in asked
        if name not in known
        and stem(name) not in stems
        and name not in numbers
        and not (2 < len(name) < _LONGEST_ACRONYM and name in initials)
        and name.replace("-", "").replace(",", "") not in joined
    )


_LONGEST_ACRONYM = 6


def _missing_share(question: str, passages: Sequence[Passage]) -> float:
    asked = names_asked(question)
    return len(missing_names(question, passages)) / len(asked) if asked else 0.0


_INNER = re.compile(r"['.&+-]")
_NO_NAMES = frozenset("ai i heidi ceo us uk eu".split())
"""Written like names but too common, or too often abbreviated, to tell anything."""


def should_answer(evidence: Evidence, *, is_cited: bool = False) -> bool:
    """Whether the evidence is enough to answer.

    Args:
        evidence: what speaks for and against.
        is_cited: whether the passages are of briefings that the conversation is about.
    """
    return evidence.confidence >= (ANSWER_CITED_FROM if is_cited else ANSWER_FROM)
