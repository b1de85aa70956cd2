"""Owns asking the last question of something else: "and in 1.74?", "what about Europe?". Pure.

English. Does not own telling that a message does so (`rewriting.py`).
"""

from __future__ import annotations

import re

from assistant.core.question_types import QuestionType, question_type
from assistant.core.terms import fold, name_words, words

_PREPOSITION = re.compile(
    r"^(?:in|on|at|for|from|by|with|to|since|before|after|during|about|among|within|of|under|"
    r"last|this|next|yesterday|today)\b",
    re.IGNORECASE,
)
_CLOSING = re.compile(r"\W+$")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def unnamed(topic: str, new: str) -> str:
    """The last question of a new place, without its names: a law of the EU is none in Japan."""
    if not (_PREPOSITION.match(new) and name_words(new) and name_words(topic)):
        return ""
    kept = _CLOSING.sub("", topic)
    for name in name_words(topic):
        kept = re.sub(rf"(?<!\w){re.escape(name)}(?:'s)?(?!\w)", " ", kept)
    return f"{' '.join(kept.split())} {new}"


_NEW_NUMBER = re.compile(
    r"^(?:in |for |with |from |on )?(?:version )?v?(?P<number>\d{1,4}(?:\.\d+){0,2}(?:\.x)?)$", re.I
)
_OLD_NUMBERS = (
    re.compile(r"\b(?:19|20)\d\d\b"),
    re.compile(r"(?<![\w.])v?\d+(?:\.\d+)+(?:\.x)?(?![\w.])"),
    re.compile(r"(?<=[A-Za-z] )v?\d{1,3}(?![\w.%])"),
)
"""Years, versions with a point, and versions without."""


def renumbered(topic: str, new: str) -> str:
    """The last question of another year or version: "and in 1.74?"; empty if it has none such."""
    match = _NEW_NUMBER.match(new)
    if match is None:
        return ""
    is_year = _YEAR.fullmatch(match["number"]) is not None
    for pattern in _OLD_NUMBERS[:1] if is_year else _OLD_NUMBERS[1:]:
        old = list(pattern.finditer(topic))
        if old:
            return f"{topic[: old[-1].start()]}{match['number']}{topic[old[-1].end() :]}"
    return ""


def swapped(topic: str, new: str) -> str:
    """The last question asked about something else."""
    asked = _CLOSING.sub("", topic)
    kind = question_type(topic)
    if _PREPOSITION.match(new):
        old = _same_place(asked, new)
        return f"{asked[: old.start()]}{new}{asked[old.end() :]}" if old else f"{asked} {new}"
    if kind is QuestionType.ABOUT:
        return f"tell me about {new}"
    if kind is QuestionType.DIGEST:
        subject = re.search(r"\b(on|about|in|regarding)\s+(?!the (?:last|past)\b)[\w -]+$", asked)
        return (
            f"{asked[: subject.start()]}{subject[1]} {new}" if subject else f"latest news on {new}"
        )
    names = name_words(asked)
    if names:
        place = asked.rindex(names[-1])
        first = _start_of_name(asked, place)
        return f"{asked[:first]}{new}{asked[place + len(names[-1]) :]}?"
    return f"{asked} {new}"


def _same_place(asked: str, new: str) -> re.Match[str] | None:
    """The part of the old question that the new words replace: "in Japan" by "in Europe"."""
    preposition = words(new)[0]
    if preposition not in {"in", "for", "from", "by", "at", "with", "since", "to"}:
        return None
    found = list(re.finditer(rf"\b{preposition} (?:the )?(?:[A-Z][\w-]*)(?: [A-Z][\w-]*)*", asked))
    return found[-1] if found else None


def _start_of_name(text: str, place: int) -> int:
    """Where the run of capitalised words that ends at `place` begins."""
    run = re.search(r"(?:[A-Z][\w&.+-]*\s+)+$", text[:place])
    if run is None:
        return place
    first_word_is_asking = run.start() == 0 and fold(text.split()[0]) in _ASKING_WORDS
    return place if first_word_is_asking and " " not in run.group().strip() else run.start()


_ASKING_WORDS = frozenset(
    "who what when where why which how is are was were do does did can could will would has".split()
)
