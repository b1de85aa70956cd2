"""Builds records and results for the tests of the evaluation."""

from __future__ import annotations

from typing import Any

from eval.questions import Expectation, Kind
from eval.records import TurnRecord
from eval.results import QuestionResult


def events(*bodies: dict[str, Any], first: int = 1) -> tuple[dict[str, Any], ...]:
    """Events of one turn, numbered."""
    common = {"turn_id": "turn_1", "at": "2026-11-24T10:00:00+00:00"}
    return tuple({"seq": first + at, **common, **body} for at, body in enumerate(bodies))


def said(text: str) -> dict[str, Any]:
    return {"type": "text.delta", "text": text}


def cited(path: str, start: int, end: int, day: str = "2026-09-15") -> dict[str, Any]:
    return {"type": "citation", "path": path, "start": start, "end": end, "date": day}


def retrieved(*paths: str) -> dict[str, Any]:
    return {"type": "retrieval", "passages": [{"path": path} for path in paths]}


def completed(outcome: str = "answered") -> dict[str, Any]:
    return {"type": "turn.completed", "outcome": outcome}


def waiting(tool: str) -> dict[str, Any]:
    return {
        "type": "confirmation.required",
        "action_id": "act_1",
        "tool": tool,
        "title": "Book this sales call?",
        "rows": [["When", "Tuesday, 1 December 2026, 15:00"]],
    }


def record(
    *bodies: dict[str, Any],
    expect: Expectation | None = None,
    kind: Kind = Kind.NEWS,
    **known: Any,
) -> TurnRecord:
    return TurnRecord(
        question_id="q",
        kind=kind,
        step=0,
        message="What is it?",
        expect=expect or Expectation(),
        events=events(*bodies),
        **known,
    )


def result(
    *records: TurnRecord, name: str = "q", kind: Kind = Kind.NEWS, failures: tuple = ()
) -> QuestionResult:
    return QuestionResult(id=name, kind=kind, is_skipped=False, records=records, failures=failures)
