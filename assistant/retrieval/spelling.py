"""Owns spelling: a word that no briefing holds becomes the one that it was meant to be. Pure.

A slip is mended towards a word that briefings use often, where one can stand for the other: a
letter doubled or not, two exchanged, one vowel for another, one missing, too many or beside on the
keyboard, and two of these in longer words. Whatever briefings use stays as it was written, unless
it is a rare slip of theirs, and so do words that English has: "police" is no slip of "policy" where
no briefing speaks of the police. Names that no briefing holds are only mended towards names.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import log10

import numpy as np
import numpy.typing as npt

from assistant.core.english import english_words
from assistant.core.terms import REQUEST_WORDS, STOP_WORDS, fold, is_name_like, stem, words
from assistant.retrieval.slips import slip_cost

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?(?![\w@/]|[.-]\w)")
_JOINTS = frozenset("0123456789_-./@#")
"""What stands before a word that is only a part of one: "node.js", "evm-units", "v2beta"."""
_CHAT = {
    "wat": "what", "wht": "what", "whats": "what's", "wats": "what's", "hw": "how", "wy": "why",
    "wen": "when", "u": "you", "ur": "your", "pls": "please", "plz": "please", "abt": "about",
    "teh": "the", "hte": "the", "waht": "what", "whta": "what", "wich": "which",
}  # fmt: skip
"""How chats shorten words that a question is made of."""
_SHORTEST = 4
_LONGEST = 24
_LEAST_USES = 2
"""A word that stands once in all briefings may be a slip itself."""
_RARE_USES = 2
"""Uses up to which a word of the briefings may be a slip of theirs."""
_FAR_MORE = 60
"""How many times more a word is used than the rare one that is a slip of it."""
_MOST_COSTS = ((4, 0.65), (5, 1.05), (6, 1.05), (7, 1.5))
"""What a slip may cost in a word of so many letters; longer ones as the last."""
_MOST_OF_A_NAME = 0.7
"""Names are near to each other: "Cohere" is no "cohort"."""
_MOST_OF_A_NAME_TO_A_WORD = 0.5
_MOST_OF_A_KNOWN_WORD = 0.7
_SHORT_USES = 8
"""Uses from which a short word is a slip's aim."""
_FREQUENCY_WEIGHT = 0.25
_LEAST_USES_OF_A_NAME = 3
"""What is no English word must stand more often, lest an unknown name become a rare one."""
_COMMON_ENGLISH = 100
"""Uses from which the list's words are taken as they are: below, it holds names and slips."""
_LONGEST_OF_ONE_SLIP = 6
_ONE_SLIP = (2, 6)
"""Letters, and pairs of neighbours, that one slip makes others at most."""
_TWO_SLIPS = (3, 8)
_PAIR_BITS = 64
_LONGEST_READ = 400
_FIRST_LETTER = ord("a")


@dataclass(frozen=True, kw_only=True)
class _Bucket:
    """The words that begin with a letter, for comparing all at once."""

    words: tuple[str, ...]
    lengths: npt.NDArray[np.int16]
    letters: npt.NDArray[np.uint32]
    pairs: npt.NDArray[np.uint64]

    def near(self, word: str) -> list[str]:
        """Words of about the length, the letters and the pairs of letters of a word."""
        letters = np.bitwise_count(self.letters ^ np.uint32(_letters(word)))
        pairs = np.bitwise_count(self.pairs ^ np.uint64(_pairs(word)))
        most_letters, most_pairs = _ONE_SLIP if len(word) <= _LONGEST_OF_ONE_SLIP else _TWO_SLIPS
        is_near = (letters <= most_letters) & (pairs <= most_pairs)
        is_near &= np.abs(self.lengths - len(word)) <= 2
        return [self.words[place] for place in np.flatnonzero(is_near)]


