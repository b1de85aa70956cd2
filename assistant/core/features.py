"""Owns what is measured of a sentence to tell how well it answers a question. Pure; no model.

Every measure is a number of about the size of one, comparable between questions and collections.
What each is worth is learned (`scoring.py`). Texts are read once and remembered: the same passages
come up again and again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from assistant.core.asked_values import PERSONS, Value, has_value, value_is_near
from assistant.core.definitions import defines
from assistant.core.equivalents import is_held
from assistant.core.facts import facts_of
from assistant.core.grounding import read_passage
from assistant.core.new_names import terms_near_names
from assistant.core.openings import could_stand_anywhere
from assistant.core.passages import Passage, ordinal_of
from assistant.core.question_types import QuestionType
from assistant.core.reading import Question
from assistant.core.reasons import reason_in
from assistant.core.sentences import Sentence, needs_antecedent
from assistant.core.telling import names_another_version, names_time, years_named
from assistant.core.terms import content_terms, fold

Features = Mapping[str, float]
"""Measures by name; those that are zero may be missing."""

LONG_WORDS = 45
SHORT_WORDS = 7
_CONTEXT = 2
"""Sentences before one that tell what it is about."""

_MANNER = re.compile(r"\b(?:by|using|with|through|via|works?|steps?|first|then|run|set|use|add)\b")
_DUTY = re.compile(r"\b(?:must|have to|has to|required to|obliges?|may not|duty|duties)\b")
_ASKS_DUTY = re.compile(
    r"\bwhat\b.*\b(?:demand|require|ask|oblige|expect|have to|has to|must|should (?:i|we|you))"
    r"\w*\b",
    re.IGNORECASE,
)
_TALK = re.compile(
    r"^(?:in this (?:post|blog|article|guide|tutorial|piece)|this (?:post|blog|article|guide)\b|"
    r"the rest of this\b|if you\b|let's\b|before (?:diving|we)\b)"
)
"""Openings of sentences about the text itself."""
_DIGIT = re.compile(r"\d")


@lru_cache(maxsize=32_768)
def terms_of(text: str) -> frozenset[str]:
    """The content terms of a text, remembered."""
    return frozenset(content_terms(text))


@dataclass(frozen=True, kw_only=True)
class Place:
    """A sentence where it stands."""

    passage: Passage
    position: int
    """Which sentence of the passage."""
    similarity: float
    """Of the sentence and the question."""
    beside: float
    """Greatest similarity of the sentences before and after it."""
    behind: float
    """How far its passage stands behind the best one."""
    known_names: frozenset[str]
    """Stems of the question's names that the passages hold."""
    briefing_terms: frozenset[str]
    """All that was read of its briefing."""
    is_stock: bool = False
    """Whether other briefings say the same in the same words."""

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return read_passage(self.passage)[self.position]


def features_of(question: Question, place: Place) -> dict[str, float]:
    """The measures of one sentence."""
    sentences = read_passage(place.passage)
    sentence = sentences[place.position]
    text = sentence.text
    own = terms_of(text)
    title = terms_of(place.passage.title)
    before = sentences[max(0, place.position - _CONTEXT) : place.position]
    context = own.union(
        title, terms_of(place.passage.source_name), *(terms_of(each.text) for each in before)
    )
    found = {
        **_form(text, is_complete=sentence.is_complete),
        "similarity": place.similarity,
        "beside": place.beside,
        "passage": place.passage.similarity,
        "behind": place.behind,
        "own": question.coverage(own),
        "beyond_title": (
            question.coverage_beyond(title, own) if question.asked.value is None else 0.0
        ),
        "context": question.coverage(context),
        "rarest": float(is_held(question.rarest, own)),
        "first": float(place.position == 0),
        "stock": float(place.is_stock),
        "empty": float(question.asked.value is None and could_stand_anywhere(text)),
        "adrift": _adrift(place, text),
        "recent": recency(question, place.passage),
        "focus": float(bool(question.focus) and question.focus <= context),
        "other_version": float(names_another_version(question.text, text)),
        "other_year": _other_year(question, place.passage, context),
    }
    found["names_missing"], found["names_far"] = _names(place, context)
    found.update(_kind(question, text))
    found.update(_value(question, text, place.passage.title))
    if "near_value" in found and question.is_short:
        found["value_far"] = found["names_far"]
    return found


def _adrift(place: Place, text: str) -> float:
    """Whether a sentence points back at what another chunk says."""
    is_opening = ordinal_of(place.passage) <= 1
    return float(place.position == 0 and not is_opening and needs_antecedent(text))


def _other_year(question: Question, passage: Passage, context: Set[str]) -> float:
    """Whether a year is asked of, and the passage is neither of that year nor speaks of it here."""
    asked = years_named(question.text)
    told = {str(passage.date.year)} | context
    return float(bool(asked) and asked.isdisjoint(told))


