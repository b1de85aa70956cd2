"""Feeds, sitemap and robots.txt, as machines read them."""

from __future__ import annotations

from xml.etree import ElementTree

from indexing.briefings import Category
from tests.site.conftest import serve
from tests.site.fakes import ROBOT, numbered

CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


async def test_feed_has_the_briefings_newest_first():
    older = numbered(1, category=Category.AI, title="Odd & <older> \x0b one", summary="A \x00 b")
    async with serve(older, ROBOT) as site:
        response = await site.client.get("/feed.xml")

    channel = ElementTree.fromstring(response.content).find("channel")
    assert response.headers["Content-Type"] == "application/rss+xml"
    assert channel.findtext("title") == "JMAC Web"
    assert channel.findtext("link") == "http://site.test/"
    assert channel.findtext("lastBuildDate") == "Fri, 20 Nov 2026 00:00:00 +0000"
    assert [
        (
            item.findtext("title"),
            item.findtext("link"),
            item.findtext("guid"),
            item.findtext("description"),
            item.findtext("category"),
            item.findtext("pubDate"),
        )
        for item in channel.findall("item")
    ] == [
        (
            "A robot waters the plants",
            "http://site.test/briefings/a-robot-waters-the-plants",
            "http://site.test/briefings/a-robot-waters-the-plants",
            "It has not drowned one yet.",
            "Robotics",
            "Fri, 20 Nov 2026 00:00:00 +0000",
        ),
        (
            "Odd & <older>  one",
            "http://site.test/briefings/briefing-1",
            "http://site.test/briefings/briefing-1",
            "A  b",
            "AI",
            "Thu, 19 Nov 2026 00:00:00 +0000",
        ),
    ]
    assert "<strong>greenhouse</strong>" in channel.find("item").findtext(CONTENT)


async def test_category_feed_has_its_category_only():
    async with serve(ROBOT, numbered(1, category=Category.AI)) as site:
        response = await site.client.get("/category/ai/feed.xml")
        page = await site.client.get("/category/ai")

    titles = [each.text for each in ElementTree.fromstring(response.content).iter("title")]
    assert titles == ["JMAC Web: AI", "Briefing number 1"]
    assert 'href="/category/ai/feed.xml"' in page.text


async def test_reader_who_has_the_feed_gets_304_until_it_changes(site):
    first = await site.client.get("/feed.xml")
    by_tag = {"If-None-Match": f'W/{first.headers["ETag"]}, "other"'}
    by_date = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert (await site.client.get("/feed.xml", headers=by_tag)).status_code == 304
    assert (await site.client.get("/feed.xml", headers=by_date)).status_code == 304

    site.clock.advance(minutes=5)
    site.briefings.all.append(numbered(3))

    assert (await site.client.get("/feed.xml", headers=by_tag)).status_code == 200
    assert (await site.client.get("/feed.xml", headers=by_date)).status_code == 200


async def test_unreadable_conditions_are_ignored(site):
    for value in ("yesterday", "", "Fri, 99 Nov 2026 00:00:00 GMT"):
        response = await site.client.get("/feed.xml", headers={"If-Modified-Since": value})
        assert response.status_code == 200


async def test_sitemap_lists_every_page():
    briefings = [numbered(n) for n in range(450)]
    async with serve(*briefings) as site:
        response = await site.client.get("/sitemap.xml")

    addresses = [each.text for each in ElementTree.fromstring(response.content).iter() if each.text]
    assert "http://site.test/category/robotics" in addresses
    assert sum("/briefings/" in each for each in addresses) == 450


async def test_robots_names_the_sitemap(site):
    response = await site.client.get("/robots.txt")

    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Sitemap: http://site.test/sitemap.xml" in response.text
    assert "Disallow: /v1/" in response.text
