"""Owns the memory of a write that was proposed, so that it can be corrected before it happens.

The action itself belongs to the action store; here is only what a correction ("no, at 4") starts
from. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from assistant.core.dialogue import read_decision
from assistant.core.events import ConfirmationRequired, JsonObject
from assistant.core.forms import Form
from assistant.core.turns import PastTurn, Turn

STATE_KEY = "proposal"
LAST_MEETING = "last_meeting_id"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A meeting that was shown for confirmation."""

    form: Form
    is_open: bool
    """It still waits for a decision; else it was declined or has expired."""


def remember(required: ConfirmationRequired, form: Form, turn: Turn) -> JsonObject:
    """What the state keeps of a proposal."""
    return {
        "form": form.to_json(),
        "turns_before": len(turn.history),
        "expires_at": required.expires_at.isoformat(),
        LAST_MEETING: turn.state.get(LAST_MEETING, ""),
    }


def recall(turn: Turn) -> Proposal | None:
    """The proposal that a correction can start from; None once it was carried out."""
    kept = turn.state.get(STATE_KEY)
    if not isinstance(kept, Mapping):
        return None
    form = Form.from_json(kept.get("form"))
    if form is None:
        return None
    is_decided = _is_decided(turn.history, kept.get("turns_before"))
    if is_decided and (form.kind != "book" or _has_new_meeting(kept, turn.state)):
        return None
    return Proposal(form=form, is_open=not is_decided and not _is_expired(kept, turn.now))


def _is_decided(history: tuple[PastTurn, ...], turns_before: object) -> bool:
    """A turn with no message, or nothing but a yes or no, was the decision's own."""
    if not isinstance(turns_before, int):
        return True
    later = history[turns_before + 1 :]
    return any(not turn.message or read_decision(turn.message) for turn in later)


def _has_new_meeting(kept: JsonObject, state: JsonObject) -> bool:
    return bool(state.get(LAST_MEETING, "") != kept.get(LAST_MEETING, ""))


def _is_expired(kept: JsonObject, now: datetime) -> bool:
    try:
        return datetime.fromisoformat(str(kept.get("expires_at"))) <= now
    except (ValueError, TypeError):
        return True
