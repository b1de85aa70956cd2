"""Owns the terminal events that a turn gets from outside of its agent. Pure."""

from __future__ import annotations

import re
from typing import Literal

from assistant.core.errors import HeidiError
from assistant.core.events import (
    EventBody,
    JsonObject,
    Outcome,
    TurnCompleted,
    TurnFailed,
    TurnInterrupted,
)
from assistant.store.conversations import TurnStatus

SERVER_WENT_AWAY = "The server restarted while Heidi was answering."

_MESSAGES = {
    "time-out": "That took too long. Please ask again.",
    "agent-silent": "Heidi could not finish the answer. Please ask again.",
    "internal": "Something went wrong on our side. Please ask again.",
}


def failed(error: Literal["time-out", "agent-silent", "internal"]) -> TurnFailed:
    """The end of a turn that nobody foresaw."""
    return TurnFailed(error=error, message=_MESSAGES[error])


def failed_by(error: HeidiError) -> TurnFailed:
    """The end of a turn by an error that says what to do; `ActionSettled` is `action-settled`."""
    code = re.sub(r"(?<!^)(?=[A-Z])", "-", type(error).__name__).lower()
    return TurnFailed(error=code, message=f"{error.detail} {error.remedy}".strip())


def stopped_by_visitor(state: JsonObject, *, elapsed_ms: float) -> TurnCompleted:
    """The end of a turn that the visitor stopped: what was said stays, and the state before it."""
    return TurnCompleted(outcome=Outcome.CANCELLED, state=state, usage={}, elapsed_ms=elapsed_ms)


def status_after(ending: EventBody) -> TurnStatus:
    """The status of a turn with this terminal event."""
    if isinstance(ending, TurnFailed):
        return "failed"
    return "interrupted" if isinstance(ending, TurnInterrupted) else "completed"
