"""Owns the time before the agent is ready: turns wait for it instead of failing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from assistant.core.caller import Caller
from assistant.core.errors import AgentFailed
from assistant.core.events import EventBody, Status
from assistant.core.toolbox import Toolbox
from assistant.core.turns import Agent, Turn


class DeferredAgent:
    """An agent that is still being made: model weights take seconds to load.

    Args:
        name: the coming agent's name.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._agent: Agent | None = None
        self._failure: Exception | None = None
        self._settled = asyncio.Event()

    @property
    def is_ready(self) -> bool:
        """Whether turns are answered without waiting."""
        return self._agent is not None

    def set(self, agent: Agent) -> None:
        """The agent is ready."""
        self._agent = agent
        self._settled.set()

    def fail(self, error: Exception) -> None:
        """The agent can't be made."""
        self._failure = error
        self._settled.set()

    async def answer(
        self, turn: Turn, caller: Caller, toolbox: Toolbox
    ) -> AsyncIterator[EventBody]:
        """Answer as soon as the agent is ready.

        Raises:
            AgentFailed: it could not be made.
        """
        if not self._settled.is_set():
            yield Status(text="Waking up")
        await self._settled.wait()
        if self._agent is None:
            raise AgentFailed(
                "Heidi could not start.", remedy="Please tell the site's owner."
            ) from self._failure
        async for event in self._agent.answer(turn, caller, toolbox):
            yield event
