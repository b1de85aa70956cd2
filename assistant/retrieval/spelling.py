"""Owns spelling: a word that no briefing holds becomes the one that it was meant to be. Pure.

Only slips of one letter (one missing, one too many, one other, two exchanged) in longer words are
mended, and only towards words that briefings use; everything else stays as it was written.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from assistant.core.terms import REQUEST_WORDS, STOP_WORDS, fold, stem, words

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_CHAT = {
    "wat": "what", "wht": "what", "whats": "what's", "wats": "what's", "hw": "how", "wy": "why",
    "wen": "when", "u": "you", "ur": "your", "pls": "please", "plz": "please", "abt": "about",
    "teh": "the", "hte": "the", "waht": "what", "whta": "what", "wich": "which",
}  # fmt: skip
"""How chats shorten words that a question is made of."""
_SHORTEST = 5
_SHORTEST_NAME = 6
"""Names are short and near to each other: "Cohere" is no "cohort"."""
_LEAST_USES = 2
"""A word that stands once in all briefings may be a slip itself."""
_LONGEST_READ = 400


class Spelling:
    """The words of all briefings.

    Args:
        texts: what the briefings say.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._take(_counted(texts))

    def after(self, *, added: Iterable[str], removed: Iterable[str]) -> Spelling:
        """The words when some texts have come and others, which were counted here, have gone."""
        uses = Counter(self._uses)
        uses.update(_counted(added))
        later = Spelling(())
        later._take(uses - _counted(removed))
        return later

    def _take(self, uses: Counter[str]) -> None:
        self._uses = uses
        self._stems = frozenset(stem(word.removesuffix("'s")) for word in uses)
        self._by_letter: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word, times in uses.items():
            if times >= _LEAST_USES and word.isalpha() and len(word) >= _SHORTEST:
                self._by_letter[word[0], len(word)].append(word)

    def corrected(self, question: str) -> str:
        """A question with its slips mended; unchanged when it has none or is long."""
        if len(question) > _LONGEST_READ:
            return question
        return _WORD.sub(lambda match: self._meant(match.group()), question)

    def _meant(self, word: str) -> str:
        folded = fold(word)
        if folded in _CHAT:
            return _CHAT[folded]
        shortest = _SHORTEST_NAME if word[0].isupper() else _SHORTEST
        if len(folded) < shortest or not folded.isalpha() or self._is_known(folded):
            return word
        near = [
            candidate
            for length in (len(folded) - 1, len(folded), len(folded) + 1)
            for candidate in self._by_letter.get((folded[0], length), ())
            if _is_one_slip(folded, candidate)
        ]
        return max(near, key=lambda candidate: self._uses[candidate], default=word)

    def _is_known(self, folded: str) -> bool:
        return folded in STOP_WORDS or folded in REQUEST_WORDS or stem(folded) in self._stems


def _counted(texts: Iterable[str]) -> Counter[str]:
    uses: Counter[str] = Counter()
    for text in texts:
        uses.update(words(text))
    return uses


def _is_one_slip(first: str, second: str) -> bool:
    """Whether one letter is missing, too many or another, or two neighbours are exchanged."""
    if abs(len(first) - len(second)) > 1 or first == second:
        return False
    at = next(
        (
            place
            for place, pair in enumerate(zip(first, second, strict=False))
            if len(set(pair)) > 1
        ),
        min(len(first), len(second)),
    )
    left, right = first[at:], second[at:]
    if len(first) == len(second):
        exchanged = left[:2] == right[1::-1] and left[2:] == right[2:]
        return left[1:] == right[1:] or exchanged
    return left == right[1:] or left[1:] == right
