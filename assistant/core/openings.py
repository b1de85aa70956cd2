"""Owns words that could stand above any story: announcing, welcoming, praising, opening. Pure.

English. Who uses it decides what they cost (`scoring.py`, `digest_lines.py`, `extraction.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from assistant.core.terms import fold

_EMPTY = re.compile(
    r"\b(?:(?:happy|excited|pleased|delighted|thrilled|proud|glad) to (?:announce|share|introduce|"
    r"present|say|report)|(?:has|have|had) (?:passed|been busy)|the following|as follows|read on|"
    r"let's|without further ado|time flies|it's (?:that|been)|stay tuned|welcome (?:back )?to|"
    r"great news|look no further|has you covered|we've got you covered|take(?:s)? center stage|"
    r"we can't wait|looking forward to|(?:this|the) (?:post|article|blog|briefing) (?:was|is) "
    r"(?:written|part|the \w+)|is announcing|highlights include|in this (?:post|article|blog)|"
    r"this is the \w+ (?:blog )?post|please enjoy|happy (?:reading|coding))\b"
)
_NUMBER = re.compile(r"\d+(?:\.\d+)*(?:\.x)?")


@lru_cache(maxsize=32_768)
def could_stand_anywhere(text: str) -> bool:
    """Whether a sentence announces or opens, and tells nothing by itself."""
    return _EMPTY.search(fold(text).replace("’", "'")) is not None


def shape_of(text: str) -> str:
    """A sentence without its numbers: what releases say of each version has one shape."""
    return _NUMBER.sub("#", fold(text))


def stock_shapes(texts: Iterable[str]) -> frozenset[str]:
    """The shapes of sentences, to tell what other briefings say in the same words."""
    return frozenset(map(shape_of, texts))
