"""Owns telling what a sentence leaves to the one before it: a full name, what "the forum" is. Pure.

English. Words that point back by themselves ("It", "They") are the business of `sentences.py`; here
it is what only the sentence before makes plain. Who uses it takes that sentence along.
"""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.core.english import english_words
from assistant.core.features import terms_of
from assistant.core.new_names import has_new_capitals
from assistant.core.terms import STOP_WORDS, fold, stem

_WORD = r"[A-ZÀ-Þ][\w'’.-]*\w"
_RUN = re.compile(rf"(?<![\w.]){_WORD}(?:\s+(?:(?:de|van|von|al)\s+)?{_WORD})*")
_DEFINITE = re.compile(
    r"\b(?:the|this|that|these|those)\s+(?:[\w'’-]+\s+)?([a-z][a-z-]{2,})\b", re.I
)
_MEMBER = re.compile(r"\b(?:an?|one|another)\s+(?:[\w'’-]+\s+)?([a-z][a-z-]{2,})\b", re.I)


def leaves_name_to(before: str, sentence: str, question: str) -> bool:
    """Whether a sentence calls somebody by a last name that the one before gives in full.

    "Smith won." after "Ann Smith ran." does, unless the question gives the full name itself.

    Args:
        before: the sentence before.
        sentence: what is to be said.
        question: what the visitor has read already.
    """
    asked = set(fold(question).replace("?", " ").split())
    full = {run.split()[-1]: run for run in _runs(before) if " " in run}
    return any(
        run in full and not set(fold(full[run]).split()) <= asked
        for run in _runs(sentence)
        if " " not in run
    )


def leaves_thing_to(before: str, sentence: str, question: str) -> bool:
    """Whether a sentence says "the forum" of what only the one before names as a forum.

    So does "the summit" where it is asked which summit, and only the one before names any.

    Args:
        before: the sentence before.
        sentence: what is to be said.
        question: what the visitor has read already.
    """
    pointed = {stem(fold(noun)) for noun in _DEFINITE.findall(sentence)}
    if pointed & _asked_things(question) and has_new_capitals(before, question):
        return not has_new_capitals(sentence, question)
    asked = terms_of(question)
    named = {stem(fold(run.split()[-1])) for run in _runs(before) if " " in run}
    named |= {stem(fold(noun)) for noun in _MEMBER.findall(before)}
    return bool(pointed & named - asked)


_ASKED = re.compile(r"\b(?:which|what)\s+((?:[\w'’-]+\s+){0,3}[\w'’-]+)", re.I)


@lru_cache(maxsize=1_024)
def _asked_things(question: str) -> frozenset[str]:
    """What is asked for, with the words around it: "summit" of "which major summit"."""
    match = _ASKED.search(question)
    return terms_of(match.group(1)) if match else frozenset()


_THE_FIRM = re.compile(
    r"^The (?:company|firm|start-?up|group|organi[sz]ation|foundation|agency|studio|university|"
    r"bank|carmaker|chipmaker|manufacturer)(?='s\b|\s)"
)
_SUBJECT = re.compile(
    rf"^({_WORD}(?:\s+{_WORD}){{0,3}})\s+(?:[a-z]+ly\s+)?[a-z]+(?:ed|s|d|t|ve)?\s"
)


def with_subject_named(before: str, sentence: str) -> str:
    """A sentence on "The company" that calls it as the one before does, whose subject it is.

    "The company has 90 users." after "Acme sold its robots." becomes "Acme has 90 users."; empty
    where the sentence before begins with no name, or it says something else.

    Args:
        before: the sentence before.
        sentence: what is to be said.
    """
    pointer, subject = _THE_FIRM.match(sentence), _SUBJECT.match(before)
    if pointer is None or subject is None:
        return ""
    name = fold(subject.group(1))
    if name in STOP_WORDS or name in english_words():
        return ""  # "Citing" opens a sentence as a name does.
    return f"{subject.group(1)}{sentence[pointer.end() :]}"


@lru_cache(maxsize=8_192)
def _runs(text: str) -> tuple[str, ...]:
    """Capitalised words that stand together, without "'s"."""
    return tuple(re.sub(r"['’]s$", "", match.group()) for match in _RUN.finditer(text))
