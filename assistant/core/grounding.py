"""Owns the grounding check: whether a passage supports a sentence, and where. Pure code, no model.

Used on every sentence before it reaches a visitor, whoever wrote it. A sentence is supported when
one passage holds its numbers, names and months, most of its content words stand close together
there, and neither side negates what the other states. That is strict on facts and lenient on
wording; it does not judge inference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from assistant.core.facts import Facts, facts_of
from assistant.core.passages import Passage
from assistant.core.sentences import Sentence, needs_antecedent, plain_text, split_sentences
from assistant.core.terms import content_terms, fold, stem, words

LEAST_OVERLAP = 0.6
"""Share of a sentence's content words that its span and title must hold. Set by hand, not yet
calibrated on paraphrases."""

_WIDEST_SPAN = 3
"""Sentences a supporting span may have."""

_WIDTH_COST = 0.1
"""What one more sentence in the span must add to its overlap."""

_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|\w+n't|denie[sd]|refus\w+|"
    r"fail(?:s|ed)? to|rejects?|rejected)\b"
)


@dataclass(frozen=True, kw_only=True)
class Support:
    """A span of a passage that supports a sentence."""

    passage: Passage
    start: int
    end: int
    """Where it stands in `passage.text`, in code points."""
    quote: str
    """Its words, without Markdown or HTML."""
    score: float
    """Share of the sentence's content words that the span holds, in [0, 1]."""


def check_sentence(sentence: str, passages: Sequence[Passage]) -> Support | None:
    """The best support for a sentence among passages, or None when it is not grounded.

    Args:
        sentence: one sentence of an answer, Markdown allowed.
        passages: what may be cited.
    """
    claim = plain_text(sentence)
    facts = facts_of(claim)
    wanted = frozenset(content_terms(claim))
    found = [
        support
        for passage in passages
        if _states_facts(facts, claim, passage)
        and (support := _best_span(claim, facts, wanted, passage)) is not None
    ]
    return max(found, key=lambda support: support.score, default=None)


def has_unsupported_facts(sentence: str, passages: Sequence[Passage]) -> bool:
    """Whether a number, name or month of a sentence stands in none of the passages."""
    claim = plain_text(sentence)
    facts = facts_of(claim)
    return not any(_states_facts(facts, claim, passage) for passage in passages)


def is_factual(sentence: str) -> bool:
    """Whether a sentence states something about the world, which must be cited.

    Questions, greetings and talk about the answer itself ("Here is what I found:") are not.
    """
    text = plain_text(sentence).strip()
    if not content_terms(text) or text.endswith(("?", ":")):
        return False
    return _TALK.match(text) is None or bool(facts_of(text).numbers)


_CONNECTIVES = frozenset(
    "according additionally although besides despite following furthermore given however including "
    "instead meanwhile moreover nevertheless overall regarding similarly whereas".split()
)

