"""Owns small numbers as people write them: `3`, `three`, `a couple of`. Pure; English."""

from __future__ import annotations

_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "a couple of": 2,
    "couple of": 2, "a few": 3, "few": 3, "fifteen": 15, "twenty": 20, "thirty": 30,
    "forty-five": 45, "forty five": 45, "forty": 40, "sixty": 60, "ninety": 90,
}  # fmt: skip

_ALTERNATIVES = "|".join(word.replace(" ", r"\s+") for word in sorted(_WORDS, key=len)[::-1])

COUNT = rf"(?P<count>\d{{1,3}}|{_ALTERNATIVES})"
"""Pattern of a count, as the group `count`."""

HOUR_WORDS = {word: _WORDS[word] for word in (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)}  # fmt: skip
"""The hours of a clock's face, in words."""


def read_count(words: str) -> int:
    """The number that a match of `COUNT` says."""
    return int(words) if words.isascii() and words.isdigit() else _WORDS[" ".join(words.split())]
