"""When feeds are due, who gets them, and how long a failing one waits."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from indexing.feed_fetching import FeedOutcome, FeedResult
from indexing.feed_list import Feed
from indexing.feed_schedule import WRITING, FeedStatus, SqlFeedSchedule
from tests.indexing.newsroom import Desk, feed, opened_desk

ROBOTS = feed("Robot Weekly", "https://robots.example/feed.xml", every="30m")
HERALD = feed("City Herald", "https://herald.example/feed.xml", every="2d")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
def schedule(desk: Desk) -> SqlFeedSchedule:
    return SqlFeedSchedule(desk.engine, desk.clock)


async def claimed(
    schedule: SqlFeedSchedule, *, asked_only: bool = False, limit: int = 9
) -> list[str]:
    found = await schedule.claim([ROBOTS, HERALD], asked_only=asked_only, limit=limit)
    return sorted(each.name for each in found)


def ended(fed: Feed = ROBOTS, result: FeedResult = FeedResult.READ, **more: object) -> FeedOutcome:
    return FeedOutcome(feed=fed, result=result, **more)


async def test_a_feed_that_was_never_fetched_is_due_and_claimed_once(schedule: SqlFeedSchedule):
    assert await claimed(schedule, limit=1) == ["Robot Weekly"]
    assert await claimed(schedule) == ["City Herald"]
    assert await claimed(schedule) == []


async def test_of_many_who_claim_at_once_one_gets_a_feed(schedule: SqlFeedSchedule):
    found = await asyncio.gather(*(claimed(schedule) for _ in range(6)))

    assert sorted(name for names in found for name in names) == ["City Herald", "Robot Weekly"]


async def test_what_a_claimer_leaves_is_due_again_after_a_while(
    desk: Desk, schedule: SqlFeedSchedule
):
    await claimed(schedule)
    desk.now += timedelta(minutes=14)
    assert await claimed(schedule) == []
    desk.now += timedelta(minutes=1)

    assert await claimed(schedule) == ["City Herald", "Robot Weekly"]


async def test_each_feed_has_its_own_interval(desk: Desk, schedule: SqlFeedSchedule):
    await schedule.record(ended(ROBOTS))
    await schedule.record(ended(HERALD, FeedResult.UNCHANGED))
    desk.now += timedelta(minutes=29)
    assert await claimed(schedule) == []
    desk.now += timedelta(minutes=1)

    assert await claimed(schedule) == ["Robot Weekly"]


async def test_failures_double_the_pause_up_to_a_day_and_one_success_ends_it(
    desk: Desk, schedule: SqlFeedSchedule
):
    pauses = []
    for _ in range(9):
        await schedule.record(ended(result=FeedResult.FAILED, problem="answers 500"))
        status = (await schedule.statuses([ROBOTS.url]))[ROBOTS.url]
        assert status.due_at is not None
        pauses.append((status.due_at - desk.now).total_seconds() / 60)

    assert pauses == [30, 60, 120, 240, 480, 960, 1440, 1440, 1440]
    assert status.failures == 9
    await schedule.record(ended())
    status = (await schedule.statuses([ROBOTS.url]))[ROBOTS.url]
    assert (status.failures, status.due_at) == (0, desk.now + timedelta(minutes=30))


async def test_a_pause_that_is_longer_than_a_day_stays(desk: Desk, schedule: SqlFeedSchedule):
    await schedule.record(ended(HERALD, FeedResult.FAILED, problem="answers 500"))

    status = (await schedule.statuses([HERALD.url]))[HERALD.url]
    assert status.due_at == desk.now + timedelta(days=2)


async def test_what_came_of_a_round_is_kept(desk: Desk, schedule: SqlFeedSchedule):
    await schedule.record(
        ended(
            new=1, changed=2, known=3, left_out=Counter({"has no title": 2}), moved_to="https://n"
        )
    )

    status = (await schedule.statuses([ROBOTS.url]))[ROBOTS.url]
    assert status == FeedStatus(
        tried_at=desk.now,
        due_at=desk.now + timedelta(minutes=30),
        result="read",
        new=1,
        changed=2,
        known=3,
        left_out={"has no title": 2},
        moved_to="https://n",
    )
    assert (status.found, status.rejected) == (6, 2)


async def test_a_feed_that_another_process_had_is_left_to_it(schedule: SqlFeedSchedule):
    await schedule.record(ended(result=FeedResult.BUSY))

    assert (await schedule.statuses([ROBOTS.url]))[ROBOTS.url] == FeedStatus()


async def test_what_somebody_wants_comes_first_and_only_that_where_nothing_runs_by_itself(
    desk: Desk, schedule: SqlFeedSchedule
):
    await schedule.record(ended(HERALD))
    await schedule.ask([HERALD.url])
    await schedule.ask([HERALD.url])

    assert (await schedule.statuses([HERALD.url]))[HERALD.url].is_asked
    assert await claimed(schedule, limit=1) == ["City Herald"]
    assert await claimed(schedule, asked_only=True) == []
    await schedule.record(ended(HERALD))
    assert not (await schedule.statuses([HERALD.url]))[HERALD.url].is_asked


async def test_a_feed_that_is_being_fetched_is_not_claimed(desk: Desk, schedule: SqlFeedSchedule):
    await desk.store.lease(ROBOTS.url, holder="other", for_s=60)

    assert (await schedule.statuses([ROBOTS.url]))[ROBOTS.url].is_running
    assert await claimed(schedule) == ["City Herald"]


async def test_why_drafts_could_not_be_written_is_kept(schedule: SqlFeedSchedule):
    await schedule.record_writing("ValueError: odd")
    failed = (await schedule.statuses([WRITING]))[WRITING]
    await schedule.record_writing("")
    fine = (await schedule.statuses([WRITING]))[WRITING]

    assert (failed.has_failed, failed.problem) == (True, "ValueError: odd")
    assert (fine.has_failed, fine.problem) == (False, "")