_TALK = re.compile(
    r"^(?:hi|hello|sure|of course|certainly|thanks|thank you|you're welcome|sorry|i'm sorry|"
    r"here (?:is|are)|let me|i (?:can|could|found|couldn't|can't|have|don't|will|am)\b|i'm|i'll|"
    r"that(?:'s| is)n't in our|that is not in our|if you|would you|you can|do you|please)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """A passage, read once for many checks."""

    facts: Facts
    words: frozenset[str]
    stems: frozenset[str]
    proper: frozenset[str]
    """Words that are always capitalised here."""
    sentences: tuple[Sentence, ...]
    stated: tuple[Facts, ...]
    """The facts of each sentence."""


@lru_cache(maxsize=1_024)
def _read(title: str, date: str, source: str, text: str) -> _Reading:
    whole = f"{title}. {plain_text(text)} {date} {source}"
    parts = frozenset(
        part for word in words(whole) for part in (word, *re.split(r"['.&+-]", word)) if part
    )
    sentences = _split(text)
    facts = facts_of(whole)
    return _Reading(
        facts=facts,
        words=parts | _initials(whole),
        stems=frozenset(stem(part) for part in parts),
        proper=frozenset(facts.leading | facts.names) - _small_words(whole),
        sentences=sentences,
        stated=tuple(facts_of(sentence.text) for sentence in sentences),
    )


def _small_words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"[^\W\d_]+", text) if word.islower())


def _initials(text: str) -> frozenset[str]:
    """Initials of names: who wrote "World Economic Forum" supports "WEF"."""
    found: set[str] = set()
    for run in _NAME_RUN.findall(text):
        letters = "".join(word[0] for word in run.split() if word[0].isupper()).lower()
        found |= {letters[start:] for start in range(len(letters) - 1)}
    return frozenset(found)


_NAME_RUN = re.compile(r"(?:[A-Z][\w-]+\s+(?:(?:of|for|the|and)\s+)?){1,6}[A-Z][\w-]+")


def read_passage(passage: Passage) -> tuple[Sentence, ...]:
    """The sentences of a passage, from the same cache as the check."""
    return _split(passage.text)


@lru_cache(maxsize=8_192)
def _split(text: str) -> tuple[Sentence, ...]:
    return split_sentences(text)


def _reading(passage: Passage) -> _Reading:
    day = f"{passage.date.day} {passage.date:%B %Y}"
    return _read(passage.title, day, passage.source_name, passage.text)


def _states_facts(facts: Facts, claim: str, passage: Passage) -> bool:
    reading = _reading(passage)
    stated = reading.facts.numbers | reading.facts.small
    if not facts.numbers <= stated or not facts.months <= reading.facts.months:
        return False
    if any(value > 1 and value not in stated for value in facts.small):
        return False
    if not all(_knows_name(name, reading.words) for name in facts.names):
        return False
    # A sentence's first word shows no difference between a name and any other word, so it must be
    # known here too, unless it only ties sentences together.
    return all(
        _knows_name(word, reading.words) or stem(word) in reading.stems or word.endswith("ly")
        for word in facts.leading - _CONNECTIVES
    )


def _knows_name(name: str, known: frozenset[str]) -> bool:
    if name in known or name.rstrip("s") in known or f"{name}s" in known:
        return True
    parts = [part for part in re.split(r"['.&+-]", name) if part]
    return len(parts) > 1 and all(part in known for part in parts)


def _best_span(
    claim: str, facts: Facts, wanted: frozenset[str], passage: Passage
) -> Support | None:
    sentences = read_passage(passage)
    found: list[tuple[float, Support]] = []
    for first in range(len(sentences)):
        for last in range(first, min(first + _WIDEST_SPAN, len(sentences))):
            if not _numbers_belong(facts, passage, first, last):
                continue
            support = _span_support(claim, wanted, passage, sentences[first : last + 1])
            if support:
                found.append((support.score - _WIDTH_COST * (last - first), support))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _numbers_belong(facts: Facts, passage: Passage, first: int, last: int) -> bool:
    """Whether every number of a claim stands in the span, beside a name that the claim gives it.

    Two true sentences must not lend each other their numbers: "Japan took 44,500, Germany 27,000"
    does not support "Japan took 27,000".
    """
    reading = _reading(passage)
    title = facts_of(passage.title)
    needed = {n for n in facts.numbers | facts.small if n > 1} - title.numbers - title.small
    names = _names(facts, reading) - title.names
    for number in needed:
        if not any(
            _states(number, names, reading, first, position) for position in range(first, last + 1)
        ):
            return False
    return True


def _states(
    number: Decimal, names: frozenset[str], reading: _Reading, first: int, position: int
) -> bool:
    stated = reading.stated[position]
    if number not in stated.numbers and number not in stated.small:
        return _is_part_of_name(number, stated.names)
    near = _names(stated, reading)
    if not names or not near:
        return True
    if needs_antecedent(reading.sentences[position].text):
        near |= {
            name for other in reading.stated[first:position] for name in _names(other, reading)
        }
    near |= _initials(reading.sentences[position].text)
    return any(_knows_name(name, near) for name in names)


def _names(facts: Facts, reading: _Reading) -> frozenset[str]:
    return facts.names | (facts.leading & reading.proper)


def _is_part_of_name(number: Decimal, names: frozenset[str]) -> bool:
    digits = f"{number:f}"
    return any(digits in _DIGITS.findall(name) for name in names)


_DIGITS = re.compile(r"\d+(?:\.\d+)?")


def _span_support(
    claim: str, wanted: frozenset[str], passage: Passage, span: Sequence[Sentence]
) -> Support | None:
    quote = " ".join(sentence.text for sentence in span)
    held = frozenset(content_terms(quote))
    context = held | frozenset(content_terms(passage.title))
    score = len(wanted & held) / len(wanted) if wanted else 0.0
    with_title = len(wanted & context) / len(wanted) if wanted else 0.0
    if with_title < LEAST_OVERLAP or score < LEAST_OVERLAP / 2:
        return None
    if fold(claim) not in fold(quote) and _is_negated(claim) != _is_negated(quote):
        return None
    return Support(
        passage=passage,
        start=span[0].start,
        end=span[-1].end,
        quote=quote,
        score=with_title,
    )


def _is_negated(text: str) -> bool:
    return _NEGATION.search(fold(text)) is not None
