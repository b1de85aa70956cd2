"""Owns how long a stream may be read: until its reader's credentials would be refused."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
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
    ) -> AsyncGenerator[TurnEvent | Idle | Rejoin, None]:
        """As `Tail.follow`; ends with `Rejoin` when the credentials are no longer good.

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
                for item in (batch,) if isinstance(batch, Idle) else batch:
                    if self._clock() >= ends_at:
                        yield Rejoin()
                        return
                    yield item

    async def follow_turn(
        self, owner: Owner, turn_id: str, *, after: int
    ) -> AsyncGenerator[TurnEvent | Rejoin, None]:
        """The events of one turn, ending with its terminal event or with `Rejoin`."""
        async with aclosing(self.follow(owner, after=after, own_turn_id=turn_id)) as items:
            async for item in items:
                if isinstance(item, Rejoin):
                    yield item
                elif isinstance(item, TurnEvent) and item.turn_id == turn_id:
                    yield item
                    if item.is_terminal:
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
