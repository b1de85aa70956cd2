"""Owns finding names in a sentence that a question doesn't know: who or where may be asked. Pure.

Names are told by how they are written; English. Does not own what is asked (`asked_values.py`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.core.terms import STOP_WORDS, fold, name_words, stem, words

NEAR = 45
"""Characters to either side of a value that tell what it is of: about seven words."""
_PLACE_BEFORE = re.compile(
    r"\b(?i:in|at|near|from|to|across|around|of|on|since|until|over|for|outside|inside|between)\s+"
    r"(?:the\s+)?(?:[A-Z][\w'’.-]*\s+)*$"
)
_NAME = re.compile(r"(?<![\w.])[A-Z][\w&'’.+-]*[\w+]|(?<![\w.])[A-Z]{2,}\b")
_NO_NAMES = frozenset(
    """
    january february march april may june july august september october november december monday
    tuesday wednesday thursday friday saturday sunday ai it the a i'm i've i'd i'll it's
    nobody somebody everybody anybody nothing something everything everyone someone anyone
    """.split()
)


def has_new_capitals(sentence: str, question: str) -> bool:
    """Whether a sentence names something, be it a place, that the question does not."""
    asked = {stem(word) for word in words(question)}
    return any(stem(name) not in asked for name in _capitals(sentence))


@lru_cache(maxsize=32_768)
def _capitals(sentence: str) -> frozenset[str]:
    names = (fold(match.group()).removesuffix("'s") for match in _NAME.finditer(sentence))
    return frozenset(name for name in names if name not in _NO_NAMES and name not in STOP_WORDS)


@lru_cache(maxsize=8_192)
def new_names(sentence: str, question: str) -> frozenset[str]:
    """Names in a sentence that are neither in the question, nor places, nor days."""
    asked = {fold(name).removesuffix("'s") for name in name_words(question)}
    asked |= set(fold(question).replace("?", " ").split())
    starts = sentence[:1].isupper()
    found = set()
    for match in _NAME.finditer(sentence):
        name = fold(match.group()).removesuffix("'s")
        if name in asked or name in _NO_NAMES or name in STOP_WORDS:
            continue
        if _PLACE_BEFORE.search(sentence[max(0, match.start() - 60) : match.start()]):
            if not _OF_OWNER.search(sentence[: match.start()]):
                continue
        if starts and match.start() == 0 and not _is_agent(sentence, match.end()):
            continue
        found.add(name)
    return frozenset(found)


@lru_cache(maxsize=16_384)
def terms_near_names(sentence: str, question: str) -> tuple[frozenset[str], ...]:
    """The terms around each name in a sentence that the question does not hold."""
    asked = {stem(word.removesuffix("'s")) for word in words(question)}
    found: list[frozenset[str]] = []
    for match in _NAME.finditer(sentence):
        name = fold(match.group()).removesuffix("'s")
        if stem(name) in asked or name in _NO_NAMES or name in STOP_WORDS:
            continue
        before = sentence[max(0, match.start() - NEAR) : match.start()]
        after = sentence[match.end() : match.end() + NEAR]
        found.append(frozenset(map(stem, words(f"{before} {after}"))))
    return tuple(found)


_OF_OWNER = re.compile(
    r"\b(?!(?:district|city|state|province|town|capital|university|region|country|port|village|"
    r"coast|north|south|east|west|plant|island|part|end|beginning|quarter|middle)\b)\w+ of "
    r"(?:[A-Z]\w+ )*$"
)
"""A maker or owner, where "the district of" names a place."""


def _is_agent(sentence: str, end: int) -> bool:
    """Whether the capitalised first word is a name: another one follows, or a verb of doing."""
    return (
        re.match(r"\s+(?:[A-Z]|was|is|won|has|had|and|will|\w+ed\b|\w+s\b)", sentence[end:])
        is not None
    )
