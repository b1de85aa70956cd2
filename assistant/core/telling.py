"""Owns telling terms: what of a question must stand in the briefing that is cited. Pure; English.

A version number, a quarter, a proper name tells one thing from its neighbour: PostgreSQL 20 is not
answered by PostgreSQL 19, the prize in chemistry not by the prize in physics.
"""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.core.terms import REQUEST_WORDS, STOP_WORDS, fold, plain_version

_NUMBERED = re.compile(r"\b([A-Z][\w.+&-]*)[ -](\d{1,4}(?:\.\d+){0,2})(?![\w%]|\.\d)")
_LOWER_NUMBERED = re.compile(r"\b([a-z][a-z+#-]{1,20}) (\d{1,4}\.\d+(?:\.\d+)?)(?![\w%]|\.\d)")
"""Names in small letters are told by the point in their number: "rust 1.64"."""
_DOTTED_NUMBERED = re.compile(r"\b([a-z]{2,20}\.[a-z]{2,4}) (\d{1,4})(?![\w%]|\.\d)")
"""Or by the point in the name: "node.js 22"."""
_RELEASE_NUMBERED = re.compile(
    r"\b(?:new (?:in|with)|(?:came|comes) (?:with|in)|(?:highlights?|features?) (?:of|in)|"
    r"change[sd]? in|upgrade to|release of) ([a-z][a-z+#-]{1,20}) (\d{1,3})(?![\w%]|\.\d)"
)
"""Or by what is asked of them: "what came with node 20"."""
_TOLD_BY = (_NUMBERED, _LOWER_NUMBERED, _DOTTED_NUMBERED, _RELEASE_NUMBERED)
_V = re.compile(r"\bv(?=\d+(?:\.|\b))", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_ORDINALS = {"1": "first", "2": "second", "3": "third", "4": "fourth"}
_QUARTER = re.compile(r"\b(first|second|third|fourth) quarter\b")
_FISCAL = re.compile(r"\bfiscal (?:19|20)\d\d\b")
_MONTHS = frozenset(
    "january february march april may june july august september october november december jan feb "
    "mar apr jun jul aug sep sept oct nov dec".split()
)
_LIVE = re.compile(
    r"\b(?:(?:share|stock) price|exchange rate|market (?:cap|value)|temperature|weather|score|"
    r"trading|price of (?:bitcoin|gold|oil))\b"
)
_NOW = re.compile(r"\b(?:right now|now|today|currently|at the moment|this (?:minute|second))\b")


@lru_cache(maxsize=16_384)
def telling_phrases(question: str) -> frozenset[str]:
    """Versions, quarters and fiscal years of a question, in one spelling."""
    found = set()
    plain_text = _V.sub("", question.replace("’", "'"))
    for name, number in (pair for told in _TOLD_BY for pair in told.findall(plain_text)):
        plain = fold(name)
        if plain in STOP_WORDS or plain in REQUEST_WORDS or plain in _MONTHS:
            continue
        if not _YEAR.fullmatch(number):
            found.add(f"{plain} {plain_version(number)}")
    text = _in_one_spelling(question)
    found.update(f"{ordinal} quarter" for ordinal in _QUARTER.findall(text))
    found.update(_FISCAL.findall(text))
    return frozenset(found)


_WRITTEN = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=1_024)
def shadowed_names(question: str) -> tuple[str, ...]:
    """Names that are small words too and only told by how they are written: "Go", "US"."""
    written = list(_WRITTEN.finditer(question))[1:]
    if sum(match.group().islower() for match in written) * 2 < len(written):
        return ()  # A question in title case says nothing by its capitals.
    return tuple(
        dict.fromkeys(
            match.group()
            for match in written
            if match.group()[0].isupper()
            and len(match.group()) > 1
            and fold(match.group()) in STOP_WORDS - _MONTHS
            and question[: match.start()].rstrip()[-1:] not in {".", "!", "?", ":", "“", '"'}
        )
    )


_ANNOUNCES = re.compile(r"\b(?:announc\w+|releas\w+|introduc\w+|available|launch\w*|is here)\b")


def announces(title: str) -> bool:
    """Whether a title tells that something has come out."""
    return _ANNOUNCES.search(fold(title)) is not None


def lacks_phrase(question: str, *texts: str) -> bool:
    """Whether a version, quarter or fiscal year of the question is in none of the texts."""
    return bool(lacking_phrases(question, *texts))


def lacking_phrases(question: str, *texts: str) -> frozenset[str]:
    """The versions, quarters and fiscal years of the question that are in none of the texts."""
    phrases = telling_phrases(question)
    if not phrases:
        return frozenset()
    held = [_in_one_spelling(text) for text in texts]
    return frozenset(p for p in phrases if all(_phrase(p).search(text) is None for text in held))


_ANY_NAME = frozenset({"version", "release"})
"""What is numbered is named elsewhere: "version 3.0 of the demo"."""


