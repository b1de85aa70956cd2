"""Owns the transcript: a fold of a conversation's events into turns. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from assistant.core.events import (
    Citation,
    Feedback,
    JsonObject,
    TextDelta,
    TurnCompleted,
    TurnEvent,
    TurnFailed,
    TurnInterrupted,
    TurnPassedOn,
    TurnStarted,
)
from assistant.core.turns import PastTurn

FOLDED_TYPES = frozenset(
    {
        "turn.started",
        "text.delta",
        "citation",
        "feedback",
        "turn.completed",
        "turn.failed",
        "turn.interrupted",
        "turn.passed_on",
    }
)
"""What a transcript is made of; the rest of a log (passages, tool results) is many times larger."""

PASSED_ON = "passed_on"
"""Outcome of a turn whose message went to a person."""

TranscriptStatus = Literal["running", "completed", "failed", "interrupted"]


@dataclass(kw_only=True)
class TranscriptTurn:
    """One message and what has been answered so far."""

    id: str
    message: str
    started_at: datetime
    agent: str
    status: TranscriptStatus = "running"
    outcome: str | None = None
    answer: str = ""
    citations: list[Citation] = field(default_factory=list)
    ended_at: datetime | None = None
    feedback: str | None = None
    failure: str = ""
    state: JsonObject = field(default_factory=dict)

    def as_past_turn(self) -> PastTurn:
        """The turn as the next one's history."""
        numbered = {citation.number: citation.briefing_id for citation in self.citations}
        return PastTurn(
            message=self.message,
            answer=self.answer,
            briefing_ids=tuple(numbered[number] for number in sorted(numbered)),
            outcome=self.outcome or self.status,
        )


@dataclass(kw_only=True)
class Transcript:
    """The turns of a conversation, oldest first."""

    turns: list[TranscriptTurn] = field(default_factory=list)
    last_seq: int = 0

    @property
    def state(self) -> JsonObject:
        """The dialogue state after the last turn that Heidi completed."""
        for turn in reversed(self.turns):
            if turn.status == "completed" and turn.outcome != PASSED_ON:
                return turn.state
        return {}


def fold(events: Iterable[TurnEvent]) -> Transcript:
    """The transcript that a conversation's events tell."""
    transcript = Transcript()
    by_id: dict[str, TranscriptTurn] = {}
    for event in events:
        transcript.last_seq = event.seq
        if event.turn_id is None:
            continue
        if isinstance(event.body, TurnStarted):
            turn = TranscriptTurn(
                id=event.turn_id,
                message=event.body.message,
                started_at=event.at,
                agent=event.body.agent,
            )
            by_id[event.turn_id] = turn
            transcript.turns.append(turn)
        elif event.turn_id in by_id:
            _apply(by_id[event.turn_id], event)
    return transcript


def _apply(turn: TranscriptTurn, event: TurnEvent) -> None:
    match event.body:
        case TextDelta(text=text):
            turn.answer += text
        case Citation():
            turn.citations.append(event.body)
        case Feedback(rating=rating):
            turn.feedback = rating
        case TurnCompleted(outcome=outcome, state=state):
            turn.status, turn.outcome, turn.state = "completed", str(outcome), state
            turn.ended_at = event.at
        case TurnFailed(message=message):
            turn.status, turn.failure, turn.ended_at = "failed", message, event.at
        case TurnInterrupted(reason=reason):
            turn.status, turn.failure, turn.ended_at = "interrupted", reason, event.at
        case TurnPassedOn():
            turn.status, turn.outcome, turn.ended_at = "completed", PASSED_ON, event.at
        case _:
            pass
