"""Owns the SavedQuestion: an answer that staff found bad as a question for the evaluation. Pure.

It is written as a line of the question-set format of `eval/questions`, which `heidi-eval` reads;
the dependency has to point from the evaluation here, so the format is written, not imported.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assistant.core.errors import InvalidInput
from assistant.core.events import Outcome
from assistant.core.messages import clean_message

KINDS = (
    "news",
    "abstention",
    "account",
    "balance",
    "schedule",
    "smalltalk",
    "multi_turn",
    "bad_input",
)
"""What a question can be about, as the evaluation counts it."""

SET_NAME = "staff"
MAX_LINES = 20
"""Phrases, or briefings, that one answer is held to."""
MAX_LINE_CHARACTERS = 200
MAX_NOTE_CHARACTERS = 1_000
MAX_EARLIER = 20
"""Earlier turns that are asked again before the question: the latest ones."""

_OUTCOMES = frozenset(str(outcome) for outcome in Outcome)


@dataclass(frozen=True, kw_only=True)
class EarlierTurn:
    """What the visitor had said before, and how it ended then."""

    message: str
    outcome: str
    """Empty if the turn failed."""


@dataclass(frozen=True, kw_only=True)
class SavedQuestion:
    """A question and what its answer must be."""

    id: str = ""
    """Empty until it is kept."""
    conversation_id: str
    turn_id: str
    kind: str
    earlier: tuple[EarlierTurn, ...] = ()
    message: str
    outcomes: tuple[str, ...] = ()
    """Any of these; empty: whichever."""
    contains: tuple[str, ...] = ()
    """Each is in the answer; `one | other` where either will do."""
    not_contains: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    """Paths of briefings; at least one of them is cited."""
    signed_in_as: str = ""
    """Id of a customer; empty: an anonymous visitor."""
    timezone: str = "UTC"
    note: str = ""
    """What was wrong, for whoever reads a failure."""
    made_by_name: str = ""
    made_at: datetime | None = None


def checked(question: SavedQuestion) -> SavedQuestion:
    """The question as it can be kept: clean, and expecting something.

    Raises:
        InvalidInput: a field can't be used.
        LimitExceeded: the message is too long.
    """
    if question.kind not in KINDS:
        raise InvalidInput("Choose what the question is about.", field="kind")
    if not set(question.outcomes) <= _OUTCOMES:
        raise InvalidInput("There is no such outcome.", field="outcome")
    for name in ("contains", "not_contains", "cites"):
        _check_lines(getattr(question, name), name)
    if any(not path.startswith("/") for path in question.cites):
        raise InvalidInput(
            "A briefing is named by its path on the site, such as /briefings/robots-walk.",
            field="cites",
        )
    if not (question.outcomes or question.contains or question.not_contains or question.cites):
        raise InvalidInput(
            "The question expects nothing: choose an outcome, words or a briefing.",
            field="expect",
        )
    if len(question.note) > MAX_NOTE_CHARACTERS or len(question.signed_in_as) > 200:
        raise InvalidInput("The note or the customer's id is too long.", field="note")
    clean_message(question.message)
    return question


def question_set_lines(questions: Iterable[SavedQuestion]) -> str:
    """The questions as a file of JSON Lines that `heidi-eval run --questions` takes."""
    header = {
        "set": SET_NAME,
        "description": "Questions that support staff made of answers in the console.",
    }
    lines = [header, *map(question_line, questions)]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def question_line(question: SavedQuestion) -> dict[str, Any]:
    """One question as the evaluation writes it."""
    turns = [
        {"say": turn.message, "expect": {"outcome": [turn.outcome] if turn.outcome else []}}
        for turn in question.earlier
    ]
    expect = {
        "outcome": list(question.outcomes),
        "contains": [_alternatives(line) for line in question.contains],
        "not_contains": list(question.not_contains),
        "cites": list(question.cites),
    }
    kept = {name: value for name, value in expect.items() if value}
    line: dict[str, Any] = {
        "id": question.id,
        "kind": question.kind,
        "turns": [*turns, {"say": question.message, "expect": kept}],
    }
    if question.signed_in_as:
        line["signed_in_as"] = question.signed_in_as
    if question.timezone != "UTC":
        line["timezone"] = question.timezone
    if question.note:
        line["note"] = question.note
    return line


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a form's field that hold something, each once."""
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _alternatives(line: str) -> str | list[str]:
    parts = [part.strip() for part in line.split("|") if part.strip()]
    return parts if len(parts) > 1 else (parts[0] if parts else line)


def _check_lines(lines: tuple[str, ...], field: str) -> None:
    if len(lines) > MAX_LINES or any(len(line) > MAX_LINE_CHARACTERS for line in lines):
        raise InvalidInput(
            f"At most {MAX_LINES} lines of {MAX_LINE_CHARACTERS} characters each.", field=field
        )
    if any(not line.isprintable() for line in lines):
        raise InvalidInput("Lines are printable text.", field=field)
