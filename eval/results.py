"""Owns the EvalRun: what one run of a question set gave, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from eval.checks import Failure, judge
from eval.questions import Kind, Question
from eval.records import TurnRecord


@dataclass(frozen=True, kw_only=True)
class QuestionResult:
    """One question with its turns and everything that is wrong with them."""

    id: str
    kind: Kind
    is_skipped: bool
    """Not asked, since the target's clock can't be set."""
    records: tuple[TurnRecord, ...]
    failures: tuple[tuple[int, Failure], ...]
    """Step, from 0, and what is wrong with it."""

    @property
    def has_passed(self) -> bool:
        """Whether it was asked and nothing is wrong with it."""
        return not self.is_skipped and not self.failures


@dataclass(frozen=True, kw_only=True)
class RunInfo:
    """What must be known to read a run."""

    question_set: str
    digest: str
    """Of the question file."""
    started_at: datetime
    now: datetime | None
    """The moment at which the server believed to be; None: the real one."""
    target: str
    """`in-process` or the address of the server."""
    agent: str
    revision: str | None
    """Git revision of the code; `+` behind it: with changes that are not committed."""
    concurrency: int
    machine: str
    """Processors and how busy they were, to read the times by."""


@dataclass(frozen=True, kw_only=True)
class EvalRun:
    """A run of a question set."""

    info: RunInfo
    results: tuple[QuestionResult, ...]
    server_log: str = ""
    """What an own server wrote, for whoever looks for the cause of a failure."""


def judge_question(question: Question, records: Sequence[TurnRecord]) -> QuestionResult:
    """A question's result from its turns; steps that were not reached are failures."""
    failures = [(record.step, failure) for record in records for failure in judge(record)]
    for step in range(len(records), len(question.steps)):
        failures.append((step, Failure(check="driven", reason="not reached")))
    return QuestionResult(
        id=question.id,
        kind=question.kind,
        is_skipped=False,
        records=tuple(records),
        failures=tuple(failures),
    )


def skip_question(question: Question) -> QuestionResult:
    """The result of a question that could not be asked."""
    return QuestionResult(
        id=question.id, kind=question.kind, is_skipped=True, records=(), failures=()
    )
