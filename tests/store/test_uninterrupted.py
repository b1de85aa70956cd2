"""Work that a cancellation may not cut in two."""

from __future__ import annotations

import asyncio

import pytest

from assistant.store.uninterrupted import uninterrupted


async def test_the_result_is_that_of_the_work():
    async def work() -> int:
        await asyncio.sleep(0)
        return 7

    assert await uninterrupted(work()) == 7


async def test_an_error_is_that_of_the_work():
    async def work() -> None:
        raise ValueError("disk full")

    with pytest.raises(ValueError, match="disk full"):
        await uninterrupted(work())


@pytest.mark.parametrize("cancellations", [1, 2, 5])
async def test_however_often_it_is_cancelled_the_work_ends_first(cancellations):
    gate, steps = asyncio.Event(), []

    async def work() -> None:
        steps.append("begun")
        await gate.wait()
        steps.append("ended")

    caller = asyncio.create_task(uninterrupted(work()))
    for _ in range(cancellations):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        caller.cancel()
    gate.set()

    with pytest.raises(asyncio.CancelledError):
        await caller
    assert steps == ["begun", "ended"]


async def test_a_cancelled_caller_learns_why_the_work_failed():
    gate = asyncio.Event()

    async def work() -> None:
        await gate.wait()
        raise ValueError("disk full")

    caller = asyncio.create_task(uninterrupted(work()))
    await asyncio.sleep(0)
    caller.cancel()
    gate.set()

    with pytest.raises(asyncio.CancelledError) as caught:
        await caller
    assert isinstance(caught.value.__cause__, ValueError)
