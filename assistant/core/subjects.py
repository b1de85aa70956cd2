"""Owns telling whether a sentence with the asked kind of value tells it of something else. Pure.

English. "Who is the CEO of Acme?" is not answered by who leads Beta, nor "When was Acme founded?"
by when Beta was, though both stand in a briefing on Acme.
"""

from __future__ import annotations

import re
from collections.abc import Set

from assistant.core.equivalents import is_held
from assistant.core.features import terms_of
from assistant.core.grounding import read_passage
from assistant.core.reading import Question
from assistant.core.scoring import ScoredSentence

_CONTEXT = 2
"""Sentences before one that may name whom it is about."""
_ROLE = (
    r"(?:CEO|[Cc]hief [Ee]xecutive(?: [Oo]fficer)?|[Cc]o-?[Ff]ounders?|[Ff]ounders?|"
    r"[Cc]hair(?:man|woman))"
)
_RUN = r"(?:[A-Z][\w&.+-]*\w(?: [A-Z][\w&.+-]*\w)*)"
_ROLE_AT = re.compile(rf"{_ROLE} (?:of|at) (?:the )?({_RUN})|({_RUN})(?:'s|’s)? {_ROLE}")
_SUBJECT = re.compile(rf"^(?:The )?({_RUN}) (?:was|were|is|has|had|will|[a-z]+ed)\b")


def is_role_at_another(question: Question, found: ScoredSentence) -> bool:
    """Whether a sentence tells who leads or founded something else than what is asked of."""
    if not question.names:
        return False
    named = [terms_of(a or b) for a, b in _ROLE_AT.findall(found.sentence.text)]
    if named:
        return all(each.isdisjoint(question.names) for each in named)
    before = read_passage(found.passage)[max(0, found.position - _CONTEXT) : found.position]
    near = terms_of(found.sentence.text).union(
        terms_of(found.passage.title), *(terms_of(each.text) for each in before)
    )
    return near.isdisjoint(question.names)


def has_another_subject(question: Question, sentence: str, context: Set[str]) -> bool:
    """Whether what is asked of a name alone, as "When was Acme founded?", is told otherwise.

    Of another name, or of the same without anything that was founded.

    Args:
        question: what is asked.
        sentence: what holds a value of the asked kind.
        context: stems of what is said around it.
    """
    asked = set(question.weights) - question.names
    if not question.names or len(asked) > 1:
        return False
    if not all(is_held(term, context) for term in asked):
        return True
    if not question.names.isdisjoint(terms_of(sentence)):
        return False
    match = _SUBJECT.match(sentence)
    named = terms_of(match.group(1)) if match else frozenset()
    return bool(named) and named.isdisjoint(question.names)
