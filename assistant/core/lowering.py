"""Owns the lower case in which messages are read: every character keeps its place. Pure."""

from __future__ import annotations


def lower(text: str) -> str:
    """The text in lower case with plain apostrophes, as long as it was.

    `str.lower` makes two characters of some (İ); spans found in one text must fit the other.
    """
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    return lowered.replace("\u2019", "'")
