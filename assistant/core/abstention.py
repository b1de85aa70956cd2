"""Owns the decision to answer or to say "not in our briefings". Pure; calibrated on data.

The decision weighs evidence that is comparable between questions and corpora: how near the best
sentence is, how far the best briefing stands out, and how many of the question's telling words are
there. A name or number of the question that no retrieved passage holds counts strongly against
answering: a passage about a neighbour of what was asked is the usual way to be wrong.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from assistant.core.facts import facts_of
from assistant.core.features import recency, terms_of
from assistant.core.passages import Passage, relevance_of
from assistant.core.question_types import QuestionType
from assistant.core.reading import SHORT_TERMS, Question
from assistant.core.scoring import ScoredSentence, probabilities
from assistant.core.telling import telling_phrases
from assistant.core.terms import content_terms, fold, name_words, plain_version, stem, words


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What speaks for and against answering."""

    similarity: float
    """Cosine similarity of the question and the sentence that would be said."""
    passage_similarity: float
    """Cosine similarity of the question and the best passage."""
    gap: float
    """How much more relevant the best briefing is than the third."""
    terms: int
    """Content terms of the question: a long one names more than a briefing repeats."""
    missing_names: float
    """Weighted share of the question that are names and numbers no retrieved passage holds."""
    context: float = 0.0
    """Weighted share of the question's terms around that sentence."""
    agrees: bool = True
    """Whether that sentence is of the best passage's briefing."""
    title_coverage: float = 0.0
    """Weighted share of the question's terms in the title of the best passage."""
    is_named: bool = False
    """Whether the question names a version or the like, and the briefings hold it."""
    names_held: bool = False
    """Whether the best briefing holds every name and number of the question, which has some."""
    is_guide: bool = False
    """Whether it asks what something is or how to do it, and a best passage explains just that."""
    chance: float = 0.5
    """How likely that sentence is the one that answers, if one of those read does."""
    telling: float = 0.5
    """Mean weight of the question's terms: common words are found anywhere."""
    nearest: float = 0.0
    """Greatest cosine similarity of the question and any of the sentences read."""
    recent: float = 0.0
    """How new the briefing of that sentence is: who asks about the news mostly means the latest."""

    @property
    def measures(self) -> Mapping[str, float]:
        """What is weighed, by name."""
        is_short = self.terms <= SHORT_TERMS
        return {
            "similarity": self.similarity,
            "passage_similarity": self.passage_similarity,
            "gap": self.gap,
            "context": self.context,
            "agrees": float(self.agrees),
            "missing_of_short": self.missing_names if is_short else 0.0,
            "title": self.title_coverage,
            "chance": self.chance,
            "telling": self.telling,
            "nearest": self.nearest,
            "recent": self.recent,
            "is_named": float(self.is_named),
            "names_held": float(self.names_held),
            "is_guide": float(self.is_guide),
        }

    @property
    def confidence(self) -> float:
        """Probability that the passages answer the question, in [0, 1]."""
        measures = self.measures
        logit = INTERCEPT + sum(weight * measures[name] for name, weight in WEIGHTS.items())
        return 1.0 / (1.0 + math.exp(-logit))


INTERCEPT = -6.62
LEARNED: Mapping[str, float] = {
    "similarity": 1.19,
    "passage_similarity": 2.33,
    "gap": 1.75,
    "title": -1.2,
    "context": 2.1,
    "agrees": 1.16,
    "chance": 0.91,
    "telling": 0.29,
    "nearest": 2.75,
    "recent": 2.86,
}
"""Logistic regression, learned by `bench/fit_answers.py` on questions over encyclopaedic passages
with near misses, on news quizzes and on our own questions on posts and on the demo briefings, the
last three with and without their briefings. What a title says tells of the subject, not of the
answer; the context counts it in."""

SET_BY_HAND: Mapping[str, float] = {
    "is_named": 0.8,
    "names_held": 0.9,
    "is_guide": 2.2,
    "missing_of_short": -2.5,
}
"""Too rare in those questions to be learned."""

WEIGHTS: Mapping[str, float] = {**LEARNED, **SET_BY_HAND}

_GUIDE_TITLE = 0.4
_READ = 3
_ASKS_HOW_TO = re.compile(
    r"\bhow (?:do|can|could|should|would|to)\b|\bwhat should (?:i|we)\b", re.IGNORECASE
)

ANSWER_FROM = 0.48
"""Confidence from which Heidi answers. Where each half of the encyclopaedic questions is decided by
what was learned on the other one, abstaining comes to an F1 of 0.81 and 0.81 are answered; about
thirty settings were compared on the same halves, so less is to be expected of others."""

