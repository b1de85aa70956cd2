"""The wake-up of readers in one process."""

from __future__ import annotations

import asyncio

import pytest

from assistant.streaming.notifier import InProcessNotifier


async def test_whoever_listens_is_woken_and_others_are_not():
    notifier = InProcessNotifier()
    with (
        notifier.subscribe("conv-1") as first,
        notifier.subscribe("conv-1") as second,
        notifier.subscribe("conv-2") as other,
    ):
        await notifier.notify("conv-1")

        assert [await ear.wait(0) for ear in (first, second, other)] == [True, True, False]
        assert await first.wait(0) is False


async def test_what_is_notified_before_the_wait_is_not_missed():
    notifier = InProcessNotifier()
    with notifier.subscribe("conv-1") as ear:
        await notifier.notify("conv-1")
        await notifier.notify("conv-1")

        assert await ear.wait(60) is True
        assert await ear.wait(0) is False


async def test_a_reader_that_waits_is_woken():
    notifier = InProcessNotifier()
    with notifier.subscribe("conv-1") as ear:
        waiting = asyncio.create_task(ear.wait(60))
        await asyncio.sleep(0)
        await notifier.notify("conv-1")

        assert await waiting is True


async def test_a_cancelled_wait_is_cancelled_even_when_it_is_woken_at_the_same_time():
    notifier = InProcessNotifier()
    with notifier.subscribe("conv-1") as ear:
        waiting = asyncio.create_task(ear.wait(60))
        await asyncio.sleep(0)
        await notifier.notify("conv-1")
        waiting.cancel()

        with pytest.raises(asyncio.CancelledError):
            await waiting


async def test_nothing_is_kept_of_readers_that_have_gone():
    notifier = InProcessNotifier()
    with notifier.subscribe("conv-1"), notifier.subscribe("conv-1", "signed-out:1"):
        assert set(notifier._events) == {"conv-1", "signed-out:1"}
    await notifier.notify("conv-1")

    assert dict(notifier._events) == {}
