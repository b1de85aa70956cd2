"""Owns whether a further sentence adds to an answer, or is only near it. Pure; English.

One sentence that answers is an answer; what follows has to say more of what was asked. Does not
own which sentence comes first (`scoring.py`) or how long an answer may be (`extraction.py`).
"""

from __future__ import annotations

from assistant.core.asked_values import Value
from assistant.core.facts import facts_of
from assistant.core.openings import could_stand_anywhere
from assistant.core.question_types import QuestionType
from assistant.core.reading import Question
from assistant.core.scoring import ScoredSentence
from assistant.core.telling import years_named

_GATHERING = frozenset({QuestionType.LIST, QuestionType.COMPARE, QuestionType.ABOUT})
"""Kinds whose answers are made of many sentences."""
_COUNTED = frozenset(
    {Value.MONEY, Value.SHARE, Value.DURATION, Value.NUMBER, Value.DAY, Value.VERSION}
)
_OWN_SHARE = 0.4
"""Share of what the first sentence says of the question that a further one must say itself."""
_VALUE_OWN_SHARE = 0.8
"""The same where a figure or a day has been told."""
_SHORT_WORDS = 12
_SIMILARITY_BEHIND = 0.2
"""How far it may stand behind in meaning."""


def adds(question: Question, found: ScoredSentence, first: ScoredSentence) -> bool:
    """Whether a sentence says more of what was asked than the first one of the answer.

    Args:
        question: what is asked.
        found: what might be said after.
        first: the first sentence.
    """
    if question.kind in _GATHERING or question.focus:
        return True
    if could_stand_anywhere(found.sentence.text) or _is_of_another_story(found, first):
        return False
    if question.asked.value is not None:
        return _adds_value(question, found, first)
    is_told = question.kind is QuestionType.DEFINITION and first.has_answer_type
    if is_told or question.kind is QuestionType.WHY:
        return found.has_answer_type
    if found.has_answer_type > first.has_answer_type or _is_as_near(found, first):
        return True
    return question.kind is QuestionType.OPEN and found.own >= _OWN_SHARE * first.own


_FOREIGN_OWN_SHARE = 0.8
_FOREIGN_SIMILARITY_BEHIND = 0.1


def _is_of_another_story(found: ScoredSentence, first: ScoredSentence) -> bool:
    """Whether a sentence of another briefing says less of what was asked than the first one."""
    if found.passage.briefing_id == first.passage.briefing_id:
        return False
    return (
        found.own < _FOREIGN_OWN_SHARE * first.own
        or found.similarity < first.similarity - _FOREIGN_SIMILARITY_BEHIND
    )


def _adds_value(question: Question, found: ScoredSentence, first: ScoredSentence) -> bool:
    if not first.has_answer_type:
        return found.has_answer_type or _is_as_near(found, first)
    if question.asked.value not in _COUNTED:
        is_near = found.similarity >= first.similarity - _SIMILARITY_BEHIND
        return _is_as_near(found, first) or (found.has_answer_type and is_near)
    says_less = found.own < _VALUE_OWN_SHARE * first.own
    if not found.has_answer_type or (says_less and not _is_beside(found, first)):
        return False
    asked, named = years_named(question.text), years_named(found.sentence.text)
    if asked and named and asked.isdisjoint(named):
        return False
    told, known = facts_of(found.sentence.text), facts_of(first.sentence.text)
    return not (told.numbers | told.small) <= (known.numbers | known.small)


_BESIDE = 6
"""Sentences further on in the same passage where the figures of one story still stand."""


def _is_beside(found: ScoredSentence, first: ScoredSentence) -> bool:
    """Whether a short sentence stands so near that it leaves out what the first one said."""
    is_same = found.passage.chunk_id == first.passage.chunk_id
    is_short = len(found.sentence.text.split()) <= _SHORT_WORDS
    return is_same and is_short and 0 < found.position - first.position <= _BESIDE


def _is_as_near(found: ScoredSentence, first: ScoredSentence) -> bool:
    return (
        found.own >= _OWN_SHARE * first.own
        and found.similarity >= first.similarity - _SIMILARITY_BEHIND
    )
