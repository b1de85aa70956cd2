"""Owns whether what Heidi said is supported by what she cites. Pure.

Every factual sentence of an answer goes through the check of `assistant/core/grounding.py`. Does
not own asking (`supported_asking.py`) nor the reading by a person (`supported_reading.py`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from assistant.core.composition import said_day
from assistant.core.events import Citation, Outcome
from assistant.core.facts import Facts, facts_of
from assistant.core.grounding import check_sentence, has_unsupported_facts, is_factual
from assistant.core.passages import Passage
from assistant.core.sentences import split_sentences
from eval.questions import Expectation
from eval.wording import says

_LABEL = re.compile(r"^\*\*(?P<title>.+?)\*\* \((?P<day>[^)]+)\)(?:: |$)")
_IS_FROM = re.compile(r"That is from (?P<day>\d{1,2} [A-Z][a-z]+ \d{4})\.\s*$")
_AS_OF = re.compile(r"^As of (?P<day>\d{1,2} \w+ \d{4}): ")
_NAMED = re.compile(r"“[^”]*”|\[[^\]]*\]\([^)]*\)")
"""Titles and links that Heidi offers: they name a briefing and claim nothing."""


@dataclass(frozen=True, kw_only=True)
class AskedTurn:
    """One turn: what was asked and expected, and what Heidi said to it."""

    question_id: str
    step: int
    """Place in the question, from 0."""
    message: str
    expect: Expectation
    """Briefings are named by their ids."""
    note: str = ""
    """The expected answer in short."""
    outcome: Outcome | None
    answer: str
    citations: tuple[Citation, ...] = ()
    retrieved: tuple[str, ...] = ()
    """Ids of the retrieved briefings, best first."""
    passages: Mapping[str, Passage] = field(default_factory=dict)
    """The cited ones, by chunk id."""
    expected_text: str = ""
    """All that is indexed of the expected briefings."""
    elapsed_ms: float = 0.0

    @property
    def key(self) -> str:
        """Names the turn and this very answer with what it cites."""
        cited = [f"{citation.start} {citation.quote}" for citation in self.citations]
        digest = hashlib.sha256("\n".join([self.answer, *cited]).encode()).hexdigest()[:10]
        return f"{self.place}@{digest}"

    @property
    def place(self) -> str:
        """Names the turn, whatever the answer: `who-asked#1`."""
        return f"{self.question_id}#{self.step + 1}"

    @property
    def group(self) -> str:
        """How it is asked: the first word of the question's id."""
        return self.question_id.split("-", 1)[0]

    @property
    def is_answerable(self) -> bool:
        """Whether the posts answer it."""
        return Outcome.ANSWERED in self.expect.outcomes

    @property
    def is_answered(self) -> bool:
        """Whether Heidi says that this is the answer, not only the closest."""
        return self.outcome is Outcome.ANSWERED

    @property
    def cited_ids(self) -> tuple[str, ...]:
        """Ids of the cited briefings, each once."""
        return tuple(dict.fromkeys(citation.briefing_id for citation in self.citations))

    @property
    def missing(self) -> tuple[str, ...]:
        """Expected values that the answer does not say, one of each group."""
        return _missing(self.expect, self.answer)

    @property
    def lost(self) -> tuple[str, ...]:
        """Expected values that no expected briefing says: lost when it was written."""
        return _missing(self.expect, self.expected_text)


@dataclass(frozen=True, kw_only=True)
class SentenceCheck:
    """A factual sentence of an answer, and whether what it cites supports it."""

    sentence: str
    source: str | None
    """Title of the cited briefing; None: nothing is cited."""
    states_cited_facts: bool
    """Every number, name and month occurs in the cited passage."""
    has_span: bool
    """A span of the cited passage supports it."""

    @property
    def is_supported(self) -> bool:
        """Whether both hold."""
        return self.states_cited_facts and self.has_span


def check_answer(turn: AskedTurn) -> tuple[SentenceCheck, ...]:
    """Check every factual sentence of an answer, in order.

    Words that no citation covers are Heidi's own. They are factual, and then unsupported, when
    they bring up a number, a name or a month that the question does not have; titles in quotation
    marks and links are what she offers to read.
    """
    checks: list[SentenceCheck] = []
    position = 0
    for citation in sorted(turn.citations, key=lambda each: each.start):
        checks += _check_own(turn.answer[position : citation.start], turn.message)
        checks += _check_cited(turn.answer[citation.start : citation.end], citation, turn.passages)
        position = citation.end
    return (*checks, *_check_own(turn.answer[position:], turn.message))


def _check_own(text: str, question: str) -> Iterator[SentenceCheck]:
    known = facts_of(question.title())
    for sentence in _sentences(_NAMED.sub("", text)):
        if is_factual(sentence) and _states_more(facts_of(sentence), known):
            yield SentenceCheck(
                sentence=sentence, source=None, states_cited_facts=False, has_span=False
            )


def _states_more(facts: Facts, known: Facts) -> bool:
    names = known.names | known.leading
    numbers = known.numbers | known.small
    return bool(
        facts.names - names
        or (facts.numbers | facts.small) - numbers
        or facts.months - known.months
    )


def _check_cited(
    text: str, citation: Citation, passages: Mapping[str, Passage]
) -> Iterator[SentenceCheck]:
    passage = passages.get(citation.chunk_id)
    cited = [passage] if passage else []
    for sentence in _sentences(_without_true_lead(text, citation)):
        if is_factual(sentence):
            yield SentenceCheck(
                sentence=sentence,
                source=citation.title,
                states_cited_facts=not has_unsupported_facts(sentence, cited),
                has_span=check_sentence(sentence, cited) is not None,
            )


def _without_true_lead(text: str, citation: Citation) -> str:
    """A span without the title and days that are told of it, if they are those of what it cites."""
    day = said_day(date.fromisoformat(citation.date))
    label = _LABEL.match(text)
    if label and _bare(label["title"]) == citation.title and label["day"] == day:
        return text[label.end() :]
    as_of = _AS_OF.match(text)
    if as_of and as_of["day"] == day:
        text = text[as_of.end() :]
    is_from = _IS_FROM.search(text)
    if is_from and is_from["day"] == day:
        return text[: is_from.start()]
    return text


def _sentences(text: str) -> Iterator[str]:
    for sentence in split_sentences(text):
        yield _bare(sentence.text)


def _bare(text: str) -> str:
    """Words without the backslashes that keep them from being Markdown."""
    return text.replace("\\", "")


def _missing(expect: Expectation, text: str) -> tuple[str, ...]:
    bare = _bare(text)
    return tuple(
        group[0] for group in expect.contains if not any(says(bare, wanted) for wanted in group)
    )
