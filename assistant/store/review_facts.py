"""Owns what the console keeps of a log: words to search, facets, turns to count. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assistant.core.events import (
    Citation,
    Outcome,
    StaffJoined,
    StaffMessage,
    TextDelta,
    TurnCompleted,
    TurnEvent,
    TurnStarted,
)
from assistant.core.phrasing import plain_text
from assistant.core.transcript import FOLDED_TYPES, TranscriptTurn, fold

MAX_TEXT_CHARACTERS = 200_000
"""Of one conversation: what is beyond is not searched."""
SAID_TYPES = FOLDED_TYPES | {"staff.message", "staff.joined"}
"""Events that say something, or tell how a turn ended and who spoke."""
_LAST_CHARACTERS = 200
_MARKS = re.compile(r"\*\*|^\s*[-*] ", re.MULTILINE)
"""Of Markdown, which one line does not show."""
_MESSAGE_CHARACTERS = 500


@dataclass(frozen=True, kw_only=True)
class TurnFacts:
    """How one turn went."""

    turn_id: str
    started_at: datetime
    agent: str
    message: str
    outcome: str
    feedback: str
    first_text_ms: int | None
    answer_ms: int | None
    tokens: int
    cost_usd: float | None
    citations: tuple[Citation, ...]
    """Each briefing once."""

    @property
    def day(self) -> str:
        """The day of UTC on which it began."""
        return self.started_at.date().isoformat()


@dataclass(frozen=True, kw_only=True)
class Indexed:
    """What the log of one conversation says."""

    conversation_id: str
    customer_id: str | None
    last_seq: int
    text: str
    last_speaker: str
    last_said: str
    is_resolved: bool
    facets: frozenset[tuple[str, str]]
    turns: tuple[TurnFacts, ...]


def read_for_search(
    conversation_id: str,
    events: Sequence[TurnEvent],
    last_seq: int = 0,
    *,
    names: Sequence[str] = (),
    customer_id: str | None = None,
) -> Indexed:
    """What a log says.

    Args:
        conversation_id: whose log.
        events: those of `SAID_TYPES`.
        last_seq: number of the log's last event.
        names: what a search finds besides: the customer, ids, how the conversation began.
        customer_id: who is signed in.
    """
    turns = fold(events).turns
    said = [part for turn in turns for part in (turn.message, turn.answer) if part]
    said += [event.body.text for event in events if isinstance(event.body, StaffMessage)]
    speaker, last = _last_said(events, turns)
    return Indexed(
        conversation_id=conversation_id,
        customer_id=customer_id,
        last_seq=last_seq,
        text="\n".join(dict.fromkeys(map(searchable, [*names, *said])))[:MAX_TEXT_CHARACTERS],
        last_speaker=speaker,
        last_said=last,
        is_resolved=_is_resolved(events, turns),
        facets=_facets(turns),
        turns=_turn_facts(events, turns),
    )


def searchable(text: str) -> str:
    """Text as it is compared: one line without upper case, runs of space and NUL characters."""
    return " ".join(text.casefold().replace("\x00", " ").split())


def _facets(turns: Sequence[TranscriptTurn]) -> frozenset[tuple[str, str]]:
    facets = {("agent", turn.agent[:100]) for turn in turns if turn.agent}
    for turn in turns:
        if turn.status != "running":
            facets.add(("outcome", turn.outcome or turn.status))
        if turn.feedback:
            facets.add(("feedback", turn.feedback))
    return frozenset(facets)


def _last_said(events: Sequence[TurnEvent], turns: Sequence[TranscriptTurn]) -> tuple[str, str]:
    """Who said the last thing, and what."""
    answers = {turn.id: turn.answer for turn in turns}
    for event in reversed(events):
        match event.body:
            case StaffMessage(staff_name=name, text=text):
                speaker, said = name, text
            case TextDelta():
                speaker, said = "Heidi", answers.get(event.turn_id or "", "")
            case TurnStarted(message=message):
                speaker, said = "Visitor", message
            case _:
                continue
        if said:
            return speaker[:100], plain_text(_MARKS.sub("", said), _LAST_CHARACTERS)
    return "", ""


def _is_resolved(events: Sequence[TurnEvent], turns: Sequence[TranscriptTurn]) -> bool:
    if not turns or any(isinstance(event.body, StaffMessage | StaffJoined) for event in events):
        return False
    return turns[-1].outcome == Outcome.ANSWERED and turns[-1].feedback != "down"


def _turn_facts(
    events: Sequence[TurnEvent], turns: Sequence[TranscriptTurn]
) -> tuple[TurnFacts, ...]:
    first_text: dict[str, datetime] = {}
    usage: dict[str, Mapping[str, Any]] = {}
    for event in events:
        if isinstance(event.body, TextDelta):
            first_text.setdefault(event.turn_id or "", event.at)
        elif isinstance(event.body, TurnCompleted):
            usage[event.turn_id or ""] = event.body.usage
    return tuple(
        TurnFacts(
            turn_id=turn.id,
            started_at=turn.started_at,
            agent=turn.agent[:100],
            message=plain_text(turn.message, _MESSAGE_CHARACTERS),
            outcome=str(turn.outcome or turn.status),
            feedback=turn.feedback or "",
            first_text_ms=_ms_between(turn.started_at, first_text.get(turn.id)),
            answer_ms=_ms_between(turn.started_at, turn.ended_at),
            tokens=_tokens(usage.get(turn.id, {})),
            cost_usd=_cost(usage.get(turn.id, {})),
            citations=tuple({each.briefing_id: each for each in turn.citations}.values()),
        )
        for turn in turns
    )


def _ms_between(start: datetime, end: datetime | None) -> int | None:
    return None if end is None else max(0, round((end - start).total_seconds() * 1000))


def _tokens(usage: Mapping[str, Any]) -> int:
    counts = (usage.get(name) for name in ("prompt_tokens", "completion_tokens"))
    return sum(count for count in counts if isinstance(count, int))


def _cost(usage: Mapping[str, Any]) -> float | None:
    cost = usage.get("cost_usd")
    return float(cost) if isinstance(cost, int | float) else None
