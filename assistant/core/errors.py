"""The tree of the assistant's errors.

HeidiError
├── InvalidInput             what the caller sent can't be used; names the field and what to do
├── NotFound                 no such thing, or not this caller's to see
├── NotAllowed               the caller is known but may not do this
├── IdentityRequired         only a verified customer may do this
├── IdentityInvalid          a token was given but does not verify
├── Conflict                 the state of the thing does not permit this now
│   ├── ActionSettled        the confirmation was used, declined or has expired
│   └── ConversationPaused   resume first
├── LimitExceeded            too much, too often, too large
│   └── BudgetSpent          the conversation's or the day's budget is used up
├── ToolFailed               a tool could not do its work; returns to the agent as a result
└── AgentFailed              the agent could not answer; ends the turn as `turn.failed`

Errors carry data and no status codes; `assistant/http/errors.py` maps them to problem+json.
"""

from __future__ import annotations

from typing import Literal


class HeidiError(Exception):
    """Root of the assistant's errors.

    Args:
        detail: what happened, in words for the caller.
        remedy: what the caller can do next.
    """

    def __init__(self, detail: str, *, remedy: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        self.remedy = remedy


class InvalidInput(HeidiError):
    """What the caller sent can't be used.

    Args:
        detail: what is wrong with it.
        field: the part of the request that is wrong.
        remedy: what to send instead.
    """

    def __init__(self, detail: str, *, field: str, remedy: str = "") -> None:
        super().__init__(detail, remedy=remedy)
        self.field = field


class NotFound(HeidiError):
    """No such thing, or not this caller's to see: the two look alike on purpose."""


class NotAllowed(HeidiError):
    """The caller is known but may not do this."""


class IdentityRequired(HeidiError):
    """Only a verified customer may do this."""


class IdentityInvalid(HeidiError):
    """A token was given but does not verify (expired, wrong key, wrong audience…)."""


class Conflict(HeidiError):
    """The state of the thing does not permit this now."""


class ActionSettled(Conflict):
    """The confirmation was used, declined or has expired."""


class ConversationPaused(Conflict):
    """The conversation is paused; it must be resumed first."""


class LimitExceeded(HeidiError):
    """Too much, too often or too large."""


class BudgetSpent(LimitExceeded):
    """The budget of a conversation or of a day is used up.

    Args:
        detail: what is used up, in words for the visitor.
        scope: whose budget: `conversation` or `day`.
        remedy: what the visitor can do.
        retry_after_s: seconds until there is a new one; None: there will be none.
    """

    def __init__(
        self,
        detail: str,
        *,
        scope: Literal["conversation", "day"],
        remedy: str = "",
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(detail, remedy=remedy)
        self.scope = scope
        self.retry_after_s = retry_after_s


class ToolFailed(HeidiError):
    """A tool could not do its work; the agent receives this as the tool's result."""


class AgentFailed(HeidiError):
    """The agent could not answer; the turn ends as `turn.failed`."""
