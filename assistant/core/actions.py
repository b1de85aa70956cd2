"""Owns the Action, a write that waits for the visitor's decision, and the port that keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from assistant.core.events import JsonObject

ACTION_LIFETIME = timedelta(minutes=10)
"""How long a confirmation can be answered."""

ActionStatus = Literal["pending", "confirmed", "declined", "expired", "superseded"]


@dataclass(frozen=True, kw_only=True)
class Action:
    """A write that was previewed and can run once, exactly as shown."""

    id: str
    """Unguessable; also the idempotency key of the write."""
    conversation_id: str
    turn_id: str
    """The turn that asked for it."""
    customer_id: str | None
    """Whose data it changes; only this customer may confirm it."""
    tool: str
    arguments: JsonObject
    arguments_hash: str
    title: str
    created_at: datetime
    expires_at: datetime
    status: ActionStatus = "pending"


class ActionStore(Protocol):
    """Keeps actions; every change of status happens once, however many ask at the same time."""

    async def create(self, action: Action) -> None:
        """Keep a new pending action and supersede the conversation's other pending ones."""
        ...

    async def get(self, action_id: str, conversation_id: str) -> Action | None:
        """The action, if it belongs to the conversation."""
        ...

    async def pending(self, conversation_id: str, now: datetime) -> Action | None:
        """The conversation's one pending, unexpired action."""
        ...

    async def settle(
        self, action_id: str, conversation_id: str, status: ActionStatus, now: datetime
    ) -> Action:
        """Move a pending action to its final status, atomically.

        Raises:
            NotFound: no such action in this conversation.
            ActionSettled: it was settled before, or has expired.
        """
        ...