_HALF_AS_RECENT_DAYS = 7


def recency(question: Question, passage: Passage) -> float:
    """How new a passage is on the day of asking: 1 of that day, a half after a week.

    Who asks about the news mostly means the latest; who names a time that has passed does not.
    """
    if question.today is None or names_time(question.text, before=question.today.year):
        return 0.0
    days = max(0, (question.today - passage.date).days)
    return 1.0 / (1.0 + days / _HALF_AS_RECENT_DAYS)


@lru_cache(maxsize=32_768)
def _form(text: str, *, is_complete: bool) -> Mapping[str, float]:
    """What is measured of a sentence whatever is asked."""
    length = len(text.split())
    return {
        "long": max(0, length - LONG_WORDS) / 10,
        "short": max(0, SHORT_WORDS - length) / 4,
        "words": min(length, LONG_WORDS) / LONG_WORDS,
        "dependent": float(needs_antecedent(text)),
        "talk": float(_TALK.match(fold(text)) is not None),
        "loose": float(not is_complete),
        "figure": float(_DIGIT.search(text) is not None),
    }


def _names(place: Place, context: Set[str]) -> tuple[float, float]:
    """How many names of the question the briefing lacks, and how many only stand far off."""
    if not place.known_names:
        return 0.0, 0.0
    held = place.known_names & place.briefing_terms
    missing = len(place.known_names) - len(held)
    return min(2, missing) / 2, min(2, len(held - context)) / 2


def _kind(question: Question, text: str) -> dict[str, float]:
    """Whether a sentence speaks as answers of a kind do."""
    match question.kind:
        case QuestionType.WHY:
            return {"why": reason_in(text)}
        case QuestionType.DEFINITION:
            return {"defines": defines(question.text, text)}
        case QuestionType.HOW:
            return {"how": float(_MANNER.search(fold(text)) is not None)}
    if _asks_duty(question.text):
        return {"duty": float(_DUTY.search(fold(text)) is not None)}
    return {}


_TYPED = {
    Value.MONEY: "number",
    Value.SHARE: "number",
    Value.DURATION: "number",
    Value.NUMBER: "number",
    Value.DAY: "day",
    Value.NAME: "name",
    Value.PLACE: "place",
    Value.VERSION: "version",
}


@lru_cache(maxsize=1_024)
def _asks_duty(question: str) -> bool:
    return _ASKS_DUTY.search(question) is not None


def _value(question: Question, text: str, title: str) -> dict[str, float]:
    """Whether the asked value is there, and near what it is asked of."""
    asked = question.asked.value
    if asked is None:
        return {}
    name = _TYPED[asked]
    if not _has_value(question.asked, text, question.text):
        return {f"no_{name}": 1.0}
    new = facts_of(text).numbers - facts_of(question.text).numbers
    if asked.value in {Value.NAME, Value.PLACE}:
        return {"near_value": 0.0, "near_name": _near_name(question, text)}
    return {
        "near_value": float(
            value_is_near(question.asked, text, frozenset(question.weights) - question.names)
        ),
        "headline": float(not facts_of(title).numbers.isdisjoint(new)),
        "noun": float(_speaks_of_counted(question, text)),
        "no_persons": float(
            question.asked.counts_persons and not _speaks_of_counted(question, text)
        ),
    }


def _speaks_of_counted(question: Question, text: str) -> bool:
    """Whether a sentence speaks of what is counted: of users where people are."""
    asked = question.asked
    if asked.counts_persons:
        return not PERSONS.isdisjoint(terms_of(text))
    return bool(asked.noun) and is_held(asked.noun, terms_of(text))


def _near_name(question: Question, text: str) -> float:
    """Weighted share of what the question says that stands around one of the names told."""
    wanted = {term: w for term, w in question.weights.items() if term not in question.names}
    if question.asked.action:
        wanted[question.asked.action] = 1.0
    whole = sum(wanted.values())
    near = [
        sum(weight for term, weight in wanted.items() if is_held(term, terms))
        for terms in terms_near_names(text, question.text)
    ]
    return max(near, default=0.0) / whole if whole else 0.0


_has_value = lru_cache(maxsize=32_768)(has_value)


def known_names(question: Question, passages: Sequence[Passage]) -> frozenset[str]:
    """Stems of the question's names that some passage holds; a summary is bound to none."""
    if question.kind is QuestionType.ABOUT:
        return frozenset()
    held = frozenset().union(*(passage_terms(passage) for passage in passages))
    return question.names & held


def passage_terms(passage: Passage) -> frozenset[str]:
    """The content terms of a passage and its title."""
    return terms_of(passage.title) | terms_of(passage.text)
