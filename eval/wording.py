"""Owns the comparing of words: whether a text says something, however numbers are written."""

from __future__ import annotations

import re
import unicodedata

_PUNCTUATION = str.maketrans(
    dict.fromkeys("\u2018\u2019", "'")
    | dict.fromkeys("\u201c\u201d", '"')
    | dict.fromkeys("\u2010\u2011\u2013\u2014\u2212", "-")
    | dict.fromkeys("*`", "")
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PERCENT = re.compile(r"(?<=\d)\s*(?:percent|per cent)\b")
_SIGNED_MONEY = re.compile(
    r"(?P<sign>[$€£])\s?(?P<amount>\d+(?:\.\d+)?)(?P<scale>\s?(?:billion|bn|million|m|trillion)\b)?"
)
_SCALES = {"bn": "billion", "m": "million"}
_CURRENCIES = {"$": "dollars", "€": "euros", "£": "pounds"}
_WORD = re.compile(r"\w+(?:[-'.]\w+)*")


def normalise(text: str) -> str:
    """The text in lower case, with one way of writing numbers, money and punctuation.

    `$5,900`, `5,900 dollars` and `5900 dollars` become equal, and so do `59 percent` and `59%`.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_PUNCTUATION).lower()
    plain = _THOUSANDS.sub("", plain)
    plain = _PERCENT.sub("%", plain)
    plain = _SIGNED_MONEY.sub(_spell_money, plain)
    return " ".join(plain.split())


def says(text: str, wanted: str) -> bool:
    """Whether a text says something: as whole words and whole numbers.

    `18 percent` does not say `8 percent`, and `12.5` does not say `12`.
    """
    needle = re.escape(normalise(wanted))
    return re.search(rf"(?<!\w)(?<!\d[.,]){needle}(?!\w)(?![.,]\d)", normalise(text)) is not None


def count_words(text: str) -> int:
    """How many words a reader reads."""
    return len(_WORD.findall(text))


def _spell_money(match: re.Match[str]) -> str:
    scale = (match["scale"] or "").strip()
    scale = _SCALES.get(scale, scale)
    return " ".join(part for part in (match["amount"], scale, _CURRENCIES[match["sign"]]) if part)
