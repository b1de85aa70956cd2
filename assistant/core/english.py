"""Owns what counts as a word of English: how often it was seen in a corpus of subtitles. Pure.

The list comes with pyspellchecker, which leaves usual misspellings out of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from spellchecker import SpellChecker


@lru_cache(maxsize=1)
def english_words() -> Mapping[str, int]:
    """Lower-case words and how often each was seen; rare ones are names as often as words."""
    return dict(SpellChecker(language="en").word_frequency.dictionary)
