"""Owns words: how text becomes terms that lexical search, evidence and grounding compare.

Pure and linear in the length of the text. Does not own the BM25 index (`retrieval/lexical.py`).
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import lru_cache

import Stemmer

from assistant.core.irregular import BASES

_WORD = re.compile(r"[^\W_]+(?:['’.&+-][^\W_]+)*(?:\+\+|#)?")
"""A word keeps its inner marks: "GPT-5", "3.5", "AT&T", "don't", "C++"."""

_PART = re.compile(r"[^\W_]+(?:\.\d+)*(?:\+\+|#)?")

_RELEASE = re.compile(r"v?(\d+\.\d+)(?:\.0|(\.\d+))?")

STOP_WORDS = frozenset(
    """
    a about above after again against all almost along already also although always am among an
    and another any anybody anyone anything are aren't around as at away back be became because
    become been before being below between both but by came can can't cannot come could couldn't
    did didn't do does doesn't doing don't done down during each either else enough even ever
    every everyone everything few for from further get gets getting give given go goes going gone
    got had has hasn't have haven't having he her here hers herself him himself his how however i
    if in into is isn't it it's its itself just kind let like likely lot made make makes making
    many may me might mine more most much must my myself near need neither never next no nobody
    none nor not nothing now of off often on once one ones only onto or other others ought our
    ours out over own per perhaps please quite rather really said same say saying says see seem
    seems shall she should since so some somebody someone something sort still such take than
    thanks that that's the their theirs them themselves then there these they thing things this
    those though through thus to together too toward towards under unless until up upon us very
    via want wants was wasn't way we well went were weren't what what's whatever when where
    whether which while who who's whom whose why will with within without won't would wouldn't yet
    you your yours yourself
    """.split()
)
"""English function words: they say how something is asked, not what."""

REQUEST_WORDS = frozenset(
    """
    article articles ask brief briefing briefings catch cover coverage covered describe detail
    details developments digest discuss elaborate explain explanation find gist happen happened
    happening happens headline headlines hear heidi hello hey hi info information know latest
    learn list main mention mentioned mentions new newest news ok okay overview piece pieces point
    points post posts publish published publishes publishing question read recap recent recently
    report reported roundup search show stories story sum summarise summarize summary tell tldr
    topic update updates wondering word wrote
    """.split()
)
"""Words that ask for something of ours ("latest news", "tell me") and name no topic."""

_stemmers = threading.local()


def _stemmer() -> Stemmer.Stemmer:
    """One stemmer per thread: PyStemmer's objects are not safe to share."""
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer.Stemmer("english")
    stemmer: Stemmer.Stemmer = _stemmers.english
    return stemmer


_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
"""Accents and the like, taken apart from their letters."""


_PLURAL_OF_LETTERS = re.compile(r"[^\W\daeiouy]{3,4}s|[^\W\daeiouy]{2}[eu]s")
"""Several of what is called by its letters, in which a stemmer finds no syllable: "LLMs"."""


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem of a lower-case word (Snowball English), "sold" like "sell"; digits stay."""
    if word[-1:] == "s" and _PLURAL_OF_LETTERS.fullmatch(word):
        return word[:-1]
    return str(_stemmer().stemWord(BASES.get(word, word)))


def fold(text: str) -> str:
    """Text for comparing: lower case, without accents, plain apostrophes and hyphens."""
    if text.isascii():
        return text.lower()
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return plain.casefold().replace("’", "'").replace("‐", "-").replace("–", "-")


def words(text: str) -> list[str]:
    """The words of a text in order, folded: "GPT-5’s" is one word, `gpt-5's`."""
    return _WORD.findall(fold(text))


def _parts(word: str) -> list[str]:
    base = word.removesuffix("'s")
    pieces: list[str] = _PART.findall(base)
    if len(pieces) < 2:
        return [plain_version(piece) for piece in pieces] or [base]
    return [*pieces, "".join(pieces)]


def plain_version(word: str) -> str:
    """The number of a release as people ask for it: "1.58" of "1.58.0" and "v1.58".

    Any other word is given back as it is.
    """
    release = _RELEASE.fullmatch(word) if "." in word else None
    return f"{release.group(1)}{release.group(2) or ''}" if release else word


def terms(text: str) -> list[str]:
    """Stems for search, in order: no stop words; compounds also give their parts.

    "GPT-5" gives `gpt`, `5` and `gpt5`, so that "GPT 5" and "GPT5" both find it; "1.58.0" and
    "v1.58" give `1.58`.
    """
    found: list[str] = []
    for word in words(text):
        if word in STOP_WORDS:
            continue
        found.extend(stem(part) for part in _parts(word) if part not in STOP_WORDS)
    return found


def content_terms(question: str) -> list[str]:
    """The distinct stems that say what a question is about, in order of appearance."""
    found: dict[str, None] = {}
    for word in words(question):
        if word in STOP_WORDS or word in REQUEST_WORDS:
            continue
        for part in _parts(word):
            if part not in STOP_WORDS and part not in REQUEST_WORDS:
                found.setdefault(stem(part))
    return list(found)


def is_name_like(word: str) -> bool:
    """Whether a word is written as names are: "Nvidia", "iPhone", "GPT-5", "EU"."""
    return any(letter.isupper() for letter in word) or (
        any(letter.isdigit() for letter in word) and any(letter.isalpha() for letter in word)
    )


def name_words(text: str) -> list[str]:
    """The words of a text that are written as names, except at the start of a sentence.

    At the start only words that can be nothing else count ("OpenAI", "GPT-5", "EU").
    """
    names: list[str] = []
    for match in _WORD.finditer(text):
        word = match.group()
        if not is_name_like(word) or fold(word) in STOP_WORDS:
            continue
        if _starts_sentence(text, match.start()) and word[1:].islower():
            continue
        names.append(word)
    return names


def leading_words(text: str) -> list[str]:
    """Capitalised words that begin a sentence and may or may not be names: "Japan", "Factories"."""
    return [
        match.group()
        for match in _WORD.finditer(text)
        if match.group()[0].isupper()
        and match.group()[1:].islower()
        and fold(match.group()) not in STOP_WORDS
        and _starts_sentence(text, match.start())
    ]


_LOOK_BACK = 12


def _starts_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - _LOOK_BACK) : start].rstrip(" \t\n\"'“‘(*_-•>#")
    if not before:
        return start <= _LOOK_BACK
    return before[-1] in ".!?:…"
