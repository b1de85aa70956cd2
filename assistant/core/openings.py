"""Owns words that could stand above any story: announcing, welcoming, praising, opening. Pure.

English. Who uses it decides what they cost (`scoring.py`, `digest_lines.py`, `extraction.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from assistant.core.terms import fold

_ANNOUNCES = re.compile(
    r"\b(?:(?:happy|excited|pleased|delighted|thrilled|proud|glad) to (?:announce|share|introduce|"
    r"present|say|report)|is announcing|great news|look no further|has you covered|"
    r"we've got you covered|(?:thankful|grateful) (?:for|to)|takes? center stage)\b"
)
_OPENS = re.compile(
    r"\b(?:(?:has|have|had) (?:passed|been busy)|the following|as follows|read on|let's|"
    r"without further ado|time flies|it's (?:that|been)|stay tuned|welcome (?:back )?to|"
    r"we can't wait|looking forward to|(?:this|the) (?:post|article|blog|briefing|guide) "
    r"(?:was (?:written|published)|is (?:written|part|the \w+|intended|meant)|aims|covers)|"
    r"highlights include|in this (?:post|article|blog)|this is the \w+ (?:blog )?post|"
    r"please enjoy|happy (?:reading|coding))\b"
)
_NUMBER = re.compile(r"\d+(?:\.\d+)*(?:\.x)?")


@lru_cache(maxsize=32_768)
def could_stand_anywhere(text: str) -> bool:
    """Whether a sentence announces or opens, and tells nothing by itself."""
    return _ANNOUNCES.search(fold(text)) is not None or only_opens(text)


@lru_cache(maxsize=32_768)
def only_opens(text: str) -> bool:
    """Whether a sentence welcomes or speaks of the text itself, and does not even announce."""
    return _OPENS.search(fold(text)) is not None


def shape_of(text: str) -> str:
    """A sentence without its numbers: what releases say of each version has one shape."""
    return _NUMBER.sub("#", fold(text))


def stock_shapes(texts: Iterable[str]) -> frozenset[str]:
    """The shapes of sentences, to tell what other briefings say in the same words."""
    return frozenset(map(shape_of, texts))
