"""Feeds are fetched into SQL: once each, politely, and only what their terms allow."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from indexing.feed_fetching import FeedResult
from indexing.feed_store import KeptItem
from tests.indexing.feed_server import Answer, FeedServer, item, rss, serving
from tests.indexing.newsroom import Desk, feed, opened_desk

PARAGRAPH = (
    "Forty robots made by Pace Robotics have begun to sort parcels at a warehouse in Berlin, and "
    "the trial of the parcel company will last for six months, its spokeswoman said on Friday."
)
PAGE = (
    "<html><head><title>Robots</title><link rel='canonical' href='/real'>"
    "<meta property='article:published_time' content='2026-03-13T10:00:00Z'></head><body>"
    "<nav><a href='/'>Home</a> <a href='/news'>News</a></nav><article><h1>Robots</h1>"
    f"{f'<p>{PARAGRAPH}</p>' * 1}<p>The robots stand in four rows and work by night only.</p>"
    "<p>Nobody is to lose a job, the company says, as many places cannot be filled.</p></article>"
    "<footer>All rights reserved</footer></body></html>"
)
HTML = {"content-type": "text/html; charset=utf-8"}


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with serving() as running:
        yield running


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened_desk(tmp_path) as opened:
        yield opened


async def kept(desk: Desk) -> list[KeptItem]:
    return await desk.store.recent(timedelta(days=3650), None, vector_model="none")


async def test_each_feed_has_its_own_outcome(desk: Desk, server: FeedServer) -> None:
    fine = server.feed("/fine", rss(item("a", "One", "x"), item("b", "Two", "y")), etag='"1"')
    desk.feeds = [
        feed("Fine", fine),
        feed("Gone", server.give("/gone", Answer(status=410))),
        feed("Page", server.give("/page", Answer(b"<html></html>", headers=HTML))),
        feed("German", server.feed("/de", rss(item("a", "Eins", "x"), language="de-DE"))),
        feed("Empty", server.feed("/empty", rss())),
    ]

    first = await desk.fetch()
    second = await desk.fetch()

    assert [(out.result, out.new, out.problem) for out in first] == [
        (FeedResult.READ, 2, ""),
        (FeedResult.FAILED, 0, "answers 410 Gone"),
        (FeedResult.FAILED, 0, "is a web page, not a feed"),
        (FeedResult.FAILED, 0, "is in the language 'de-DE'; Heidi writes from English"),
        (FeedResult.READ, 0, "has no entries"),
    ]
    assert second[0].result is FeedResult.UNCHANGED
    assert {found.title for found in await kept(desk)} == {"One", "Two"}


async def test_known_items_are_not_new_and_changed_ones_are_noticed(
    desk: Desk, server: FeedServer
) -> None:
    url = server.feed("/a", rss(item("a", "One", "x"), item("b", "Two", "y")))
    desk.feeds = [feed("A", url)]
    await desk.fetch()
    server.feed(
        "/a", rss(item("a", "One", "x"), item("b", "Two", "corrected"), item("c", "Three", "z"))
    )

    (outcome,) = await desk.fetch()

    assert (outcome.new, outcome.changed, outcome.known) == (1, 1, 1)
    assert {found.text for found in await kept(desk)} == {"x", "corrected", "z"}


async def test_the_article_is_fetched_where_the_terms_allow_it(
    desk: Desk, server: FeedServer
) -> None:
    page = server.give("/page?utm_source=f", Answer(PAGE.encode(), headers=HTML))
    server.give("/page", Answer(PAGE.encode(), headers=HTML))
    text = rss(item("a", "Robots", "In short.", date="", link=page))
    desk.feeds = [feed("Full", server.feed("/full", text), use="full")]
    await desk.fetch()

    (full,) = await kept(desk)

    assert (full.url, full.canonical) == (f"{server.url}/real", f"{server.url[7:]}/real")
    assert full.text.count("Pace Robotics") == 1
    assert "Home" not in full.text
    assert full.moment == datetime(2026, 3, 13, 10, tzinfo=UTC)
    await desk.fetch()
    assert server.paths() == ["/full", "/robots.txt", "/page", "/full"]


async def test_summary_terms_take_no_article_and_cut_what_is_long(
    desk: Desk, server: FeedServer
) -> None:
    long = f"{PARAGRAPH} " * 9
    text = rss(item("a", "Robots", long, link=f"{server.url}/page"))
    desk.feeds = [feed("Short", server.feed("/short", text))]

    await desk.fetch()

    (found,) = await kept(desk)
    assert server.paths() == ["/short"]
    assert found.text == found.summary == " ".join([PARAGRAPH] * 3)


async def test_pages_that_programs_may_not_read_are_left_alone(
    desk: Desk, server: FeedServer
) -> None:
    server.give("/robots.txt", Answer(b"User-agent: *\nDisallow: /page"))
    text = rss(item("a", "Robots", "In short.", link=f"{server.url}/page"))
    desk.feeds = [feed("Full", server.feed("/full", text), use="full")]

    await desk.fetch()

    (found,) = await kept(desk)
    assert found.text == "In short."
    assert server.paths() == ["/full", "/robots.txt"]


async def test_old_undated_and_surplus_items_are_left_out_with_reasons(
    desk: Desk, server: FeedServer
) -> None:
    text = rss(
        item("a", "New", "x", date="Sun, 15 Mar 2026 09:00:00 GMT"),
        item("b", "Newer", "x", date="Sun, 15 Mar 2026 10:00:00 GMT"),
        item("c", "Old", "x", date="Fri, 14 Mar 2025 09:00:00 GMT"),
        item("d", "Undated", "x", date=""),
    )
    desk.feeds = [feed("A", server.feed("/a", text), max_items=3)]

    (outcome,) = await desk.fetch()

    assert outcome.left_out == Counter({"is not among the newest 3": 1, "is older than 30 days": 1})
    assert {found.title for found in await kept(desk)} == {"New", "Newer"}


async def test_what_appears_without_a_date_is_new_and_keeps_that_day(
    desk: Desk, server: FeedServer
) -> None:
    url = server.feed("/a", rss(item("a", "Before", "x", date="")))
    desk.feeds = [feed("A", url)]
    (first,) = await desk.fetch()
    desk.now += timedelta(hours=1)
    server.feed("/a", rss(item("a", "Before", "x", date=""), item("b", "Since", "x", date="")))

    await desk.fetch()
    desk.now += timedelta(hours=1)
    await desk.fetch()

    assert first.left_out == Counter({"there is no date": 1})
    found = {entry.title: entry.moment for entry in await kept(desk)}
    assert found["Since"] == desk.now - timedelta(hours=1)


async def test_a_feed_that_another_process_fetches_is_left_to_it(
    desk: Desk, server: FeedServer
) -> None:
    url = server.feed("/a", rss(item("a", "One", "x")))
    desk.feeds = [feed("A", url)]
    assert await desk.store.lease(url, holder="other", for_s=60)

    (busy,) = await desk.fetch()
    desk.now += timedelta(seconds=61)
    (late,) = await desk.fetch()

    assert (busy.result, late.result) == (FeedResult.BUSY, FeedResult.READ)
    assert server.paths() == ["/a"]


async def test_of_many_that_want_a_feed_one_gets_it(desk: Desk) -> None:
    taken = await asyncio.gather(
        *(desk.store.lease("u", holder=str(number), for_s=60) for number in range(20))
    )
    await desk.store.release("u", holder="nobody")

    assert sum(taken) == 1
    assert not await desk.store.lease("u", holder="late", for_s=60)
    await desk.store.release("u", holder=str(taken.index(True)))
    assert await desk.store.lease("u", holder="late", for_s=60)


async def test_a_failed_feed_is_fetched_again_and_keeps_what_it_had(
    desk: Desk, server: FeedServer
) -> None:
    url = server.feed("/a", rss(item("a", "One", "x")))
    desk.feeds = [feed("A", url)]
    await desk.fetch()
    server.give("/a", Answer(b"<html></html>", headers=HTML))
    (broken,) = await desk.fetch()
    server.feed("/a", rss(item("a", "One", "x"), item("b", "Two", "x")))

    (mended,) = await desk.fetch()

    assert broken.result is FeedResult.FAILED
    assert (mended.new, mended.known) == (1, 1)
