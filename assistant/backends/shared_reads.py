"""Owns reads that many want at the same moment: the backend is asked once for all who wait.

Whoever asks gets what was read after they asked, never an answer that was on its way already, so
nothing is as old as in a cache. Does not own what is read or for how long a caller waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar, cast

Answer = TypeVar("Answer")


class SharedReads:
    """Reads by key, of each at most one on its way and one queued behind it."""

    def __init__(self) -> None:
        self._queued: dict[Hashable, asyncio.Task[Any]] = {}
        self._running: dict[Hashable, asyncio.Task[Any]] = {}

    async def read(self, key: Hashable, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """What `ask` gives, asked after this call and perhaps for others as well.

        Args:
            key: what is asked; the same for the same question only.
            ask: asks the backend; its answer is shared, so nobody may change it.
        """
        queued = self._queued.get(key)
        if queued is None:
            queued = asyncio.create_task(self._ask_next(key, ask))
            queued.add_done_callback(_look_at)
            self._queued[key] = queued
        # One who gives up does not take the answer from the others.
        return cast(Answer, await asyncio.shield(queued))

    async def _ask_next(self, key: Hashable, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        task = self._queued[key]
        try:
            if key in self._running:
                await asyncio.wait((self._running[key],))
        finally:
            del self._queued[key]
        self._running[key] = task
        try:
            return await ask()
        finally:
            if self._running.get(key) is task:
                del self._running[key]


def _look_at(task: asyncio.Task[Any]) -> None:
    """Take a failure that nobody waits for any longer; whoever waits is raised it."""
    if not task.cancelled():
        task.exception()
