"""Every page of the site, as a browser asks for it."""

from __future__ import annotations

import json
import re

import pytest
from bs4 import BeautifulSoup

from indexing.briefings import Category, Section, Sentiment
from tests.site.conftest import Site, serve
from tests.site.fakes import ROBOT, numbered

PAGES = (
    "/",
    "/briefings",
    "/category/robotics",
    "/briefings/a-robot-waters-the-plants",
    "/search",
    "/search?q=robot",
    "/search?q=xylophone",
    "/about",
    "/sign-in",
    "/sign-in?next=/about",
)


def texts(page: BeautifulSoup, selector: str) -> list[str]:
    return [" ".join(each.get_text(" ").split()) for each in page.select(selector)]


async def soup(site: Site, path: str) -> BeautifulSoup:
    response = await site.client.get(path)
    assert response.status_code == 200, response.text
    return BeautifulSoup(response.text, "lxml")


@pytest.mark.parametrize("path", PAGES)
async def test_page_is_complete_and_has_nothing_inline_or_from_elsewhere(site, path):
    response = await site.client.get(path)
    page = BeautifulSoup(response.text, "lxml")

    assert response.status_code == 200
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert len(page.select("h1")) == 1
    assert page.select_one("main#content") is not None
    assert page.select_one("a.skip")["href"] == "#content"
    assert page.select("[style], style, [onclick], [onload]") == []
    inline = [each for each in page.select("script:not([src])")]
    assert [each["type"] for each in inline] in ([], ["application/ld+json"])
    loaded = [each["src"] for each in page.select("script[src], img[src]")]
    loaded += [each["href"] for each in page.select("link[rel=stylesheet], link[rel=icon]")]
    assert [address for address in loaded if not address.startswith("/")] == []
    assert page.select_one('script[src="/widget/heidi.js"]')["data-sign-in-url"] == "/sign-in"
    assert page.select_one('link[type="application/rss+xml"]')["href"] == "/feed.xml"


@pytest.mark.parametrize("path", PAGES)
async def test_page_answers_head(site, path):
    assert (await site.client.head(path)).status_code == 200


async def test_briefing_page_shows_everything_a_reader_wants_to_know(site):
    page = await soup(site, ROBOT.path)

    assert page.title.string == "A robot waters the plants – JMAC Web"
    assert texts(page, "h1") == ["A robot waters the plants"]
    assert texts(page, ".standfirst") == ["It has not drowned one yet."]
    assert texts(page, ".badges > *") == ["Robotics", "News", "Positive"]
    assert texts(page, ".briefing .crumbs li") == ["Front page", "Robotics", ROBOT.title]
    assert texts(page, ".byline > *") == [
        "By Heidi",
        "20 November 2026",
        "1 min read · 20 words",
        "1 view",
    ]
    assert texts(page, ".prose strong") == ["greenhouse"]
    assert texts(page, ".sources li") == ["The Greenhouse greenhouse.example"]
    source = page.select_one(".sources a")
    assert (source["href"], source["rel"]) == (
        "https://www.greenhouse.example/robot",
        ["noopener", "noreferrer"],
    )
    assert texts(page, ".author-card p") == [
        "by Heidi",
        "JMAC Web's AI news curator, turning trusted industry sources into concise, practical "
        "briefings for technology leaders and builders.",
        "How Heidi works",
    ]
    assert page.select_one('link[rel="canonical"]')["href"] == f"http://site.test{ROBOT.path}"
    assert page.select_one('meta[property="og:title"]')["content"] == ROBOT.title


async def test_briefing_page_shares_by_plain_links(site):
    page = await soup(site, ROBOT.path)
    address = "http%3A%2F%2Fsite.test%2Fbriefings%2Fa-robot-waters-the-plants"

    assert [each["href"] for each in page.select(".share a")] == [
        f"https://x.com/intent/post?text=A+robot+waters+the+plants&url={address}",
        f"https://www.linkedin.com/sharing/share-offsite/?url={address}",
        f"https://www.facebook.com/sharer/sharer.php?u={address}",
        f"mailto:?subject=A%20robot%20waters%20the%20plants&body={address}",
    ]
    assert page.select_one("[data-copy]")["data-copy"] == f"http://site.test{ROBOT.path}"


async def test_briefing_page_tells_search_engines_what_it_is(site):
    page = await soup(site, ROBOT.path)

    article = json.loads(page.select_one('script[type="application/ld+json"]').string)

    assert article["@type"] == "NewsArticle"
    assert article["headline"] == ROBOT.title
    assert article["datePublished"] == "2026-11-20"
    assert article["wordCount"] == ROBOT.words


