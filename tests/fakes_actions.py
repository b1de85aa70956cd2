"""An `ActionStore` in memory, for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from assistant.core.actions import Action, ActionStatus
from assistant.core.errors import ActionSettled, NotFound


class InMemoryActionStore:
    """Keeps actions in a dictionary; one event loop makes every change atomic."""

    def __init__(self) -> None:
        self.actions: dict[str, Action] = {}

    async def create(self, action: Action) -> None:
        """Keep a new pending action and supersede the conversation's other pending ones."""
        for other in list(self.actions.values()):
            if other.conversation_id == action.conversation_id and other.status == "pending":
                self.actions[other.id] = replace(other, status="superseded")
        self.actions[action.id] = action

    async def get(self, action_id: str, conversation_id: str) -> Action | None:
        """The action, if it belongs to the conversation."""
        action = self.actions.get(action_id)
        return action if action and action.conversation_id == conversation_id else None

    async def pending(self, conversation_id: str, now: datetime) -> Action | None:
        """The conversation's one pending, unexpired action."""
        for action in self.actions.values():
            is_open = action.status == "pending" and action.expires_at > now
            if action.conversation_id == conversation_id and is_open:
                return action
        return None

    async def settle(
        self, action_id: str, conversation_id: str, status: ActionStatus, now: datetime
    ) -> Action:
        """Move a pending action to its final status, once."""
        action = await self.get(action_id, conversation_id)
        if action is None:
            raise NotFound("There is no such request to confirm.")
        if action.status != "pending" or action.expires_at <= now:
            raise ActionSettled("This request was settled already.")
        self.actions[action_id] = replace(action, status=status)
        return self.actions[action_id]
