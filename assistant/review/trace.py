"""Owns the trace: a fold of a conversation's events into what staff read. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from assistant.core.events import (
    Citation,
    ConfirmationRequired,
    ConfirmationResolved,
    ConversationPaused,
    ConversationResumed,
    EventBody,
    Feedback,
    IdentityRequired,
    Outcome,
    PassageRef,
    Retrieval,
    StaffJoined,
    StaffLeft,
    StaffMessage,
    Status,
    Suggestions,
    TextDelta,
    ToolCall,
    ToolResult,
    TurnCompleted,
    TurnEvent,
    TurnFailed,
    TurnInterrupted,
    TurnPassedOn,
    TurnStarted,
    UnknownEvent,
)
from assistant.core.transcript import PASSED_ON, TranscriptTurn, fold
from assistant.review.trace_summary import SummaryPart, summary_of
from assistant.site.presentation import counted


@dataclass(frozen=True, kw_only=True)
class TraceStep:
    """One thing that happened while a turn was answered."""

    kind: str
    """Event type, for the icon."""
    title: str
    offset_ms: int
    """Since the turn started."""
    took_ms: int = 0
    """Since the step before."""
    facts: tuple[tuple[str, str], ...] = ()
    passages: tuple[PassageRef, ...] = ()
    data: str = ""
    """Arguments or output as indented JSON."""
    is_bad: bool = False


@dataclass(frozen=True, kw_only=True)
class TraceTurn:
    """A turn with its answer and the steps behind it."""

    turn: TranscriptTurn
    steps: tuple[TraceStep, ...]
    elapsed_ms: int | None
    summary: tuple[SummaryPart, ...] = ()
    """The trace in one line."""
    feedback_comment: str = ""
    usage: Mapping[str, Any] = field(default_factory=dict)
    """What the answer used: tokens, calls of the model, money."""

    @property
    def sources(self) -> tuple[Citation, ...]:
        """The briefings cited, each once, in the order of their numbers."""
        first = {citation.number: citation for citation in reversed(self.turn.citations)}
        return tuple(first[number] for number in sorted(first))

    @property
    def tokens(self) -> int:
        """Tokens of a model that the answer took; 0 without one."""
        counts = (self.usage.get(name) for name in ("prompt_tokens", "completion_tokens"))
        return sum(count for count in counts if isinstance(count, int))

    @property
    def cost_usd(self) -> float | None:
        """What a model's answer cost, if that is known."""
        cost = self.usage.get("cost_usd")
        return float(cost) if isinstance(cost, int | float) else None

    @property
    def needs_look(self) -> bool:
        """Whether whoever reads the conversation wants to know how this came about."""
        is_broken = self.turn.status in {"failed", "interrupted"}
        return is_broken or self.turn.outcome == Outcome.ABSTAINED or self.turn.feedback == "down"

    @property
    def is_passed_on(self) -> bool:
        """Whether the message went to a person."""
        return self.turn.outcome == PASSED_ON

    @property
    def is_silent(self) -> bool:
        """Whether it did so before Heidi had said anything."""
        return self.is_passed_on and not self.turn.answer


@dataclass(frozen=True, kw_only=True)
class Note:
    """What happened between turns: a pause, or words of a member of staff."""

    id: str
    """Unique in its conversation."""
    at: datetime
    text: str
    staff_name: str = ""
    """Who said it; empty if the console only reports what happened."""


@dataclass(kw_only=True)
class _Collected:
    started_at: datetime
    steps: list[TraceStep] = field(default_factory=list)
    bodies: list[EventBody | UnknownEvent] = field(default_factory=list)
    comment: str = ""
    usage: Mapping[str, Any] = field(default_factory=dict)
    last_ms: int = 0


def trace(events: Sequence[TurnEvent]) -> list[TraceTurn]:
    """The turns of a conversation, oldest first, each with its steps."""
    turns = fold(events).turns
    collected = {turn.id: _Collected(started_at=turn.started_at) for turn in turns}
    for event in events:
        at = collected.get(event.turn_id or "")
        if at is None:
            continue
        if isinstance(event.body, Feedback):
            at.comment = event.body.comment
            continue
        at.bodies.append(event.body)
        if isinstance(event.body, TurnCompleted):
            at.usage = event.body.usage
        offset_ms = round((event.at - at.started_at).total_seconds() * 1000)
        if isinstance(event.body, UnknownEvent):
            step: TraceStep | None = _unknown(event.body, offset_ms)
        else:
            step = _step(event.body, offset_ms)
        if step is not None:
            at.steps.append(replace(step, took_ms=max(0, offset_ms - at.last_ms)))
        at.last_ms = offset_ms
    return [
        TraceTurn(
            turn=turn,
            steps=tuple(collected[turn.id].steps),
            elapsed_ms=_elapsed_ms(turn),
            summary=summary_of(collected[turn.id].bodies, _elapsed_ms(turn)),
            feedback_comment=collected[turn.id].comment,
            usage=collected[turn.id].usage,
        )
        for turn in turns
    ]


