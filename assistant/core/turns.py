"""Owns the Turn: one message and all an agent needs to answer it. Pure values."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from assistant.core.caller import Caller
from assistant.core.events import EventBody, JsonObject

if TYPE_CHECKING:
    from assistant.core.toolbox import Toolbox


@dataclass(frozen=True, kw_only=True)
class PastTurn:
    """An earlier turn of the conversation, as an agent sees it."""

    message: str
    answer: str
    briefing_ids: tuple[str, ...] = ()
    """Briefings cited in the answer, in the order of their numbers."""
    outcome: str = ""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One message and all that is needed to answer it."""

    id: str
    conversation_id: str
    message: str
    history: tuple[PastTurn, ...]
    """Oldest first; interrupted and failed turns included with what was said."""
    state: JsonObject
    """`TurnCompleted.state` of the last completed turn, or `{}`."""
    now: datetime
    """The clock, aware, in UTC."""
    timezone: ZoneInfo
    """The visitor's timezone."""
    locale: str = "en"


class Agent(Protocol):
    """Answers a turn.

    Yields events in the order they shall be logged and ends with exactly one `TurnCompleted`.
    Raises `AgentFailed` when it can't go on (the runner logs `turn.failed`). Never yields
    `TurnStarted`, `TurnFailed`, `TurnInterrupted` or `ConfirmationResolved`: those are the
    runner's. Never writes anywhere: writes go through the toolbox, which asks for confirmation.
    """

    @property
    def name(self) -> str:
        """`built-in` or `llm:<model>`: kept in `TurnStarted`."""
        ...

    def answer(self, turn: Turn, caller: Caller, toolbox: Toolbox) -> AsyncIterator[EventBody]:
        """Answer one turn as a stream of events."""
        ...
