"""A server fetches what is due, in rounds that neither hold it up nor outlive it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from indexing.feed_fetching import FeedOutcome, FeedResult
from indexing.feed_list import Feed
from indexing.feed_watch import FeedWatch
from indexing.settings import IndexingSettings
from tests.indexing.newsroom import Desk, opened_desk

FEEDS = """
[[feeds]]
name = "Robot Weekly"
url = "https://robots.example/feed.xml"
license = "CC0"

[[feeds]]
name = "City Herald"
url = "https://herald.example/feed.xml"
license = "CC0"
"""
URLS = ["https://robots.example/feed.xml", "https://herald.example/feed.xml"]


class Rounds:
    """Carries out rounds as it is told, and remembers them."""

    def __init__(self, work: Callable[[Sequence[Feed]], Awaitable[int]]) -> None:
        self.fetched: list[str] = []
        self.happened = asyncio.Event()
        self._work = work

    async def __call__(self, feeds: Sequence[Feed], listed: Sequence[Feed]) -> int:
        self.fetched += [feed.name for feed in feeds]
        self.happened.set()
        return await self._work(feeds)

    async def wait(self) -> list[str]:
        """Until there is one more; tells the feeds of all so far."""
        async with asyncio.timeout(10):
            await self.happened.wait()
        self.happened.clear()
        return sorted(self.fetched)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path) as opened:
        yield opened


@asynccontextmanager
async def watching(
    desk: Desk, folder: Path, rounds: Rounds | None, *, is_automatic: bool = True
) -> AsyncIterator[FeedWatch]:
    watch = FeedWatch(
        desk.engine,
        IndexingSettings(data_dir=folder),
        is_automatic=is_automatic,
        clock=desk.clock,
        run_round=rounds,
        poll_s=0.01,
    )
    task = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def settled(watch: FeedWatch, holds: Callable[[dict[str, object]], bool]) -> dict:
    """The statuses of both feeds, as soon as something holds of them."""
    async with asyncio.timeout(10):
        while not holds(statuses := await watch.schedule.statuses(URLS)):
            await asyncio.sleep(0.01)
    return statuses


async def fine(feeds: Sequence[Feed]) -> int:
    return 0


async def test_a_list_that_appears_is_fetched_without_a_restart(desk: Desk, tmp_path: Path):
    rounds = Rounds(fine)
    async with watching(desk, tmp_path, rounds):
        (tmp_path / "feeds.toml").write_text(FEEDS)

        assert await rounds.wait() == ["City Herald", "Robot Weekly"]


async def test_two_servers_fetch_each_feed_once(desk: Desk, tmp_path: Path):
    (tmp_path / "feeds.toml").write_text(FEEDS)
    one, other = Rounds(fine), Rounds(fine)
    async with watching(desk, tmp_path, one) as watch, watching(desk, tmp_path, other):
        await settled(watch, lambda found: all(each.due_at for each in found.values()))
        await asyncio.sleep(0.1)

    assert sorted(one.fetched + other.fetched) == ["City Herald", "Robot Weekly"]


async def test_switched_off_only_what_somebody_wants_is_fetched(desk: Desk, tmp_path: Path):
    (tmp_path / "feeds.toml").write_text(FEEDS)
    rounds = Rounds(fine)
    async with watching(desk, tmp_path, rounds, is_automatic=False) as watch:
        await watch.ask(URLS[1:])

        assert await rounds.wait() == ["City Herald"]


async def test_a_round_that_breaks_is_told_of_its_feeds_and_tried_later(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "feeds.toml").write_text(FEEDS)

    async def breaks(feeds: Sequence[Feed]) -> int:
        await watch.schedule.record(FeedOutcome(feed=feeds[0], result=FeedResult.READ))
        return -9

    with caplog.at_level(logging.ERROR):
        async with watching(desk, tmp_path, Rounds(breaks)) as watch:
            found = await settled(watch, lambda found: found[URLS[1]].tried_at is not None)

    assert [found[url].problem for url in URLS] == [
        "",
        "the round ended by signal 9; the log says more",
    ]
    assert "a round of 2 feeds ended by signal 9" in caplog.text


async def test_what_failed_is_in_the_log_and_told_to_whoever_counts(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "feeds.toml").write_text(FEEDS)
    counted: list[tuple[str, bool]] = []

    async def fails(feeds: Sequence[Feed]) -> int:
        for feed in feeds:
            await watch.schedule.record(
                FeedOutcome(feed=feed, result=FeedResult.FAILED, problem="answers 500")
            )
        return 0

    watch = FeedWatch(
        desk.engine,
        IndexingSettings(data_dir=tmp_path),
        is_automatic=True,
        clock=desk.clock,
        run_round=Rounds(fails),
        poll_s=0.01,
        ran=lambda name, ok: counted.append((name, ok)),
    )
    with caplog.at_level(logging.WARNING):
        task = asyncio.create_task(watch.run())
        async with asyncio.timeout(10):
            while not counted:
                await asyncio.sleep(0.01)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    assert counted == [("feeds", True)]
    assert "the feed City Herald failed (1 in a row): answers 500" in caplog.text


async def test_a_list_that_cannot_be_read_is_complained_about_once_and_then_read(
    desk: Desk, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    (tmp_path / "feeds.toml").write_text("[[feeds]]")
    rounds = Rounds(fine)
    with caplog.at_level(logging.ERROR):
        async with watching(desk, tmp_path, rounds):
            await asyncio.sleep(0.1)
            (tmp_path / "feeds.toml").write_text(FEEDS)

            assert await rounds.wait() == ["City Herald", "Robot Weekly"]
    assert caplog.text.count("no feed is fetched") == 1


async def test_stopping_ends_a_round_that_runs(desk: Desk, tmp_path: Path):
    (tmp_path / "feeds.toml").write_text(FEEDS)
    is_ended = asyncio.Event()

    async def never(feeds: Sequence[Feed]) -> int:
        try:
            await asyncio.Event().wait()
        finally:
            is_ended.set()
        return 0

    rounds = Rounds(never)
    async with watching(desk, tmp_path, rounds):
        await rounds.wait()

    assert is_ended.is_set()
    again = Rounds(fine)
    async with watching(desk, tmp_path, again):
        assert await again.wait() == ["City Herald", "Robot Weekly"]


@pytest.mark.slow
async def test_a_round_in_a_process_of_its_own_tells_what_came_of_it(desk: Desk, tmp_path: Path):
    folder = tmp_path / "offline"
    (folder / "robots.example").mkdir(parents=True)
    (folder / "robots.example" / "feed.xml").write_text("<rss version='2.0'><channel/></rss>")
    (tmp_path / "feeds.toml").write_text(FEEDS)
    settings = IndexingSettings(
        data_dir=tmp_path, feeds_folder=folder, database_url=str(_url(desk))
    )
    watch = FeedWatch(desk.engine, settings, is_automatic=True, poll_s=0.01)
    task = asyncio.create_task(watch.run())
    async with asyncio.timeout(60):
        while any(not each.tried_at for each in (await watch.schedule.statuses(URLS)).values()):
            await asyncio.sleep(0.1)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    found = await watch.schedule.statuses(URLS)
    assert [found[url].problem for url in URLS] == [
        "has no entries",
        "is not in the folder that is read instead of the network",
    ]


def _url(desk: Desk) -> str:
    return desk.engine.url.render_as_string(hide_password=False)