async def test_hostile_title_stays_text_everywhere():
    title = "</script><script>alert(1)</script> & <img src=x onerror=alert(2)>"
    hostile = numbered(1, title=title, summary=title, tags=(title,))
    async with serve(hostile, ROBOT) as site:
        for path in ("/", "/briefings", hostile.path, "/search?q=script", ROBOT.path):
            response = await site.client.get(path)
            page = BeautifulSoup(response.text, "lxml")
            assert "<script>alert" not in response.text
            assert "<img src=x" not in response.text
            assert page.select("[onerror]") == []
        page = await soup(site, hostile.path)
        article = json.loads(page.select_one('script[type="application/ld+json"]').string)
        assert article["headline"] == title


async def test_source_with_a_script_address_is_no_link():
    source = ROBOT.sources[0]
    from dataclasses import replace

    hostile = replace(ROBOT, sources=(replace(source, url="javascript:alert(1)"),))
    async with serve(hostile) as site:
        page = await soup(site, hostile.path)
        assert texts(page, ".sources li") == ["The Greenhouse"]
        assert page.select(".sources a") == []


async def test_front_page_leads_with_the_newest_and_repeats_nothing_but_the_most_read():
    briefings = [numbered(n, category=list(Category)[n % 10]) for n in range(40)]
    async with serve(*briefings) as site:
        page = await soup(site, "/")

    assert texts(page, ".lead-title") == ["Briefing number 0"]
    links = [each["href"] for each in page.select("main h2 a, main h3 a")]
    most_read = [each["href"] for each in page.select(".most-read h3 a")]
    once = [each for each in links if each not in most_read]
    assert len(once) == len(set(once))
    assert len(page.select(".latest .card")) == 6
    assert len(page.select(".shelves .shelf")) == 6


async def test_front_page_without_briefings_says_so():
    async with serve() as site:
        page = await soup(site, "/")
        assert texts(page, ".empty h2") == ["No briefings yet"]
        assert (await site.client.get("/feed.xml")).status_code == 200
        assert (await site.client.get("/briefings")).status_code == 200


async def test_lists_are_filtered_and_in_pages():
    briefings = [
        numbered(
            n,
            category=Category.AI if n % 2 else Category.CHIPS,
            section=Section.ANALYSIS if n % 3 == 0 else Section.NEWS,
            sentiment=Sentiment.NEGATIVE if n % 5 == 0 else Sentiment.NEUTRAL,
        )
        for n in range(60)
    ]
    async with serve(*briefings) as site:
        first = await soup(site, "/briefings")
        last = await soup(site, "/briefings?page=5")
        both = await soup(site, "/briefings?category=ai&section=analysis&sentiment=negative")
        category = await soup(site, "/category/ai?page=2")

    assert texts(first, ".filters-count") == ["1–12 of 60 briefings"]
    assert texts(first, ".pages li") == ["1", "2", "…", "5"]
    assert first.select_one('.pages a[rel="next"]')["href"] == "/briefings?page=2"
    assert texts(last, ".filters-count") == ["49–60 of 60 briefings"]
    assert texts(both, ".card-title") == ["Briefing number 15", "Briefing number 45"]
    assert texts(both, ".filters-count") == ["2 briefings"]
    assert texts(category, "h1") == ["AI"]
    assert category.select_one('.pages a[rel="prev"]')["href"] == "/category/ai"


async def test_filters_that_fit_nothing_offer_a_way_out(site):
    page = await soup(site, "/briefings?sentiment=negative")

    assert texts(page, ".empty h2") == ["Nothing fits these filters"]


@pytest.mark.parametrize(
    "path",
    [
        "/briefings/unknown",
        "/category/unknown",
        "/briefings?page=2",
        "/briefings?page=0",
        "/briefings?page=-1",
        "/briefings?page=abc",
        "/briefings?page=99999999999999999999",
        "/briefings?page=²",
        "/briefings?category=unknown",
        "/briefings?sentiment=unknown",
        "/category/robotics?page=9",
        "/category/unknown/feed.xml",
        "/nowhere/at/all",
    ],
)
async def test_address_that_leads_nowhere_gets_a_friendly_page(site, path):
    response = await site.client.get(path)
    page = BeautifulSoup(response.text, "lxml")

    assert response.status_code == 404
    assert texts(page, "h1") == ["There is nothing at this address"]
    assert texts(page, ".card-title") == ["A robot waters the plants"]


async def test_api_clients_get_problems_where_browsers_get_pages(site):
    asked_for_json = await site.client.get("/nowhere", headers={"Accept": "application/json"})
    of_the_api = await site.client.get("/v1/nowhere")

    assert asked_for_json.headers["Content-Type"] == "application/problem+json"
    assert of_the_api.headers["Content-Type"] == "application/problem+json"


async def test_crash_shows_a_page_without_details():
    class BrokenBriefings:
        async def by_slug(self, slug: str) -> None:
            raise RuntimeError("password=hunter2")

    async with serve(briefings=BrokenBriefings()) as site:
        response = await site.client.get("/briefings/anything")

    assert response.status_code == 500
    assert "Something went wrong on our side" in response.text
    assert "hunter2" not in response.text