ANSWER_CITED_FROM = 0.12
"""The same for a follow-up, within the briefings that the conversation is about."""

SUM_UP_FROM = 0.38
"""The same for summing up what a briefing is about, where no single fact can be wrong."""

CLOSEST_FROM = 0.09
"""Confidence from which the nearest sentence is worth showing when Heidi does not answer."""

_USUAL_GAP = 0.2
"""Where the search was restricted, so that there is no background to stand out from."""


def weigh(
    question: Question, passages: Sequence[Passage], scored: Sequence[ScoredSentence]
) -> Evidence:
    """The evidence that retrieved passages hold the answer.

    Args:
        question: what is asked.
        passages: best first, as retrieved.
        scored: their sentences, from `scoring.score_sentences`.
    """
    if not passages:
        return _NO_EVIDENCE
    best = max(passages, key=relevance_of)
    first = scored[0] if scored else None
    return Evidence(
        similarity=first.similarity if first else 0.0,
        passage_similarity=best.similarity,
        gap=_gap(best, passages),
        terms=len(question.weights),
        context=first.coverage if first else 0.0,
        agrees=first is not None and first.passage.briefing_id == best.briefing_id,
        title_coverage=question.literal_coverage(terms_of(best.title)),
        missing_names=0.0 if question.focus else missing_share(question, passages),
        is_named=bool(scored) and bool(telling_phrases(question.text)),
        names_held=_names_held(
            question, [p for p in passages if p.briefing_id == best.briefing_id]
        ),
        is_guide=any(explains(question, passage) for passage in passages[:_READ]),
        chance=probabilities(scored)[0] if scored else 0.0,
        telling=sum(question.weights.values()) / max(1, len(question.weights)),
        nearest=max((found.similarity for found in scored), default=0.0),
        recent=recency(question, first.passage) if first else 0.0,
    )


_NO_EVIDENCE = Evidence(
    similarity=0.0,
    passage_similarity=0.0,
    gap=0.0,
    terms=0,
    missing_names=0.0,
    agrees=False,
)


def asks_how_to(question: str) -> bool:
    """Whether a question asks how to do something."""
    return _ASKS_HOW_TO.search(question) is not None


def is_guide_for(question: Question, passage: Passage) -> bool:
    """Whether a passage is of a guide whose title names what is to be done."""
    titled = question.literal_coverage(terms_of(passage.title))
    return passage.section == "How-to" and titled >= _GUIDE_TITLE


def explains(question: Question, passage: Passage) -> bool:
    """Whether a passage is of the briefing that explains what a definition or a way is asked of."""
    if question.asked.value is not None:
        return False
    if asks_how_to(question.text):
        return is_guide_for(question, passage)
    if question.kind is not QuestionType.DEFINITION:
        return False
    tells_what = passage.section == "Explainer" or _INTRODUCES.match(passage.title) is not None
    return tells_what and question.literal_coverage(terms_of(passage.title)) >= _ALL_TERMS


_INTRODUCES = re.compile(r"^\W*(?:introducing|presenting|meet|what (?:is|are))\b", re.IGNORECASE)
_ALL_TERMS = 0.9


def _names_held(question: Question, passages: Sequence[Passage]) -> bool:
    return bool(names_asked(question.text)) and not missing_names(question.text, passages)


def _gap(best: Passage, passages: Sequence[Passage]) -> float:
    """To the third best: two briefings on one story often come together."""
    others: dict[str, float] = {}
    for passage in passages:
        if passage.briefing_id != best.briefing_id:
            known = others.get(passage.briefing_id, -1.0)
            others[passage.briefing_id] = max(known, relevance_of(passage))
    if "background" not in best.scores or not others:
        return _USUAL_GAP
    ranked = sorted(others.values(), reverse=True)
    return relevance_of(best) - ranked[min(1, len(ranked) - 1)]


_MOST_CAPITALISED = 0.6
_V = re.compile(r"^v(?=\d)")
"""Before the number of a version: "v0.18"."""
_NUMERAL = re.compile(r"^\d[\d.,]*$")


@lru_cache(maxsize=1_024)
def names_asked(question: str) -> frozenset[str]:
    """The names and numbers of a question, folded."""
    names = name_words(question)
    if question.isupper() or len(names) > _MOST_CAPITALISED * len(words(question)):
        names = []  # A Title Like This or SHOUTING tells no names from other words.
    asked = {fold(name).removesuffix("'s") for name in names}
    asked |= {word for word in words(question) if _NUMERAL.match(word)}
    asked = {_V.sub("", name) for name in asked}
    return frozenset(name for name in asked if len(name) > 1) - _NO_NAMES


