"""Dialogues as data: what honest visitors say before a write, and what they say when none is meant.

Ada has one meeting: with sales, on Tuesday 1 December 2026 from 10:00 to 10:30 in Zurich, where it
is Tuesday 24 November, 11:07. Every call comes after her meetings and a briefing have been read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

CARD = "Please check the details and confirm."
"""What Heidi says beside a card."""
SIGN_IN = "Please sign in so I can look into your account."

Exchange = tuple[str, str]
"""What the visitor said, and what Heidi answered."""


@dataclass(frozen=True, kw_only=True)
class Talk:
    """A message, what came before it, and the write that a model then asks for."""

    message: str
    tool: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    before: Sequence[Exchange] = ()

    @property
    def name(self) -> str:
        """For the test's id."""
        return f"{self.tool}: {' / '.join([*(said for said, _ in self.before), self.message])}"


def cancel(message: str, *before: Exchange) -> Talk:
    """Ada's meeting is cancelled."""
    return Talk(
        message=message,
        tool="cancel_meeting",
        arguments={"meeting_id": "$ADAS_MEETING"},
        before=before,
    )


def move(message: str, start: str, *before: Exchange) -> Talk:
    """Ada's meeting is moved."""
    return Talk(
        message=message,
        tool="move_meeting",
        arguments={"meeting_id": "$ADAS_MEETING", "start": start},
        before=before,
    )


def book(message: str, start: str, *before: Exchange) -> Talk:
    """A meeting with sales is booked."""
    return Talk(
        message=message,
        tool="book_meeting",
        arguments={"team": "sales", "start": start},
        before=before,
    )


def change(message: str, *before: Exchange, **values: str) -> Talk:
    """Contact data are changed."""
    return Talk(message=message, tool="update_contact", arguments=values, before=before)


THURSDAY = "2026-12-03T10:00"
"""The Thursday of next week, as the meeting's own clock."""
MEETING = "You have one meeting: Product consultation with Sales on Tuesday 1 December at 10:00."
FREE = "Sales is free on Wednesday 2 December at 10:00 and 14:00. Which would suit you?"
FREE_SAID = "Sales is free on Wednesday 2 December at 10:00 and 14:00."

AT = "2026-12-04T14:15"
"""A time that only others have named."""
