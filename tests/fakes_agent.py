"""Fakes for whoever tests around an agent: scripted agents, a settable clock, an empty toolbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from assistant.core.caller import Caller
from assistant.core.events import EventBody, Outcome, TextDelta, TurnCompleted
from assistant.core.toolbox import Toolbox
from assistant.core.turns import Turn


class FakeClock:
    """A clock that moves when told."""

    def __init__(self, now: datetime = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The time."""
        return self.now

    def advance(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


def completed(outcome: Outcome = Outcome.ANSWERED, **state: object) -> TurnCompleted:
    """The end of an answer."""
    return TurnCompleted(outcome=outcome, state=state, usage={}, elapsed_ms=1.0)


class ScriptedAgent:
    """Says what it is told, waits at gates, and records the turns it was given."""

    name = "scripted"

    def __init__(self, *script: EventBody | asyncio.Event | Exception) -> None:
        self.script = list(script) or [TextDelta(text="Hello."), completed()]
        self.turns: list[tuple[Turn, Caller]] = []

    async def answer(
        self, turn: Turn, caller: Caller, toolbox: Toolbox
    ) -> AsyncIterator[EventBody]:
        """Play the script."""
        self.turns.append((turn, caller))
        for step in list(self.script):
            match step:
                case asyncio.Event():
                    await step.wait()
                case Exception():
                    raise step
                case _:
                    yield step
