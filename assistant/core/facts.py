"""Owns the hard facts of a text: numbers, names and dates, made comparable. Pure.

Two texts state the same number when the values are equal, however they are written: "1.5 billion
dollars" and "$1,500 million", "9 %" and "nine percent". Does not own whether a text supports
another (`grounding.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from assistant.core.terms import fold, leading_words, name_words

_SCALES = {
    "hundred": Decimal(100),
    "thousand": Decimal(10) ** 3,
    "k": Decimal(10) ** 3,
    "million": Decimal(10) ** 6,
    "mn": Decimal(10) ** 6,
    "m": Decimal(10) ** 6,
    "billion": Decimal(10) ** 9,
    "bn": Decimal(10) ** 9,
    "b": Decimal(10) ** 9,
    "trillion": Decimal(10) ** 12,
    "tn": Decimal(10) ** 12,
}
_NUMBER_WORDS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen twenty".split()
    )
} | {
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "dozen": 12,
}  # fmt: skip
_NUMBER = re.compile(
    r"(?<![\w.,])[$€£¥~+-]{0,2}(\d{1,3}(?:[, \u202f'’]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"(?:st|nd|rd|th)?(?:[- ]?(hundred|thousand|million|billion|trillion|bn|mn|tn|"
    r"[kKmMbB])(?![\w]))?",
)
_WORD_NUMBER = re.compile(
    r"\b(" + "|".join(_NUMBER_WORDS) + r")(?:[- ](" + "|".join(_NUMBER_WORDS) + r"))?"
    r"(?: (hundred|thousand|million|billion|trillion))?\b"
)
_MONTH_NAMES = (
    "january february march april may june july august september october november december"
).split()
_MONTH = re.compile(r"\b(" + "|".join(_MONTH_NAMES) + r")\b")

_COMMON_NAMES = frozenset(
    "i monday tuesday wednesday thursday friday saturday sunday".split() + _MONTH_NAMES
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a text states that must not be made up."""

    numbers: frozenset[Decimal]
    """Values of numbers that are written in digits."""
    small: frozenset[Decimal]
    """Values of numbers that are written as words only."""
    names: frozenset[str]
    """Words written as names, folded."""
    leading: frozenset[str]
    """Capitalised words that begin a sentence, folded: names or not."""
    months: frozenset[str]


@lru_cache(maxsize=16_384)
def facts_of(text: str) -> Facts:
    """The numbers, names and months of a text."""
    folded = fold(text)
    written = _written_numbers(folded)
    spelled = _spelled_numbers(folded)
    return Facts(
        numbers=frozenset(written),
        small=frozenset(spelled - written),
        names=frozenset(_bare(name) for name in name_words(text)) - _COMMON_NAMES - {""},
        leading=frozenset(_bare(word) for word in leading_words(text)) - _COMMON_NAMES - {""},
        months=frozenset(_MONTH.findall(folded)) - _modal_may(text),
    )


def _bare(name: str) -> str:
    return fold(name).removesuffix("'s").strip(".'-&")


def _modal_may(text: str) -> frozenset[str]:
    """The verb, which is no month."""
    return frozenset() if re.search(r"\bMay\b", text) else frozenset({"may"})


def _written_numbers(folded: str) -> set[Decimal]:
    found: set[Decimal] = set()
    for match in _NUMBER.finditer(folded):
        value = _decimal(match.group(1))
        if value is not None:
            found.add(value * _SCALES.get(match.group(2) or "", Decimal(1)))
    return found


def _decimal(digits: str) -> Decimal | None:
    try:
        return Decimal(re.sub(r"[, \u202f'’]", "", digits)).normalize()
    except InvalidOperation:
        return None


def _spelled_numbers(folded: str) -> set[Decimal]:
    found: set[Decimal] = set()
    for match in _WORD_NUMBER.finditer(folded):
        value = Decimal(_NUMBER_WORDS[match.group(1)])
        if match.group(2):
            value += _NUMBER_WORDS[match.group(2)]
        found.add(value * _SCALES.get(match.group(3) or "", Decimal(1)))
    return found
