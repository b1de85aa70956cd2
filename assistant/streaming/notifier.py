"""Owns the wake-up of readers: who tails a conversation is told that its log has grown.

A notification carries no data and may be spurious or, with several processes, late; readers read
the log itself. Does not own the log.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from typing import Protocol


class Notifier(Protocol):
    """Wakes the readers of a conversation."""

    async def notify(self, conversation_id: str) -> None:
        """The conversation's log has grown."""
        ...

    def subscribe(self, conversation_id: str, *also: str) -> Subscription:
        """Start listening; nothing that is notified after this call is missed.

        Args:
            conversation_id: whose log.
            also: further names that wake the reader when they are notified.
        """
        ...


class Subscription(Protocol):
    """One reader's ear; a context manager that stops listening at its end."""

    def __enter__(self) -> Subscription: ...

    def __exit__(self, *_: object) -> None: ...

    async def wait(self, timeout_s: float) -> bool:
        """Wait until notified; False when `timeout_s` passed first."""
        ...


class InProcessNotifier:
    """Wakes readers of this process."""

    def __init__(self) -> None:
        self._events: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    async def start(self) -> None:
        """Nothing to do: the process knows its own."""

    async def close(self) -> None:
        """Nothing to do."""

    async def notify(self, conversation_id: str) -> None:
        """Wake every reader of the conversation."""
        for event in self._events.get(conversation_id, ()):
            event.set()

    async def notify_all(self) -> None:
        """Wake every reader of every conversation."""
        for events in self._events.values():
            for event in events:
                event.set()

    def subscribe(self, conversation_id: str, *also: str) -> InProcessSubscription:
        """Start listening."""
        return InProcessSubscription(self._events, (conversation_id, *also))


class InProcessSubscription:
    """An `asyncio.Event` among those of its names."""

    def __init__(
        self, events: defaultdict[str, set[asyncio.Event]], names: tuple[str, ...]
    ) -> None:
        self._events = events
        self._names = names
        self._event = asyncio.Event()

    def __enter__(self) -> InProcessSubscription:
        for name in self._names:
            self._events[name].add(self._event)
        return self

    def __exit__(self, *_: object) -> None:
        for name in self._names:
            listening = self._events[name]
            listening.discard(self._event)
            if not listening:
                del self._events[name]

    async def wait(self, timeout_s: float) -> bool:
        """Wait until notified; False when `timeout_s` passed first."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._event.wait()
        was_notified = self._event.is_set()
        self._event.clear()
        return was_notified
