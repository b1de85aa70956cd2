"""Owns the way from an agent's events to the log: in order, in batches, ending held back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from datetime import datetime

from assistant.core.events import EventBody, Retrieval, Status, TextDelta, TurnCompleted
from assistant.store.event_log import EventLog, Timed

QUEUE_SIZE = 256
"""An agent that is this far ahead of the database waits."""

HOLD_S = 0.02
"""What only accompanies an answer waits so long for its first words, to be written with them: a
transaction of its own would hold the words up."""
_ACCOMPANYING = (Status, Retrieval)


class Recorder:
    """Appends one turn's events.

    What an agent yields while the database is busy with earlier events goes into the next
    transaction together. The agent's `TurnCompleted` is held back, since the runner decides how
    the turn ends; so is what came right before the end of the agent, to be written with it.

    Args:
        log: where the events go.
        conversation_id: whose log.
        turn_id: the turn.
        clock: the time, in UTC.
        delay_s: pause after each delta; 0 except to watch streaming in slow motion.
    """

    def __init__(
        self,
        log: EventLog,
        conversation_id: str,
        turn_id: str,
        clock: Callable[[], datetime],
        *,
        delay_s: float = 0.0,
    ) -> None:
        self._log = log
        self._conversation_id = conversation_id
        self._turn_id = turn_id
        self._clock = clock
        self._delay_s = delay_s
        self.held_ending: TurnCompleted | None = None
        self.unwritten: list[Timed] = []
        """What is left to be written once `record` has returned or raised."""

    async def record(self, events: AsyncGenerator[EventBody, None]) -> None:
        """Append events until the agent is done; raises what the agent raises, after the rest.

        Raises:
            TurnEnded: another process has ended the turn meanwhile.
        """
        queue: asyncio.Queue[Timed | None] = asyncio.Queue(QUEUE_SIZE)
        pulling = asyncio.create_task(_pull(events, queue, self._clock))
        try:
            while await self._take_next(queue):
                await self._append()
            await pulling
        finally:
            pulling.cancel()
            _empty(queue)
            with suppress(asyncio.CancelledError, Exception):
                await pulling

    async def _take_next(self, queue: asyncio.Queue[Timed | None]) -> bool:
        """Take what has come; False when the agent is done."""
        if not self._take(await queue.get(), queue):
            return False
        if self._delay_s:
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(HOLD_S):
                while all(isinstance(body, _ACCOMPANYING) for body, _ in self.unwritten):
                    if not self._take(await queue.get(), queue):
                        return False
        return True

    def _take(self, first: Timed | None, queue: asyncio.Queue[Timed | None]) -> bool:
        """Take an event and what has come with it; False when the agent is done."""
        taken = first
        while taken is not None:
            if isinstance(taken[0], TurnCompleted):
                self.held_ending = taken[0]
            else:
                self.unwritten.append(taken)
            if self._delay_s or queue.empty():
                return True
            taken = queue.get_nowait()
        return False

    async def _append(self) -> None:
        batch, self.unwritten = self.unwritten, []
        if batch:
            await self._log.append(
                self._conversation_id,
                self._turn_id,
                [body for body, _ in batch],
                [at for _, at in batch],
                only_while_running=True,
            )
        if self._delay_s and any(isinstance(body, TextDelta) for body, _ in batch):
            await asyncio.sleep(self._delay_s)


async def _pull(
    events: AsyncGenerator[EventBody, None],
    queue: asyncio.Queue[Timed | None],
    clock: Callable[[], datetime],
) -> None:
    try:
        async with aclosing(events):
            async for body in events:
                await queue.put((body, clock()))
    finally:
        # Finished, failed or cancelled: the reader of the queue must learn that nothing more comes.
        await queue.put(None)


def _empty(queue: asyncio.Queue[Timed | None]) -> None:
    """Make room for the end, which nobody will read, so that its writer does not wait for ever."""
    while not queue.empty():
        queue.get_nowait()
