"""Owns the TurnRecord: all that is known of one turn of a run, and an evaluator's only input.

Its events are the visitor's view (docs/http-api.md). Everything else here is a fold over them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from assistant.core.events import TERMINAL_TYPES
from eval.questions import Expectation, Kind

Event = Mapping[str, Any]
"""One event as the stream's `data` has it."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A request that was refused: problem+json."""

    status: int
    code: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class CitedSpan:
    """A citation as the visitor is sent it."""

    start: int
    end: int
    path: str
    date: date


@dataclass(frozen=True, kw_only=True)
class TurnRecord:
    """One turn: what was asked and expected, what came back, and when."""

    question_id: str
    kind: Kind
    step: int
    """Place in the question, from 0."""
    message: str
    """What the visitor wrote or pressed, for the report."""
    expect: Expectation
    events: tuple[Event, ...] = ()
    """In the order of arrival, of this turn only."""
    problem: Problem | None = None
    """The request was refused."""
    error: str | None = None
    """The turn could not be driven to its end: time-out, broken stream, nothing to confirm…"""
    first_text_ms: float | None = None
    """From sending the request to the first `text.delta`."""
    total_ms: float | None = None
    """From sending the request to the terminal event."""

    def of_type(self, *types: str) -> Iterator[Event]:
        """The events of some types, in order."""
        return (event for event in self.events if event.get("type") in types)

    @property
    def answer(self) -> str:
        """All deltas, joined."""
        return "".join(str(event["text"]) for event in self.of_type("text.delta"))

    @property
    def outcome(self) -> str | None:
        """How the turn was completed; None if it was not."""
        return next((event["outcome"] for event in self.of_type("turn.completed")), None)

    @property
    def terminal(self) -> Event | None:
        """The event that ended the turn."""
        return next(self.of_type(*TERMINAL_TYPES), None)

    @property
    def citations(self) -> tuple[CitedSpan, ...]:
        """Every citation, in order."""
        return tuple(
            CitedSpan(
                start=event["start"],
                end=event["end"],
                path=event["path"],
                date=date.fromisoformat(event["date"]),
            )
            for event in self.of_type("citation")
        )

    @property
    def retrieved(self) -> tuple[str, ...]:
        """Paths of the retrieved briefings, best first, each once."""
        paths = (
            passage["path"] for event in self.of_type("retrieval") for passage in event["passages"]
        )
        return tuple(dict.fromkeys(paths))

    @property
    def tools(self) -> tuple[str, ...]:
        """Tools that ran, in order."""
        return tuple(event["tool"] for event in self.of_type("tool.call"))

    @property
    def pending(self) -> Event | None:
        """The confirmation that waits for the visitor."""
        return next(self.of_type("confirmation.required"), None)

    @property
    def cards(self) -> tuple[Event, ...]:
        """Cards that are shown, in order."""
        return tuple(event["card"] for event in self.of_type("tool.result") if event.get("card"))

    @property
    def visible_text(self) -> str:
        """Everything the visitor reads as the answer: text, cards and confirmations."""
        parts = [self.answer]
        parts += [text for card in self.cards for text in _strings(card)]
        for event in self.of_type("confirmation.required"):
            parts += _strings([event["title"], event["rows"]])
        return "\n".join(parts)


def _strings(value: Any) -> list[str]:  # noqa: ANN401 - any JSON
    match value:
        case str():
            return [value]
        case Mapping():
            return [text for each in value.values() for text in _strings(each)]
        case list() | tuple():
            return [text for each in value for text in _strings(each)]
        case _:
            return []
