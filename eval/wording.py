"""Owns the comparing of words: whether a text says something, however it is written.

Answers are compared as the field compares them (Rajpurkar et al., "SQuAD: 100,000+ Questions for
Machine Comprehension of Text", EMNLP 2016): in lower case, without articles and punctuation, both
sides alike. Beyond that numbers, money and shares have one way of writing.
"""

from __future__ import annotations

import re
import unicodedata

_SAME = str.maketrans(
    dict.fromkeys("\u2018\u2019", "'")
    | dict.fromkeys("\u201c\u201d", '"')
    | dict.fromkeys("\u2010\u2011\u2013\u2014\u2212", "-")
    | dict.fromkeys("*`", "")
)
_ARTICLE = re.compile(r"(?<![\w'.-])(?:a|an|the|An|The|(?:^|(?<=[.!?:;\"(] ))A)(?=\s+[\w$€£\"'])")
"""With a word after it: the letter of "vitamin A" and of "Plan A" is a name."""
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PERCENT = re.compile(r"(?<=\d)\s*(?:percent|per cent)\b")
_SIGNED_MONEY = re.compile(
    r"(?P<sign>[$€£])\s?(?P<amount>\d+(?:\.\d+)?)(?P<scale>\s?(?:billion|bn|million|m|trillion)\b)?"
)
_SCALES = {"bn": "billion", "m": "million"}
_CURRENCIES = {"$": "dollars", "€": "euros", "£": "pounds"}
_ABBREVIATION = re.compile(r"(?<![^\W\d_])(?:[^\W\d_]\.){2,}")
_PUNCTUATION = re.compile(r"(?<!\d)[.,:/](?=\d)|[.,:/](?!\d)|(?<=\w)-|-(?!\d)|[';!?\"()\[\]{}_|~]")
"""What stands within a number, or before it as its sign, is part of it."""
_UNITS = "two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_VALUES = (
    {word: number for number, word in enumerate(_UNITS, start=2)}
    | {word: number for number, word in enumerate(_TEENS, start=10)}
    | {word: 10 * number for number, word in enumerate(_TENS, start=2)}
)
_SPELLED = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})(?:[ -](?P<unit>one|{'|'.join(_UNITS)}))?"
    rf"|(?P<plain>{'|'.join((*_UNITS, *_TEENS))}))\b"
    r"(?![ -](?:hundred|thousand|dozen|half|halves|thirds?|quarters?|fourths?|fifths?|sixths?|"
    r"eighths?|tenths?)\b)"
)
"""Not "one", which is a pronoun as well, and no part of a number that goes on in words."""
_WORD = re.compile(r"\w+(?:[-'.]\w+)*")


def normalise(text: str) -> str:
    """The text in lower case, without articles and punctuation, numbers and money in digits.

    `$5,900`, `5,900 dollars` and `5900 dollars` become equal, and so do `59 percent` and `59%`,
    `A persistent hum` and `persistent hum`, `seven` and `7`.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_SAME)
    plain = _ARTICLE.sub("", plain).lower()
    plain = _SPELLED.sub(_in_digits, plain)
    plain = _THOUSANDS.sub("", plain)
    plain = _PERCENT.sub("%", plain)
    plain = _SIGNED_MONEY.sub(_spell_money, plain)
    plain = _ABBREVIATION.sub(lambda match: match[0].replace(".", ""), plain)
    return " ".join(_PUNCTUATION.sub(" ", plain).split())


def says(text: str, wanted: str) -> bool:
    """Whether a text says something: as whole words and whole numbers.

    `18 percent` does not say `8 percent`, and `12.5` does not say `12`.
    """
    needle = re.escape(normalise(wanted))
    if not needle:
        return False
    return re.search(rf"(?<!\w)(?<!\d[.,]){needle}(?!\w)(?![.,]\d)", normalise(text)) is not None


def count_words(text: str) -> int:
    """How many words a reader reads."""
    return len(_WORD.findall(text))


def _in_digits(match: re.Match[str]) -> str:
    if match["plain"]:
        return str(_VALUES[match["plain"]])
    unit = match["unit"]
    return str(_VALUES[match["tens"]] + (1 if unit == "one" else _VALUES.get(unit or "", 0)))


def _spell_money(match: re.Match[str]) -> str:
    scale = (match["scale"] or "").strip()
    scale = _SCALES.get(scale, scale)
    return " ".join(part for part in (match["amount"], scale, _CURRENCIES[match["sign"]]) if part)
