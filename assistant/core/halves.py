"""Owns two questions in one: "How much is it, and where does it begin?". Pure; English."""

from __future__ import annotations

import re

from assistant.core.definitions import thing_asked
from assistant.core.rewriting import as_statement, asks, points_back
from assistant.core.terms import content_terms, words

_SECOND_HALF = re.compile(
    r"^(?P<first>.{8,200}?)(?:[,;?]\s*(?:and|but)?|\s+and)\s+(?P<second>(?:who|whom|whose|what|when|"
    r"where|why|how|which|is|are|does|did)\b.{3,120})$",
    re.IGNORECASE,
)


def halves(question: str) -> tuple[str, str] | None:
    """Two questions that are asked in one: "How much is it, and where does it begin?"."""
    match = _SECOND_HALF.match(question.strip())
    if match is None:
        return None
    first, second = match.group("first").strip(), match.group("second").strip()
    has_two = asks(first) and content_terms(first) and len(words(first)) >= _LEAST_OF_A_HALF
    return (f"{first}?", second) if has_two else None


_IT = re.compile(r"\b(?:it|they)\b", re.IGNORECASE)
_LEAST_OF_A_HALF = 4
_LEAST_OF_A_TOPIC = 2


def second_half(halves_of: tuple[str, str]) -> str:
    """The second of two questions with what the first is about, where it points at that."""
    first, second = halves_of
    thing = thing_asked(first)
    if thing and _IT.search(second):
        return _IT.sub(thing, second)
    is_alone = not points_back(second) and len(content_terms(second)) >= _LEAST_OF_A_TOPIC
    return second if is_alone else f"{second.rstrip(' ?!.')}: {as_statement(first)}"
