"""The page of feeds: how each fares, in plain words, and fetching one now."""

from __future__ import annotations

from collections import Counter

import pytest

from indexing.feed_fetching import FeedOutcome, FeedResult
from tests.review.conftest import Console
from tests.review.newsroom import FEEDS, NEWSROOM

PAGE = f"{NEWSROOM}/feeds"
URL = "https://robots.example/feed.xml"


@pytest.fixture
async def listed(signed_in: Console) -> Console:
    """With a list of two feeds."""
    signed_in.feeds.settings.feed_list.write_text(FEEDS)
    return signed_in


async def record(console: Console, **outcome: object) -> None:
    feed = console.feeds.listed()[0]
    await console.feeds.schedule.record(FeedOutcome(feed=feed, **outcome))


async def test_without_a_list_the_page_says_how_to_write_one(signed_in: Console):
    page = await signed_in.page(PAGE)

    assert "feeds.toml" in page.select_one(".empty").get_text()
    assert "[[feeds]]" in page.select_one(".example").get_text()


async def test_a_broken_list_is_told_with_the_reason(signed_in: Console):
    signed_in.feeds.settings.feed_list.write_text('[[feeds]]\nname = "<b>Robot</b> Weekly"')

    page = await signed_in.page(PAGE)

    alert = page.select_one("[role=alert]")
    assert "feed <b>Robot</b> Weekly: url: Field required" in alert.get_text()


async def test_a_feed_tells_trust_licence_and_what_came_of_it(listed: Console):
    await record(
        listed,
        result=FeedResult.READ,
        new=2,
        known=3,
        left_out=Counter({"has no title": 4, "there is no date": 1}),
    )
    listed.clock.advance(minutes=10)

    page = await listed.page(PAGE)

    robots, herald = page.select(".feed")
    text = " ".join(robots.get_text(" ").split())
    for told in (
        *("High trust", "CC BY 4.0", "10 minutes ago", "2 new, 5 in all", "in 20 minutes"),
        *("5 left out", "has no title (4)"),
    ):
        assert told in text
    assert "Never fetched" in herald.get_text()


async def test_failures_are_told_and_the_next_round_waits_longer(listed: Console):
    for _ in range(3):
        await record(listed, result=FeedResult.FAILED, problem="answers 500 <b>Broken</b>")

    page = await listed.page(PAGE)

    robots = page.select_one(".feed")
    text = " ".join(robots.get_text(" ").split())
    assert "Failed 3 times in a row" in text
    assert "answers 500 <b>Broken</b>" in text
    assert "in 2 hours" in text


async def test_a_writing_that_failed_is_told(listed: Console):
    await listed.feeds.schedule.record_writing("ValueError: odd")

    page = await listed.page(PAGE)

    assert "could not be written just now: ValueError: odd" in page.get_text()


async def test_fetching_now_is_wanted_once_however_often_it_is_pressed(listed: Console):
    await record(listed, result=FeedResult.UNCHANGED)

    for _ in range(2):
        response = await listed.client.post(f"{PAGE}/fetch", data={"url": URL})
        assert (response.status_code, response.headers["location"]) == (303, PAGE)

    page = await listed.page(PAGE)
    assert page.select_one("#feeds").has_attr("data-busy")
    robots, herald = page.select(".feed")
    assert "Waiting for its turn" in robots.get_text()
    assert robots.select_one("button").has_attr("disabled")
    assert not herald.select_one("button").has_attr("disabled")
    claimed = await listed.feeds.schedule.claim(listed.feeds.listed(), asked_only=True, limit=9)
    assert [feed.url for feed in claimed] == [URL]
    assert await listed.feeds.schedule.claim(claimed, asked_only=True, limit=9) == ()


async def test_all_feeds_can_be_wanted(listed: Console):
    await listed.client.post(f"{PAGE}/fetch")

    claimed = await listed.feeds.schedule.claim(listed.feeds.listed(), asked_only=True, limit=9)
    assert len(claimed) == 2


async def test_only_listed_feeds_are_fetched(listed: Console):
    response = await listed.client.post(f"{PAGE}/fetch", data={"url": "http://169.254.169.254/"})

    assert response.status_code == 404
    assert "not in the list" in response.text
