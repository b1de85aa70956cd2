"""The tree of what a backend refuses or can't do, the same for every adapter.

HeidiError
├── NotFound
│   ├── CustomerNotFound     the backend knows no such customer
│   ├── TeamNotFound         the calendar knows no such team
│   └── MeetingNotFound      no such meeting, or another customer's: the two look alike
├── Conflict
│   ├── MeetingClosed        the meeting was cancelled or has begun; it stays as it is
│   └── SlotRefused          the time can't be booked; says why, and the caller finds others
└── ToolFailed
    └── BackendUnavailable   the backend does not answer now; trying again later may help
"""

from __future__ import annotations

from typing import Literal

from assistant.core.errors import Conflict, NotFound, ToolFailed

RefusalReason = Literal["taken", "past", "closed", "holiday", "too_far"]
"""`closed`: outside working hours; `too_far`: beyond the days that can be booked ahead."""


class CustomerNotFound(NotFound):
    """The backend knows no such customer."""


class TeamNotFound(NotFound):
    """The calendar knows no such team."""


class MeetingNotFound(NotFound):
    """No such meeting, or not this customer's."""


class MeetingClosed(Conflict):
    """The meeting was cancelled or has begun."""


class SlotRefused(Conflict):
    """Nobody of the team can be booked at this time.

    Args:
        detail: what stands against it, in words.
        reason: the same, for code.
    """

    def __init__(self, detail: str, *, reason: RefusalReason) -> None:
        super().__init__(detail, remedy="Choose another time.")
        self.reason: RefusalReason = reason


class BackendUnavailable(ToolFailed):
    """The backend does not answer now."""
