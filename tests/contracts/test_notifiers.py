"""The contract of notifiers, within a process and between two over Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from assistant.streaming.notifier import InProcessNotifier, Notifier
from tests.contracts.redis import redis_url
from tests.servers import free_port

LONG_S = 60.0


@pytest.fixture(params=["in-process", "redis"])
async def pair(request) -> AsyncIterator[tuple[Notifier, Notifier]]:
    """Who tells, and who listens: the same process, or two."""
    if request.param == "in-process":
        notifier = InProcessNotifier()
        yield notifier, notifier
        return
    url = redis_url()
    from assistant.streaming.redis_notifier import RedisNotifier

    notifiers = (RedisNotifier(url), RedisNotifier(url))
    for one in notifiers:
        await one.start()
        await one.is_connected.wait()
    yield notifiers
    for one in notifiers:
        await one.close()


async def test_a_reader_is_woken(pair):
    teller, listener = pair
    with listener.subscribe("conv-1") as ear:
        await teller.notify("conv-1")

        assert await ear.wait(LONG_S) is True


async def test_readers_of_another_conversation_sleep_on(pair):
    teller, listener = pair
    with listener.subscribe("conv-1") as ear, listener.subscribe("conv-2") as other:
        await teller.notify("conv-1")
        await ear.wait(LONG_S)

        assert await other.wait(0) is False


async def test_a_reader_is_woken_by_each_of_its_names(pair):
    teller, listener = pair
    with listener.subscribe("conv-1", "signed-out:1", "signed-out:2") as ear:
        for name in ("signed-out:2", "conv-1", "signed-out:1"):
            await teller.notify(name)
            assert await ear.wait(LONG_S) is True


async def test_many_readers_of_one_conversation_are_all_woken(pair):
    teller, listener = pair
    ears = [listener.subscribe("conv-1") for _ in range(20)]
    for ear in ears:
        ear.__enter__()
    await teller.notify("conv-1")

    assert await asyncio.gather(*(ear.wait(LONG_S) for ear in ears)) == [True] * 20
    for ear in ears:
        ear.__exit__()


async def test_a_hundred_conversations_at_once_are_all_told(pair):
    teller, listener = pair
    ears = [listener.subscribe(f"conv-{number}") for number in range(100)]
    for ear in ears:
        ear.__enter__()
    await asyncio.gather(*(teller.notify(f"conv-{number}") for number in range(100)))

    assert all(await asyncio.gather(*(ear.wait(LONG_S) for ear in ears)))
    for ear in ears:
        ear.__exit__()


async def test_while_redis_is_away_readers_here_are_woken_and_others_look_by_themselves():
    pytest.importorskip("redis", reason="the extra 'redis' is not installed")
    from assistant.streaming.redis_notifier import RedisNotifier

    notifier = RedisNotifier(f"redis://127.0.0.1:{free_port()}")
    await notifier.start()
    with notifier.subscribe("conv-1") as ear:
        await notifier.notify("conv-1")
        assert await ear.wait(LONG_S) is True
        # A log that another process writes is looked at within a second, not a minute.
        assert await ear.wait(LONG_S) is True
    await notifier.close()
