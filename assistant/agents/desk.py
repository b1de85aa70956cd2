"""Owns the desk at which one turn is answered: its clock, its tools and how tool calls are told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from assistant.core.events import (
    ConfirmationRequired,
    EventBody,
    JsonObject,
    Outcome,
    ToolResult,
)
from assistant.core.replies import Reply
from assistant.core.toolbox import SignInNeeded, Toolbox
from assistant.core.turns import Turn


@dataclass(frozen=True, kw_only=True)
class Called:
    """A tool call as it went."""

    events: tuple[EventBody, ...]
    invocation: ToolResult | ConfirmationRequired | SignInNeeded
    text: str

    @property
    def output(self) -> JsonObject:
        """What the tool gave; empty unless it ran or failed."""
        return self.invocation.output if isinstance(self.invocation, ToolResult) else {}

    @property
    def is_ok(self) -> bool:
        """Whether the tool ran and gave a result."""
        return isinstance(self.invocation, ToolResult) and self.invocation.ok

    @property
    def needs_sign_in(self) -> bool:
        """Whether the visitor must sign in first."""
        return isinstance(self.invocation, SignInNeeded)

    def with_card(self, card: JsonObject | None) -> Called:
        """The same call, with another card for the visitor, or none."""
        events = tuple(
            replace(event, card=card) if isinstance(event, ToolResult) else event
            for event in self.events
        )
        return replace(self, events=events)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One turn and its tools."""

    turn: Turn
    toolbox: Toolbox

    @property
    def zone(self) -> ZoneInfo:
        """The visitor's."""
        return self.turn.timezone

    @property
    def now(self) -> datetime:
        """The clock in the visitor's zone."""
        return self.turn.now.astimezone(self.turn.timezone)

    @property
    def today(self) -> date:
        """The visitor's today."""
        return self.now.date()

    async def call(self, tool: str, arguments: JsonObject) -> Called:
        """Call a tool with the arguments that have a value."""
        given = {name: value for name, value in arguments.items() if value}
        events, invocation, text = await self.toolbox.call(tool, given)
        return Called(events=events, invocation=invocation, text=text)


def ask_to_sign_in(called: Called, purpose: str) -> Reply:
    """Tell an anonymous visitor why to sign in; the question is asked again afterwards."""
    return Reply(
        text=f"Please sign in so I can {purpose}. I'll answer as soon as you have.",
        outcome=Outcome.SIGN_IN_REQUIRED,
        events=called.events,
    )


def say_failure(called: Called) -> Reply:
    """Pass on in its own words that a tool could not do its work."""
    return Reply(
        text=called.text or "I could not do that just now. Please try again in a moment.",
        outcome=Outcome.ABSTAINED,
        events=called.events,
    )
