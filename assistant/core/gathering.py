"""Owns gathering the answer to "Which companies…?" from several briefings, one sentence each. Pure.

English. Where one briefing has the list itself, `lists.py` finds it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

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

    Empty where fewer than three do, or where no named things are asked for.

    Args:
        question: what is asked.
        scored: sentences on the subject, best first.
    """
    asks_names = _NAMED_THINGS.match(asking_part(question.text)) is not None
    if question.kind is not QuestionType.LIST or not asks_names:
        return ()
    first: dict[str, ScoredSentence] = {}
    nearest = max((found.similarity for found in scored), default=0.0)
    told: set[str] = set()
    for found in scored:
        names = new_names(found.sentence.text, question.text) - told
        is_near = found.similarity >= _SIMILARITY_SHARE * nearest
        if found.passage.briefing_id in first or not names or not is_near:
            continue
        if not _tells(question, found):
            continue
        first[found.passage.briefing_id] = found
        told |= names
    return tuple(first.values())[:_MOST] if len(first) >= _FEWEST else ()


def _tells(question: Question, found: ScoredSentence) -> bool:
    """Whether a sentence speaks of what is asked, and can stand in a list."""
    text = found.sentence.text
    is_on_it = found.own >= _LEAST_OWN and is_held(question.rarest, terms_of(text))
    return is_on_it and not needs_antecedent(text)