class Spelling:
    """The words of all briefings.

    Args:
        texts: what the briefings say.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._take(*_counted(texts))

    def after(self, *, added: Iterable[str], removed: Iterable[str]) -> Spelling:
        """The words when some texts have come and others, which were counted here, have gone."""
        uses, names = Counter(self._uses), Counter(self._names)
        for counter, more in zip((uses, names), _counted(added), strict=True):
            counter.update(more)
        fewer_uses, fewer_names = _counted(removed)
        later = Spelling(())
        later._take(uses - fewer_uses, names - fewer_names)
        return later

    def _take(self, uses: Counter[str], names: Counter[str]) -> None:
        self._uses, self._names = uses, names
        self._english = english_words()
        self._stems: Counter[str] = Counter()
        by_letter: dict[str, list[str]] = defaultdict(list)
        for word, times in uses.items():
            self._stems[stem(word.removesuffix("'s"))] += times
            if times >= _LEAST_USES and word.isalpha() and _SHORTEST <= len(word) <= _LONGEST:
                by_letter[word[0]].append(word)
        self._buckets = {letter: _bucket(found) for letter, found in by_letter.items()}

    def corrected(self, question: str) -> str:
        """A question with its slips mended; unchanged when it has none or is long."""
        if len(question) > _LONGEST_READ:
            return question
        return _WORD.sub(lambda match: self._written(match, question), question)

    def _written(self, match: re.Match[str], question: str) -> str:
        word = match.group()
        folded = fold(word)
        if question[: match.start()][-1:] in _JOINTS:
            return word
        meant = _CHAT.get(folded) or self._meant(word, folded)
        if meant == folded:
            return word
        return meant[0].upper() + meant[1:] if word[0].isupper() else meant

    def _meant(self, word: str, folded: str) -> str:
        if not (folded.isalpha() and _SHORTEST <= len(folded) <= _LONGEST):
            return folded
        if folded in STOP_WORDS or folded in REQUEST_WORDS or word.isupper():
            return folded
        uses = max(self._uses[folded], self._stems[stem(folded)])
        seen = self._english.get(folded, 0)
        if uses > _RARE_USES or seen >= _COMMON_ENGLISH:
            return folded
        uses = max(uses, min(seen, 1))
        return self._nearest(folded, is_name=is_name_like(word), uses=uses) or folded

    def _nearest(self, folded: str, *, is_name: bool, uses: int) -> str | None:
        """The word that costs least, and of these the most used; None when all cost too much."""
        most = _MOST_OF_A_KNOWN_WORD if uses else _most_cost(len(folded))
        best: tuple[float, str] | None = None
        for candidate in self._near(folded):
            times = self._uses[candidate]
            if times < max(_FAR_MORE * uses, self._least_uses(candidate)):
                continue
            limit = min(most, self._most_of_a_name(candidate)) if is_name else most
            cost = slip_cost(folded, candidate, limit)
            if cost is None:
                continue
            rank = (cost - _FREQUENCY_WEIGHT * log10(times), candidate)
            best = rank if best is None else min(best, rank)
        return best[1] if best else None

    def _near(self, folded: str) -> list[str]:
        """Words with the first letter of this one, or with its second where the two changed."""
        first = self._buckets.get(folded[0])
        exchanged = self._buckets.get(folded[1]) if folded[1] != folded[0] else None
        return [
            *(first.near(folded) if first else ()),
            *(
                word
                for word in (exchanged.near(folded) if exchanged else ())
                if word[1] == folded[0]
            ),
        ]

    def _least_uses(self, candidate: str) -> int:
        """How often a word must be used to be what was meant."""
        if len(candidate) <= _SHORTEST + 1 and candidate not in STOP_WORDS:
            return _SHORT_USES
        return _LEAST_USES if candidate in self._english else _LEAST_USES_OF_A_NAME

    def _most_of_a_name(self, candidate: str) -> float:
        is_name = 2 * self._names[candidate] >= self._uses[candidate]
        return _MOST_OF_A_NAME if is_name else _MOST_OF_A_NAME_TO_A_WORD


def _most_cost(length: int) -> float:
    return next((most for letters, most in _MOST_COSTS if length <= letters), _MOST_COSTS[-1][1])


def _counted(texts: Iterable[str]) -> tuple[Counter[str], Counter[str]]:
    """How often words are used, and how often with a capital letter."""
    uses: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for text in texts:
        uses.update(words(text))
        names.update(fold(word) for word in _CAPITALISED.findall(text))
    return uses, names


_CAPITALISED = re.compile(r"\b[A-Z][^\W\d_]+\b")


def _bucket(found: list[str]) -> _Bucket:
    return _Bucket(
        words=tuple(found),
        lengths=np.array([len(word) for word in found], dtype=np.int16),
        letters=np.array([_letters(word) for word in found], dtype=np.uint32),
        pairs=np.array([_pairs(word) for word in found], dtype=np.uint64),
    )


def _letters(word: str) -> int:
    """Which letters a word holds, one bit each."""
    held = 0
    for letter in word:
        place = ord(letter) - _FIRST_LETTER
        held |= 1 << place if 0 <= place < 26 else 1 << 26
    return held


def _pairs(word: str) -> int:
    """Which pairs of neighbouring letters a word holds, in 64 bits that pairs share."""
    held = 0
    for first, second in pairwise(word):
        held |= 1 << (31 * ord(first) + ord(second)) % _PAIR_BITS
    return held
