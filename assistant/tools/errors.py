"""Owns the tools' own errors: failures that carry more than words.

ToolFailed
└── SlotTaken    the time can't be booked; carries the nearest times that can
"""

from __future__ import annotations

from assistant.backends.calendar import Slot
from assistant.core.errors import ToolFailed
from assistant.core.events import JsonObject


class SlotTaken(ToolFailed):
    """The time can't be booked.

    Args:
        detail: what stands against it, in words for the visitor.
        remedy: the nearest free times, in words.
        alternatives: the same, as slots.
        data: the same, as JSON for the agent.
        card: the same, as a card; None when there are none.
    """

    def __init__(
        self,
        detail: str,
        *,
        remedy: str,
        alternatives: tuple[Slot, ...],
        data: JsonObject,
        card: JsonObject | None,
    ) -> None:
        super().__init__(detail, remedy=remedy)
        self.alternatives = alternatives
        self.data = data
        self.card = card
