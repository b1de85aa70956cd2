"""Tailing: every event once and in order, whatever the order of appends, reads and wake-ups."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.events import TextDelta, TurnEvent
from assistant.streaming.notifier import InProcessNotifier
from assistant.streaming.tail import POLL_S, REPLAY_BATCH, Idle, Tail
from tests.chat_store import NOW, deltas, open_chat_store
from tests.chat_store import conversation as new_conversation
from tests.events import AT, event
from tests.fakes_agent import completed


class ListLog:
    """A log in a list; reading takes as many turns of the loop as it is told."""

    def __init__(self, pauses: list[int] | None = None) -> None:
        self.events: list[TurnEvent] = []
        self._pauses = iter(pauses or [])
        self.reads: list[int] = []

    def append(self, count: int) -> None:
        for _ in range(count):
            number = len(self.events) + 1
            self.events.append(event(TextDelta(text=str(number)), number))

    async def read(self, _conversation_id: str, *, after: int, limit: int) -> tuple[TurnEvent, ...]:
        for _ in range(next(self._pauses, 0)):
            await asyncio.sleep(0)
        found = tuple(entry for entry in self.events if entry.seq > after)[:limit]
        self.reads.append(len(found))
        for _ in range(next(self._pauses, 0)):
            await asyncio.sleep(0)
        return found


class UnreliableNotifier(InProcessNotifier):
    """Its readers wake up without reason, and not always with one."""

    def __init__(self, wakings: list[bool]) -> None:
        super().__init__()
        self._wakings = iter(wakings)

    def subscribe(self, conversation_id: str) -> UnreliableNotifier:
        return self

    def __enter__(self) -> UnreliableNotifier:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    async def wait(self, timeout_s: float) -> bool:
        await asyncio.sleep(0)
        return next(self._wakings, True)


@given(
    after=st.integers(0, 12),
    before=st.integers(0, 12),
    appends=st.lists(st.tuples(st.integers(0, 4), st.integers(1, 5)), max_size=8),
    pauses=st.lists(st.integers(0, 3), max_size=20),
    wakings=st.lists(st.booleans(), max_size=20),
)
def test_a_tail_gives_every_event_once_and_in_order(after, before, appends, pauses, wakings):
    total = before + sum(count for _, count in appends)
    after = min(after, before)
    log = ListLog(pauses)
    log.append(before)

    async def scenario() -> list[int]:
        tail = Tail(log, UnreliableNotifier(wakings))
        seen, _ = await asyncio.gather(take(tail, after, total), write(log, appends))
        return seen

    assert asyncio.run(scenario()) == list(range(after + 1, total + 1))


async def take(tail: Tail, after: int, last: int) -> list[int]:
    """The numbers that the tail gives until the last one has come."""
    seen: list[int] = []
    async with aclosing(tail.follow("conv-1", after=after)) as items:
        async for item in items:
            if isinstance(item, TurnEvent):
                seen.append(item.seq)
            if after + len(seen) >= last:
                break
    return seen


async def write(log: ListLog, appends: list[tuple[int, int]]) -> None:
    """Append so many events after so many turns of the loop, one after another."""
    for wait, count in appends:
        for _ in range(wait):
            await asyncio.sleep(0)
        log.append(count)


async def test_idle_time_counts_polls_without_news_and_starts_again_with_news():
    log = ListLog()
    tail = Tail(log, UnreliableNotifier([False, True, False, False, True, False]))
    seen = []
    async with aclosing(tail.follow("conv-1", after=0)) as items:
        async for item in items:
            seen.append(item.seconds if isinstance(item, Idle) else f"#{item.seq}")
            if len(seen) == 4:
                log.append(1)
            if len(seen) == 7:
                break

    assert seen == [0.0, POLL_S, POLL_S, 2 * POLL_S, "#1", 0.0, POLL_S]


async def test_a_reader_whose_time_is_short_is_woken_when_it_is_over():
    class Recording(UnreliableNotifier):
        waits: ClassVar[list[float]] = []

        async def wait(self, timeout_s: float) -> bool:
            self.waits.append(timeout_s)
            return await super().wait(timeout_s)

    left_s = iter([60.0, 0.5, -1.0])
    tail = Tail(ListLog(), Recording([False, False, False]))
    seen = []
    batches = tail.batches("conv-1", after=0, left_s=lambda: next(left_s))
    async with aclosing(batches) as items:
        async for item in items:
            seen.append(item)
            if len(seen) == 4:
                break

    assert Recording.waits == [POLL_S, 0.5, 0.0]
    assert seen == [Idle(seconds=each) for each in (0.0, POLL_S, POLL_S + 0.5, POLL_S + 0.5)]


async def test_a_long_log_is_read_in_batches():
    log = ListLog()
    log.append(2 * REPLAY_BATCH + 1)
    seen = []
    async with aclosing(Tail(log, UnreliableNotifier([])).follow("conv-1", after=0)) as items:
        async for item in items:
            if isinstance(item, Idle):
                break
            seen.append(item.seq)

    assert seen == list(range(1, 2 * REPLAY_BATCH + 2))
    assert log.reads == [REPLAY_BATCH, REPLAY_BATCH, 1, 0]


async def test_a_closed_tail_listens_no_longer():
    notifier = InProcessNotifier()
    tail = Tail(ListLog(), notifier).follow("conv-1", after=0)
    assert await anext(tail) == Idle(seconds=0.0)
    assert set(notifier._events) == {"conv-1"}

    await tail.aclose()

    assert dict(notifier._events) == {}


async def test_the_tail_of_a_turn_leaves_out_others_and_ends_with_its_turn(tmp_path):
    async with open_chat_store("sqlite", tmp_path) as store:
        await store.conversations.create(new_conversation())
        for turn_id in ("a", "b"):
            await store.log.append("conv-1", turn_id, deltas(turn_id), NOW)
        await store.log.append("conv-1", "a", [completed()], NOW)
        await store.log.append("conv-1", "b", [completed()], NOW)

        seen = [item.seq async for item in store.tail.follow_turn("conv-1", "b", after=0)]

    assert seen == [2, 4]
    assert AT.tzinfo is not None


@pytest.mark.parametrize("readers", [1, 5])
async def test_an_append_reaches_every_reader_at_once(tmp_path, readers):
    async with open_chat_store("sqlite", tmp_path) as store:
        await store.conversations.create(new_conversation())

        async def read() -> list[object]:
            return [item async for item in store.tail.follow_turn("conv-1", "a", after=0)]

        reading = [asyncio.create_task(read()) for _ in range(readers)]
        for body in (*deltas("one", "two"), completed()):
            await store.log.append("conv-1", "a", [body], NOW)
        async with asyncio.timeout(POLL_S / 2):
            seen = await asyncio.gather(*reading)

        kept = list(await store.log.read("conv-1"))
        assert seen == [kept] * readers
