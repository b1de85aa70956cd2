"""Owns how far a sentence says what an asked thing is: "X is a…", "X, the…". Pure; English."""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.core.terms import fold

DEFINES = 1.0
APPOSITION = 0.8
"""The definition comes in passing: "with Acme, a platform for…"."""
DESCRIBES = 0.5
"""What it does or is for, with it as the subject."""
GENERAL = 0.15
"""Something is defined, not what was asked of."""

_ASKED = re.compile(
    r"^\W*(?:(?:so|and|ok|okay|hi|hey|please)\W+)*(?:what|who)(?:'s|s| is| are| was| were| "
    r"exactly| does| do)+ (?:exactly )?(?:an? |the )?(?P<thing>.{2,60}?)"
    r"(?:\s+(?:mean|stand for|all about)s?|"
    r"\s+(?:in|at|for|on|from|by|according|as|within|used|called)\b.{0,120})?\W*$"
)
_GENERAL = re.compile(r"\b(?:is|are|was|were) an? \w+|\b(?:means|refers to|called|known as)\b")
_KIND = r"(?:an?|the|one of|our|your|any|software|open-?source|how|when|where|what)\b"


@lru_cache(maxsize=1_024)
def thing_asked(question: str) -> str:
    """What a question asks the meaning of, folded: "phrase match" of "What is Phrase Match in X?".

    Empty where it asks something else.
    """
    match = _ASKED.match(fold(question))
    thing = match.group("thing").strip(" \"'“”") if match else ""
    return "" if thing in _POINTERS else thing


_POINTERS = frozenset("it this that they these those he she".split())


_PLURAL = re.compile(r"(?<=[^\Wsui])s$")


def _written(thing: str) -> str:
    """A pattern of a thing as it may be written, of several as one: "robot[ -]arm"."""
    one = _PLURAL.sub("", thing)
    return r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", one)))


@lru_cache(maxsize=1_024)
def _patterns(thing: str) -> tuple[tuple[re.Pattern[str], float], ...]:
    words = _written(thing)
    name = rf"(?<![\w-]){words}(?:s|es)?(?: \([^)]{{1,60}}\))?"
    says = rf"{name}(?:,[^,]{{1,80}},)?,?"
    return (
        (re.compile(rf"{says} (?:is|are|was|were) {_KIND}"), DEFINES),
        (re.compile(rf"{says} (?:refers? to|means?|stands? for)\b"), DEFINES),
        (re.compile(rf"{name}(?:,| [–—-]) (?:an?|the|our|one of)\b"), APPOSITION),
        (re.compile(rf"\b(?:called|known as) (?:an? |the )?{words}(?:s|es)?(?![\w-])"), APPOSITION),
        (re.compile(rf"{says} (?:serves?|acts?|functions?) as\b"), APPOSITION),
        (re.compile(rf"\([\"“]?{words}s?[\"”]?\)"), DESCRIBES),
        (
            re.compile(
                rf"^\W*(?:the |an? )?{name} (?:is|are|helps?|lets?|allows?|enables?|provides?|"
                r"gives?|identif\w+|documents|manages|offers?|describes?|combines?|brings?)\b"
            ),
            DESCRIBES,
        ),
        (re.compile(rf"\b(?:goal|purpose|aim) of (?:an? |the )?{words}(?:s|es)?\b"), DESCRIBES),
    )


@lru_cache(maxsize=32_768)
def defines(question: str, text: str) -> float:
    """How far a sentence says what the thing that a question asks of is, in [0, 1]."""
    folded = fold(text)
    thing = thing_asked(question)
    if thing:
        found = [worth for pattern, worth in _patterns(thing) if pattern.search(folded)]
        if found:
            return max(found)
    return GENERAL if _GENERAL.search(folded) else 0.0


@lru_cache(maxsize=1_024)
def _in_so_many_words(thing: str) -> re.Pattern[str]:
    words = _written(thing)
    return re.compile(
        rf"(?:^|, |: )(?:an? |the )?{words}(?:s|es)?(?: \([^)]{{1,60}}\))?(?:,[^,]{{1,80}},)? "
        r"(?:(?:is|are) (?:an?|one of|any|how|when|where|what|"
        r"the(?! (?:first|last|next|only|same|most|best)\b))\b|refers? to|means?|stands? for)"
    )


def is_definition(question: str, text: str) -> bool:
    """Whether a sentence says of the asked thing, and of no special kind of it, what it is."""
    thing = thing_asked(question)
    return bool(thing) and _in_so_many_words(thing).search(fold(text)) is not None
