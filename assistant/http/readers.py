"""Owns how long a stream may be read: until its reader's credentials would be refused."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta

from assistant.core.events import TurnEvent, TurnStarted
from assistant.http.callers import CallerReader, Owner
from assistant.store.revocations import channel_of
from assistant.streaming.sse import Rejoin
from assistant.streaming.tail import Idle, Tail

RECHECK = timedelta(seconds=1)
"""A stream in the middle of an answer is looked at so often."""

_NEVER = datetime.max.replace(tzinfo=UTC)


class Readers:
    """Follows conversations for readers who must stay entitled to them.

    A customer's data is told in turns that begin after the conversation has become the customer's.
    So what begins a turn, or belongs to none, is only given after a look at the credentials that is
    later than the reading of it.

    Args:
        tail: reads the log.
        callers: knows whether credentials are still good.
        clock: the time, in UTC.
    """

    def __init__(self, tail: Tail, callers: CallerReader, clock: Callable[[], datetime]) -> None:
        self._tail = tail
        self._callers = callers
        self._clock = clock

    async def follow(
        self, owner: Owner, *, after: int, own_turn_id: str | None = None
    ) -> AsyncGenerator[tuple[TurnEvent, ...] | Idle | Rejoin, None]:
        """As `Tail.batches`; ends with `Rejoin` when the credentials are no longer good.

        Args:
            owner: who reads.
            after: number of the last event that is known.
            own_turn_id: a turn that the owner has begun with these very credentials.
        """
        ends_at = _end_of(owner)
        also = () if owner.identity is None else (channel_of(owner.identity.customer_id),)
        checked_at = self._clock()
        tailing = self._tail.batches(
            owner.conversation.id,
            after=after,
            also=also,
            left_s=lambda: (ends_at - self._clock()).total_seconds(),
        )
        async with aclosing(tailing) as batches:
            async for batch in batches:
                is_decisive = _is_decisive(batch, own_turn_id)
                if is_decisive or self._clock() - checked_at >= RECHECK:
                    checked_at = self._clock()
                    if not await self._callers.is_still_owner(owner):
                        yield Rejoin()
                        return
                if self._clock() >= ends_at:
                    yield Rejoin()
                    return
                yield batch

    async def follow_turn(
        self, owner: Owner, turn_id: str, *, after: int
    ) -> AsyncGenerator[Sequence[TurnEvent] | Rejoin, None]:
        """The events of one turn, ending with its terminal event or with `Rejoin`."""
        async with aclosing(self.follow(owner, after=after, own_turn_id=turn_id)) as batches:
            async for batch in batches:
                if isinstance(batch, Rejoin):
                    yield batch
                elif not isinstance(batch, Idle):
                    of_turn = [event for event in batch if event.turn_id == turn_id]
                    if of_turn:
                        yield of_turn
                    if any(event.is_terminal for event in of_turn):
                        return


def _end_of(owner: Owner) -> datetime:
    ends = [owner.visitor.expires_at or _NEVER]
    if owner.identity is not None:
        ends.append(owner.identity.expires_at)
    return min(ends)


def _is_decisive(batch: tuple[TurnEvent, ...] | Idle, own_turn_id: str | None) -> bool:
    if isinstance(batch, Idle):
        return True
    return any(
        event.turn_id is None
        or (isinstance(event.body, TurnStarted) and event.turn_id != own_turn_id)
        for event in batch
    )
