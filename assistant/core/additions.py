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
_TOLD_OUTRIGHT = frozenset({QuestionType.WHY, QuestionType.DEFINITION})
"""Kinds of which a sentence shows by its form whether it answers."""
_COUNTED = frozenset(
    {Value.MONEY, Value.SHARE, Value.DURATION, Value.NUMBER, Value.DAY, Value.VERSION}
)
_OWN_SHARE = 0.4
"""Share of what the first sentence says of the question that a further one must say itself."""
_VALUE_OWN_SHARE = 0.8
"""The same where a figure or a day has been told."""
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
    if could_stand_anywhere(found.sentence.text):
        return False
    if question.asked.value is not None:
        return _adds_value(question, found, first)
    if question.kind in _TOLD_OUTRIGHT and first.has_answer_type:
        return found.has_answer_type
    if question.kind is QuestionType.OPEN:
        return True
    return found.has_answer_type > first.has_answer_type or _is_as_near(found, first)


def _adds_value(question: Question, found: ScoredSentence, first: ScoredSentence) -> bool:
    if not first.has_answer_type:
        return found.has_answer_type or _is_as_near(found, first)
    if question.asked.value not in _COUNTED:
        return found.has_answer_type or _is_as_near(found, first)
    if not found.has_answer_type or found.own < _VALUE_OWN_SHARE * first.own:
        return False
    asked, named = years_named(question.text), years_named(found.sentence.text)
    if asked and named and asked.isdisjoint(named):
        return False
    told, known = facts_of(found.sentence.text), facts_of(first.sentence.text)
    return not (told.numbers | told.small) <= (known.numbers | known.small)


def _is_as_near(found: ScoredSentence, first: ScoredSentence) -> bool:
    return (
        found.own >= _OWN_SHARE * first.own
        and found.similarity >= first.similarity - _SIMILARITY_BEHIND
    )