@lru_cache(maxsize=256)
def _phrase(phrase: str) -> re.Pattern[str]:
    """A phrase as it may stand in a text: "net 9" also in ".NET 8 and 9"."""
    name, last = (re.escape(part) for part in phrase.rsplit(" ", 1))
    if name in _ANY_NAME:
        return re.compile(rf"(?<![\w.]){last}(?:\.0|\.x)*(?!\w|\.\d)")
    # "Node 22" is Node.js 22, "Rust 1.68" is Rust 1.68.0.
    name = f"{name}(?:\\.\\w+)?" if last[0].isdigit() else name
    last = f"{last}(?:\\.0|\\.x)*" if last[0].isdigit() else last
    between = r"(?: [\d.]+,?(?: and| or| to)?){0,3}" if last[0].isdigit() else ""
    between += r"(?: version| release)?" if last[0].isdigit() else ""
    return re.compile(rf"(?<!\w){name}{between} {last}(?!\w|\.\d)")


def names_another_version(question: str, sentence: str) -> bool:
    """Whether a sentence speaks of another version of what is asked, and not of the asked one."""
    if _names_another_in_order(question, sentence):
        return True
    asked = {p for p in telling_phrases(question) if not p.endswith("quarter")}
    if not asked or not lacks_phrase(question, sentence):
        return False
    stated = telling_phrases(f". {sentence}")
    known = {phrase.removesuffix(".0") for phrase in asked}
    others = {phrase.removesuffix(".0") for phrase in stated} - known
    names = {phrase.rsplit(" ", 1)[0] for phrase in known}
    return any(phrase.rsplit(" ", 1)[0] in names for phrase in others)


_IN_ORDER = re.compile(r"\b(first|second|third|fourth|fifth) (?!quarter|half|of\b|time|place)\w+")


def _names_another_in_order(question: str, sentence: str) -> bool:
    """Whether the first of something is asked for and the sentence speaks of the second."""
    asked = _in_order(question)
    if not asked:
        return False
    stated = _in_order(sentence)
    return bool(stated) and asked.isdisjoint(stated)


@lru_cache(maxsize=16_384)
def _in_order(text: str) -> frozenset[str]:
    return frozenset(_IN_ORDER.findall(fold(text)))


def asks_for_this_moment(question: str) -> bool:
    """Whether a question asks for what changes by the minute, which no briefing can say."""
    text = fold(question)
    return _LIVE.search(text) is not None and _NOW.search(text) is not None


def is_dated(question: str) -> bool:
    """Whether a question says of when it asks: "in 2024", "the first", "last year"."""
    is_earlier = _EARLIER.search(_in_one_spelling(question)) is not None
    return is_earlier or names_time(question) or bool(telling_phrases(question))


_EARLIER = re.compile(r"\b(?:first|second|third|fourth|original|initial|previous|earlier|former)\b")
_IN_MONTH = re.compile(rf"\b(?:in|since|of|on) (?:{'|'.join(_MONTHS)})\b")


@lru_cache(maxsize=1_024)
def names_time(question: str, *, before: int = 9_999) -> bool:
    """Whether a question names a year, a month, a quarter, or a release, which has its time.

    Args:
        question: what is asked.
        before: only years before this one count.
    """
    text = _in_one_spelling(question)
    is_year = any(int(year) < before for year in _YEAR.findall(text))
    return is_year or any(
        pattern.search(text) is not None for pattern in (_IN_MONTH, _QUARTER, _POINTED)
    )


@lru_cache(maxsize=1_024)
def years_named(text: str) -> frozenset[str]:
    """The years that a text names."""
    return frozenset(_YEAR.findall(_in_one_spelling(text)))


_POINTED = re.compile(r"\b\d+\.\d+(?:\.\d+)*\b(?!\s?(?:%|per ?cent|[mb]illion|trillion))")


_NEWEST = re.compile(
    r"\b(?:latest|newest|most recent|now|currently|current|today|nowadays|so far|these days)\b"
    r"|(?:\b(?:its|the|their|his|her)|'s) last (?!year|month|week|time|day)\w+"
)


def asks_for_newest(question: str) -> bool:
    """Whether a question asks how things stand now."""
    return _NEWEST.search(fold(question)) is not None


@lru_cache(maxsize=16_384)
def _in_one_spelling(text: str) -> str:
    """Quarters and fiscal years as "third quarter" and "fiscal 2027"; hyphens as spaces."""
    plain = _V.sub("", re.sub(r"[\s-]+", " ", fold(text)))
    plain = re.sub(r"\bq([1-4])\b", lambda m: f"{_ORDINALS[m[1]]} quarter", plain)
    plain = re.sub(r"\bfy ?'?(?:20)?(\d\d)\b", r"fiscal 20\1", plain)
    return re.sub(r"\b(?:fiscal|financial) year (?=(?:19|20)\d\d)", "fiscal ", plain)