async def test_an_address_that_cannot_be_right_shows_browsers_a_page():
    async with serve() as site:
        site.app.add_api_route("/numbered", lambda n: n, methods=["GET"])
        page = await site.client.get("/numbered", headers={"Accept": "text/html"})
        other = await site.client.get("/numbered", headers={"Accept": "application/json"})

    assert (page.status_code, "front page" in page.text) == (422, True)
    assert other.status_code == 422
    assert "front page" not in other.text


async def test_search_marks_words_and_escapes_the_rest(site):
    page = await soup(site, "/search?q=robot")

    assert texts(page, ".result h2") == ["A robot waters the plants"]
    assert texts(page, ".result mark") == ["robot"]
    assert page.select_one("#search-field")["value"] == "robot"


async def test_search_without_results_suggests_what_to_do(site):
    page = await soup(site, "/search?q=%3Cb%3Exylophone")

    assert texts(page, ".no-results h2") == ["Nothing in our briefings for “<b>xylophone”"]
    assert texts(page, ".rows .row-title") == ["A robot waters the plants"]
    assert page.select_one(".no-results [data-ask]")["data-ask"] == "<b>xylophone"


@pytest.mark.parametrize(
    "query", ["%00%01", "%20", "a" * 5000, "%F0%9F%A4%96", "%FF", "%25_%27%22"]
)
async def test_search_survives_odd_queries(site, query):
    assert (await site.client.get(f"/search?q={query}")).status_code == 200


async def test_search_asks_the_ranked_search_when_there_is_one():
    asked = []

    async def search(text, limit):
        asked.append((text, limit))
        return [(ROBOT, "The robot <rolls> every morning")]

    async with serve(ROBOT, search=search) as site:
        page = await soup(site, "/search?q=rolling++robot")

    assert asked == [("rolling robot", 24)]
    assert texts(page, ".snippet") == ["The robot <rolls> every morning"]


async def test_a_tag_for_machines_is_no_topic_for_readers():
    briefing = numbered(1, tags=("update:demo-robot", "plants"))
    async with serve(briefing) as site:
        page = (await site.client.get(briefing.path)).text

    assert "update:demo-robot" not in page
    assert "More about plants" in page


async def test_related_briefings_share_tags_before_category():
    by_tag = numbered(9, category=Category.WORK, tags=("plants",), title="By tag")
    by_category = numbered(2, tags=(), title="By category")
    newest = numbered(1, category=Category.WORK, tags=(), title="Newest")
    neither = numbered(30, category=Category.WORK, tags=(), title="Neither")
    async with serve(ROBOT, by_tag, by_category, newest, neither) as site:
        page = await soup(site, ROBOT.path)

    assert texts(page, ".shelf .card-title") == ["By tag", "By category", "Newest"]


async def test_questions_for_heidi_lead_to_the_search_without_script(site):
    page = await soup(site, ROBOT.path)
    asks = {each.get_text(): each for each in page.select(".ask-card [data-ask]")}

    assert {label: each["data-ask"] for label, each in asks.items()} == {
        "What are the key points?": "What are the key points of “A robot waters the plants”?",
        "Latest on Robotics": "What is the latest news on Robotics?",
        "More about plants": "What do the briefings say about plants?",
    }
    assert asks["Latest on Robotics"]["href"] == (
        "/search?q=What+is+the+latest+news+on+Robotics%3F"
    )


async def test_static_files_are_kept_for_ever_by_their_version(site):
    page = await soup(site, "/")
    address = page.select_one('link[rel="stylesheet"]')["href"]

    versioned = await site.client.get(address)
    plain = await site.client.get("/static/site.css")

    assert re.fullmatch(r"/static/site\.css\?v=[0-9a-f]{10}", address)
    assert versioned.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain.headers["Cache-Control"] == "public, no-cache"
    assert plain.headers["ETag"] == versioned.headers["ETag"]


async def test_every_label_is_readable_on_its_page(site):
    """No image without a text alternative, no field without a label, no empty link or button."""
    for path in PAGES:
        page = await soup(site, path)
        assert [each for each in page.select("img") if not each.has_attr("alt")] == []
        labelled = {each.get("for") for each in page.select("label")}
        for field in page.select("input:not([type=hidden]), select"):
            assert field.get("id") in labelled or field.find_parent("label") is not None
        for control in page.select("a, button"):
            assert control.get_text(strip=True) or control.get("aria-label"), control


async def test_the_bubble_is_sent_compressed_and_once(site):
    first = await site.client.get("/widget/heidi.js", headers={"Accept-Encoding": "gzip"})
    known = {"If-None-Match": first.headers["etag"], "Accept-Encoding": "gzip"}
    plain = await site.client.get("/widget/heidi.js", headers={"Accept-Encoding": "identity"})

    assert first.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert first.text == plain.text
    assert (await site.client.get("/widget/heidi.js", headers=known)).status_code == 304
