"""Owns gathering the answer to "Which companies…?" from several briefings, one sentence each. Pure.

English. Where one briefing has the list itself, `lists.py` finds it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.core.doers import doing_asked, names_doer
from assistant.core.equivalents import is_held
from assistant.core.features import terms_of
from assistant.core.new_names import new_names
from assistant.core.question_types import QuestionType, asking_part
from assistant.core.reading import Question
from assistant.core.scoring import ScoredSentence
from assistant.core.sentences import needs_antecedent

_NAMED_THINGS = re.compile(
    r"^\W*(?:so |and |ok |okay )*(?:which|what|list|name)(?: \w+){0,2}? (?:companies|firms|makers|"
    r"manufacturers|countries|organi[sz]ations|startups|vendors|people|models|tools|products|"
    r"projects|cities|universities|robots|chips|laws)\b",
    re.IGNORECASE,
)
_LEAST_OWN = 0.5
"""Weighted share of the question that a sentence says itself."""
_SIMILARITY_SHARE = 0.7
"""How near in meaning to the question it must be, as a share of the nearest sentence."""
_FEWEST = 3
_MOST = 5


def gathered(question: Question, scored: Sequence[ScoredSentence]) -> tuple[ScoredSentence, ...]:
    """The best sentence of each of several briefings that names one of what is asked for.

    Empty where fewer than three do (of doers one is enough), or where no named things are asked
    for.

    Args:
        question: what is asked.
        scored: sentences on the subject, best first.
    """
    if not asks_for_several(question):
        return ()
    first: dict[str, ScoredSentence] = {}
    nearest = max((found.similarity for found in scored), default=0.0)
    told: set[str] = set()
    for found in scored:
        names = new_names(found.sentence.text, question.text) - told
        is_near = found.similarity >= _SIMILARITY_SHARE * nearest
        if found.passage.briefing_id in first or not names:
            continue
        # Whoever does it is told of in many words; what only names somebody must be near.
        if not (is_near or asks_for_doers(question)) or not _tells(question, found):
            continue
        first[found.passage.briefing_id] = found
        told |= names
    fewest = 1 if asks_for_doers(question) else _FEWEST
    return tuple(first.values())[:_MOST] if len(first) >= fewest else ()


def _tells(question: Question, found: ScoredSentence) -> bool:
    """Whether a sentence speaks of what is asked, and can stand in a list."""
    text = found.sentence.text
    if needs_antecedent(text):
        return False
    if asks_for_doers(question):
        return tells_of_doer(question, found)
    return found.own >= _LEAST_OWN and is_held(question.rarest, terms_of(text))


def asks_for_several(question: Question) -> bool:
    """Whether a question asks for named things, of which several briefings may tell."""
    is_named = _NAMED_THINGS.match(asking_part(question.text)) is not None
    return asks_for_doers(question) or (question.kind is QuestionType.LIST and is_named)


def asks_for_doers(question: Question) -> bool:
    """Whether a question asks which of a group do something: "Which companies build robots?"."""
    return all(doing_asked(question.text))


def tells_of_doer(question: Question, found: ScoredSentence) -> bool:
    """Whether a sentence names one who does what is asked."""
    return names_doer(question.text, found.sentence.text, found.passage.text)
