"""Fetching again and again, until told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from indexing.feed_list import seconds_of
from indexing.feed_rounds import FeedRound, feed_client, repeat, until_told_to_stop
from indexing.settings import IndexingSettings
from tests.indexing.newsroom import opened_desk


@pytest.mark.parametrize(
    ("duration", "seconds"), [("30m", 1800), ("2 h", 7200), ("90s", 90), ("1D", 86400)]
)
def test_durations_are_read(duration: str, seconds: float) -> None:
    assert seconds_of(duration) == seconds


@pytest.mark.parametrize("duration", ["", "30", "0m", "59s", "-1h", "1.5h", "soon"])
def test_what_is_no_duration_is_refused(duration: str) -> None:
    with pytest.raises(ValueError, match="is no duration of a minute or more, such as 30m or 2h"):
        seconds_of(duration)


async def test_work_is_repeated_and_finished_before_stopping() -> None:
    done: list[int] = []
    stopping = asyncio.Event()

    async def work() -> None:
        if len(done) == 2:
            stopping.set()
        await asyncio.sleep(0)
        done.append(len(done))

    await repeat(work, every_s=0, stopping=stopping)

    assert done == [0, 1, 2]


async def test_waiting_ends_at_once_when_told_to_stop() -> None:
    async with until_told_to_stop() as stopping:

        async def work() -> None:
            os.kill(os.getpid(), signal.SIGTERM)

        await repeat(work, every_s=3600, stopping=stopping)

    assert stopping.is_set()


async def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    settings = IndexingSettings(data_dir=tmp_path)
    async with opened_desk(tmp_path) as desk, feed_client(settings) as client:
        writing = FeedRound(
            engine=desk.engine,
            settings=settings,
            embedder=desk.embedder,
            client=client,
            clock=desk.clock,
        )
        assert await desk.store.lease("stories", holder="other", for_s=60)
        busy = await writing.write([])
        await desk.store.release("stories", holder="other")
        free = await writing.write([])

    assert busy is None
    assert free is not None
