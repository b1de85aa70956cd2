"""Reads that many want at once are asked once, and never answered with what was on its way."""

from __future__ import annotations

import asyncio

import pytest

from assistant.backends.shared_reads import SharedReads


class Counter:
    """A backend that tells how often it was asked, when it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()

    async def ask(self) -> int:
        self.asked += 1
        number = self.asked
        await self.may_answer.wait()
        return number


async def test_all_who_ask_at_once_share_one_answer():
    reads, backend = SharedReads(), Counter()
    backend.may_answer.set()

    answers = await asyncio.gather(*(reads.read("key", backend.ask) for _ in range(100)))

    assert (set(answers), backend.asked) == ({1}, 1)


async def test_other_questions_are_asked_apart():
    reads, backend = SharedReads(), Counter()
    backend.may_answer.set()

    answers = await asyncio.gather(reads.read("one", backend.ask), reads.read("two", backend.ask))

    assert sorted(answers) == [1, 2]


async def test_who_comes_later_waits_for_an_answer_of_their_own():
    reads, backend = SharedReads(), Counter()
    first = asyncio.create_task(reads.read("key", backend.ask))
    while not backend.asked:
        await asyncio.sleep(0)
    later = [asyncio.create_task(reads.read("key", backend.ask)) for _ in range(3)]
    backend.may_answer.set()

    assert await first == 1
    assert await asyncio.gather(*later) == [2, 2, 2]


async def test_who_gives_up_takes_no_answer_from_the_others():
    reads, backend = SharedReads(), Counter()
    leaving = asyncio.create_task(reads.read("key", backend.ask))
    staying = asyncio.create_task(reads.read("key", backend.ask))
    while not backend.asked:
        await asyncio.sleep(0)
    leaving.cancel()
    backend.may_answer.set()

    assert await staying == 1


async def test_a_failure_is_everybody_s_and_the_next_is_asked_again():
    reads, backend = SharedReads(), Counter()
    backend.may_answer.set()

    async def fail() -> int:
        raise RuntimeError("down")

    failed = await asyncio.gather(
        *(reads.read("key", fail) for _ in range(2)), return_exceptions=True
    )

    assert [str(error) for error in failed] == ["down", "down"]
    assert await reads.read("key", backend.ask) == 1
    with pytest.raises(RuntimeError):
        await reads.read("key", fail)
