"""Owns tailing: replay of a conversation's log after a number, then whatever is appended."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

from assistant.core.events import TurnEvent
from assistant.store.event_log import EventLog
from assistant.streaming.notifier import Notifier

POLL_S = 5.0
"""The log is read this often even without a wake-up: a lost notification delays, never loses."""

REPLAY_BATCH = 500
"""Events read at once: a long conversation is not held in memory by each of its readers."""


@dataclass(frozen=True, kw_only=True)
class Idle:
    """Nothing was appended for some time."""

    seconds: float


class Tail:
    """Reads logs as they grow.

    Args:
        log: what is read.
        notifier: tells when to read again.
    """

    def __init__(self, log: EventLog, notifier: Notifier) -> None:
        self._log = log
        self._notifier = notifier

    async def batches(
        self,
        conversation_id: str,
        *,
        after: int,
        also: tuple[str, ...] = (),
        left_s: Callable[[], float] = lambda: POLL_S,
    ) -> AsyncGenerator[tuple[TurnEvent, ...] | Idle, None]:
        """As `follow`, with what one look at the log has found handed over at once.

        Args:
            conversation_id: whose log.
            after: number of the last event that is known.
            also: further names whose notification wakes the reader, who then is told `Idle`.
            left_s: for how long the reader may read on; it is told `Idle` at that moment too.
        """
        with self._notifier.subscribe(conversation_id, *also) as subscription:
            idle_s = 0.0
            while True:
                events = await self._log.read(conversation_id, after=after, limit=REPLAY_BATCH)
                idle_s = 0.0 if events else idle_s
                after = events[-1].seq if events else after
                yield events or Idle(seconds=idle_s)
                if len(events) == REPLAY_BATCH:
                    continue
                wait_s = min(POLL_S, max(0.0, left_s()))
                if not await subscription.wait(wait_s):
                    idle_s += wait_s

    async def follow(
        self, conversation_id: str, *, after: int
    ) -> AsyncGenerator[TurnEvent | Idle, None]:
        """Every event after number `after`, without gap or repetition, for as long as it is read.

        Yields `Idle` now and then while nothing happens, so that the reader can end it.
        """
        async with aclosing(self.batches(conversation_id, after=after)) as batches:
            async for batch in batches:
                if isinstance(batch, Idle):
                    yield batch
                    continue
                for event in batch:
                    yield event

    async def follow_turn(
        self, conversation_id: str, turn_id: str, *, after: int
    ) -> AsyncGenerator[TurnEvent, None]:
        """The events of one turn, ending with its terminal event."""
        async with aclosing(self.follow(conversation_id, after=after)) as items:
            async for item in items:
                if isinstance(item, TurnEvent) and item.turn_id == turn_id:
                    yield item
                    if item.is_terminal:
                        return
