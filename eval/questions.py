"""Owns the Question: what is said to Heidi, step by step, and what is expected of each answer.

Does not own the file format (`question_file.py`) nor the judging (`checks.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from assistant.core.events import Outcome


class Kind(StrEnum):
    """What a question is about; the report has a line for each."""

    NEWS = "news"
    ABSTENTION = "abstention"
    ACCOUNT = "account"
    BALANCE = "balance"
    SCHEDULE = "schedule"
    SMALLTALK = "smalltalk"
    MULTI_TURN = "multi_turn"
    BAD_INPUT = "bad_input"


@dataclass(frozen=True, kw_only=True)
class Say:
    """The visitor writes a message."""

    message: str


@dataclass(frozen=True, kw_only=True)
class Decide:
    """The visitor presses a button of the card that waits for a decision."""

    decision: Literal["confirm", "decline"]


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """The visitor signs in on the page; a question that waited for it is asked again."""

    customer_id: str


Action = Say | Decide | SignIn


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """What an answer must be; whatever is left out is not checked."""

    outcomes: frozenset[Outcome] = frozenset()
    """Any of these."""
    problem: str | None = None
    """The request is refused with this code of problem+json; nothing else is checked then."""
    cites: frozenset[str] = frozenset()
    """Paths of briefings: at least `cites_at_least` of them are cited."""
    cites_at_least: int = 1
    cites_only: frozenset[str] = frozenset()
    """Paths of briefings: nothing else is cited."""
    cited_since: date | None = None
    """Nothing older is cited."""
    cited_until: date | None = None
    """Nothing newer is cited."""
    contains: tuple[tuple[str, ...], ...] = ()
    """Of each group, at least one is in what the visitor sees."""
    not_contains: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    """Each of these ran."""
    proposes: str | None = None
    """This tool waits for confirmation."""
    card: str | None = None
    """Kind of a card that is shown."""
    max_words: int | None = None
    """Length of the answer."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing the visitor does, and what is expected then."""

    action: Action
    expect: Expectation


@dataclass(frozen=True, kw_only=True)
class Question:
    """One conversation with Heidi."""

    id: str
    kind: Kind
    steps: tuple[Step, ...]
    signed_in_as: str | None = None
    """Customer from the first message on; `new` is a customer of this question alone."""
    timezone: str = "UTC"
    needs_clock: bool = False
    """Only true at the set's `now`: skipped where the clock can't be set."""
    note: str = ""
    """Why it is asked, for whoever reads a failure."""


@dataclass(frozen=True, kw_only=True)
class QuestionSet:
    """Questions that are asked together."""

    name: str
    description: str
    now: datetime | None
    """The moment at which the questions are asked, aware; None: whenever."""
    questions: tuple[Question, ...]
    digest: str = field(default="")
    """SHA-256 (hex, 12 digits) of the file: two runs are comparable if it is equal."""

    def select(self, *, kinds: frozenset[Kind], limit: int | None) -> QuestionSet:
        """The questions of some kinds (all if empty), at most `limit`, in their order."""
        chosen = [each for each in self.questions if not kinds or each.kind in kinds]
        return QuestionSet(
            name=self.name,
            description=self.description,
            now=self.now,
            questions=tuple(chosen[:limit]),
            digest=self.digest,
        )