def missing_names(question: str, passages: Sequence[Passage]) -> frozenset[str]:
    """Names and numbers of a question that stand in none of the passages."""
    asked = names_asked(question)
    if not asked:
        return frozenset()
    known = [_known_of(passage) for passage in passages]
    lacking = frozenset(name for name in asked if not any(each.holds(name) for each in known))
    return lacking - _shortened(question, lacking, known) if lacking else lacking


_FULL_NAME = re.compile(r"\b([A-Z][\w'’.-]*(?: [A-Z][\w'’.-]*){1,3})\b")
_NAME_BEFORE = re.compile(r"[A-Z][\w'’-]* $")


def _shortened(question: str, lacking: frozenset[str], known: Sequence[_Known]) -> frozenset[str]:
    """First names and titles of whom the passages call by the last name alone.

    That stands without another capitalised word before it, which would make it another's.
    """
    found: set[str] = set()
    for match in _FULL_NAME.finditer(question):
        *first, last = [fold(word).removesuffix("'s") for word in match.group(1).split()]
        if last not in lacking and not lacking.isdisjoint(first):
            written = re.compile(rf"(?<!\w){re.escape(match.group(1).split()[-1])}(?!\w)")
            if any(each.names_alone(written) for each in known):
                found.update(first)
    return frozenset(found)


def text_of(passage: Passage) -> str:
    """All that may name something in a passage: its words, title, day, source and category."""
    return _text_of(
        passage.title, passage.date, passage.source_name, passage.category, passage.text
    )


@lru_cache(maxsize=8_192)
def _text_of(title: str, day: date, source: str, category: str, text: str) -> str:
    # Behind its source a title such as "1.47.0 pre-release" names the version as it is asked for.
    return f"{source} {title} {day.day} {day:%B %Y} {category}. {text}"


@dataclass(frozen=True)
class _Known:
    """What names a text holds, in the forms in which they may be asked for; each read when due."""

    text: str

    def holds(self, name: str) -> bool:
        """Whether a name or number of a question stands in the text."""
        return (
            not {name, f"{name}.0", plain_version(name)}.isdisjoint(self._words)
            or stem(name) in self._stems
            or (name[0].isdigit() and name in self._numbers)
            or (2 < len(name) < _LONGEST_ACRONYM and name in self._initials)
            or name.replace("-", "").replace(",", "") in self._joined
        )

    def names_alone(self, name: re.Pattern[str]) -> bool:
        """Whether a name stands in the text without another one right before it."""
        return any(
            _NAME_BEFORE.search(self.text, max(0, match.start() - 24), match.start()) is None
            for match in name.finditer(self.text)
        )

    @cached_property
    def _words(self) -> frozenset[str]:
        found = words(self.text)
        known = {_V.sub("", word) for word in found}
        return frozenset(known.union(*(_INNER.split(word) for word in found)))

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(map(stem, self._words))

    @cached_property
    def _numbers(self) -> frozenset[str]:
        return frozenset(f"{value:f}" for value in facts_of(self.text).numbers)

    @cached_property
    def _joined(self) -> str:
        return fold(self.text).replace(" ", "").replace("-", "")

    @cached_property
    def _initials(self) -> str:
        return "".join(word[0] for word in words(self.text))


def _known_of(passage: Passage) -> _Known:
    return _known(text_of(passage))


_known = lru_cache(maxsize=8_192)(_Known)


_LONGEST_ACRONYM = 6


_MOST_LACKING_OF_SHORT = 0.22
_MOST_LACKING = 0.45
"""Weighted share of a question that may be names its briefing does not hold: a long question tells
more than the briefing repeats, of a short one the name is what was asked. Between what our own
questions without an answer lack at least and what quiz questions with one lack in nine of ten."""


def lacks_subject(question: Question, passages: Sequence[Passage]) -> bool:
    """Whether passages don't hold so many names and numbers of a question that they're another's.

    Args:
        question: what is asked.
        passages: all of one briefing.
    """
    most = _MOST_LACKING_OF_SHORT if question.is_short else _MOST_LACKING
    return missing_share(question, passages) > most


def missing_share(question: Question, passages: Sequence[Passage]) -> float:
    """Weighted share of a question that are names and numbers none of the passages holds."""
    lacking = missing_names(question.text, passages)
    total = sum(question.weights.values())
    if not lacking or not total:
        return 0.0
    stems = {term for name in lacking for term in content_terms(name)}
    return sum(question.weights.get(term, 0.0) for term in stems) / total


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
