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
    before = kept.get("turns_before")
    if not isinstance(before, int) or before < 0:
        return None
    later = [_is_decision(past) for past in turn.history[before + 1 :]]
    if not any(later):
        return Proposal(form=form, is_open=not _is_expired(kept, turn.now))
    # Right after a "no" the visitor may still say what would be right.
    was_just_declined = form.kind == "book" and not _has_new_meeting(kept, turn.state)
    return Proposal(form=form, is_open=False) if was_just_declined and later == [True] else None


def _is_decision(turn: PastTurn) -> bool:
    """A turn with no message, or nothing but a yes or no, was the decision's own."""
    return not turn.message or read_decision(turn.message) is not None


def _has_new_meeting(kept: JsonObject, state: JsonObject) -> bool:
    return bool(state.get(LAST_MEETING, "") != kept.get(LAST_MEETING, ""))


def _is_expired(kept: JsonObject, now: datetime) -> bool:
    try:
        return datetime.fromisoformat(str(kept.get("expires_at"))) <= now
    except (ValueError, TypeError):
        return True