def _unknown(event: UnknownEvent, offset_ms: int) -> TraceStep:
    """A step of a later version, shown as it was written."""
    return TraceStep(
        kind="unknown",
        title=f"Written by a later version: {event.type}",
        offset_ms=offset_ms,
        data=_json(event.data),
    )


def timeline(events: Sequence[TurnEvent]) -> list[TraceTurn | Note]:
    """The whole conversation in the order in which it happened."""
    turns = {item.turn.id: item for item in trace(events)}
    items: list[TraceTurn | Note] = []
    for event in events:
        is_start = isinstance(event.body, TurnStarted)
        turn = turns.pop(event.turn_id or "", None) if is_start else None
        item = turn or _note(event)
        if item is not None:
            items.append(item)
    return items


def _note(event: TurnEvent) -> Note | None:
    match event.body:
        case ConversationPaused(reason=reason):
            text, name = f"Paused: {reason}", ""
        case ConversationResumed(by=by):
            text, name = f"Resumed by {by}", ""
        case StaffJoined(staff_name=joined):
            text, name = f"{joined} has taken over", ""
        case StaffLeft(staff_name=left, reason="idle"):
            text, name = f"{left} has been away: the conversation went back to Heidi", ""
        case StaffLeft(staff_name=left):
            text, name = f"{left} has handed back to Heidi", ""
        case StaffMessage(staff_name=name, text=text):
            pass
        case _:
            return None
    return Note(id=f"note-{event.seq}", at=event.at, text=text, staff_name=name)


def _elapsed_ms(turn: TranscriptTurn) -> int | None:
    if turn.ended_at is None:
        return None
    return round((turn.ended_at - turn.started_at).total_seconds() * 1000)


def _step(body: EventBody, offset_ms: int) -> TraceStep | None:
    if isinstance(body, TextDelta | Feedback):
        return None
    title, extra = _describe(body)
    return TraceStep(kind=body.type, title=title, offset_ms=offset_ms, **extra) if title else None


def _describe(body: EventBody) -> tuple[str, dict[str, Any]]:
    match body:
        case Status():
            return body.text, {"data": _json(body.detail)}
        case Retrieval():
            return f"Retrieved {counted(len(body.passages), 'passage')} for “{body.query}”", {
                "passages": body.passages,
                "facts": (*_facts(body.filters), ("took", f"{body.elapsed_ms:.0f} ms")),
            }
        case ToolCall():
            return f"Called {body.tool}", {"data": _json(body.arguments)}
        case ToolResult():
            state = "returned" if body.ok else "failed"
            return f"{body.tool} {state} in {body.elapsed_ms:.0f} ms", {
                "data": _json(body.output),
                "is_bad": not body.ok,
            }
        case Citation():
            return f"Cited [{body.number}] {body.title}", {
                "facts": (("quote", body.quote), ("chunk", body.chunk_id))
            }
        case _:
            return _describe_rest(body)


def _describe_rest(body: EventBody) -> tuple[str, dict[str, Any]]:
    match body:
        case IdentityRequired():
            return f"Asked to sign in: {body.reason}", {}
        case ConfirmationRequired():
            return f"Asked to confirm: {body.title}", {
                "facts": body.rows,
                "data": _json(body.arguments),
            }
        case ConfirmationResolved():
            return f"Confirmation {body.decision}", {}
        case Suggestions():
            return (
                f"Suggested {counted(len(body.questions) + len(body.briefings), 'next step')}",
                {},
            )
        case TurnCompleted():
            return f"Completed: {body.outcome}", {
                "facts": _facts(body.usage),
                "data": _json(body.state),
            }
        case _:
            return _describe_bad_end(body)


def _describe_bad_end(body: EventBody) -> tuple[str, dict[str, Any]]:
    match body:
        case TurnFailed():
            return f"Failed: {body.error}", {"is_bad": True}
        case TurnInterrupted():
            return f"Interrupted: {body.reason}", {"is_bad": True}
        case TurnPassedOn():
            return f"Passed on to {body.to}", {}
        case _:
            return "", {}


def _facts(values: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, str(value)) for name, value in values.items() if value not in (None, [], "")
    )


def _json(value: Mapping[str, Any] | None) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) if value else ""
