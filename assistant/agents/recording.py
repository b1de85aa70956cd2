"""Owns the way from an agent's events to the log: in order, in batches, ending held back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from datetime import datetime

from assistant.core.events import EventBody, TextDelta, TurnCompleted
from assistant.store.event_log import EventLog

QUEUE_SIZE = 256
"""An agent that is this far ahead of the database waits."""

_Timed = tuple[EventBody, datetime]
"""What happened, and when: many a batch waits for the database."""


class Recorder:
    """Appends one turn's events.

    What an agent yields while the database is busy with earlier events goes into the next
    transaction together. The agent's `TurnCompleted` is held back, since the runner decides how
    the turn ends.

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

    async def record(self, events: AsyncGenerator[EventBody, None]) -> None:
        """Append events until the agent is done; raises what the agent raises, after the rest.

        Raises:
            TurnEnded: another process has ended the turn meanwhile.
        """
        queue: asyncio.Queue[_Timed | None] = asyncio.Queue(QUEUE_SIZE)
        pulling = asyncio.create_task(_pull(events, queue, self._clock))
        try:
            while await self._append_next(queue):
                pass
            await pulling
        finally:
            pulling.cancel()
            _empty(queue)
            with suppress(asyncio.CancelledError, Exception):
                await pulling

    async def _append_next(self, queue: asyncio.Queue[_Timed | None]) -> bool:
        """Append what has come; False when the agent is done."""
        batch = [await queue.get()]
        while not queue.empty() and not self._delay_s:
            batch.append(queue.get_nowait())
        timed = [one for one in batch if one is not None]
        for body, _ in timed:
            if isinstance(body, TurnCompleted):
                self.held_ending = body
        spoken = [one for one in timed if not isinstance(one[0], TurnCompleted)]
        if spoken:
            await self._log.append(
                self._conversation_id,
                self._turn_id,
                [body for body, _ in spoken],
                [at for _, at in spoken],
                only_while_running=True,
            )
        if self._delay_s and any(isinstance(body, TextDelta) for body, _ in spoken):
            await asyncio.sleep(self._delay_s)
        return batch[-1] is not None


async def _pull(
    events: AsyncGenerator[EventBody, None],
    queue: asyncio.Queue[_Timed | None],
    clock: Callable[[], datetime],
) -> None:
    try:
        async with aclosing(events):
            async for body in events:
                await queue.put((body, clock()))
    finally:
        # Finished, failed or cancelled: the reader of the queue must learn that nothing more comes.
        await queue.put(None)


def _empty(queue: asyncio.Queue[_Timed | None]) -> None:
    """Make room for the end, which nobody will read, so that its writer does not wait for ever."""
    while not queue.empty():
        queue.get_nowait()
