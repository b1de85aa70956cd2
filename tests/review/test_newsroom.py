"""The newsroom's queue and decisions: what waits, what was seen, who decided."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from indexing.briefings import BriefingStatus, Category, Source
from indexing.curation_store import SqlCuration
from indexing.repository import IndexedBriefing, SqlBriefings
from tests.indexing.briefings import ROBOTS
from tests.review.conftest import Console
from tests.review.newsroom import (
    DIFFERENT,
    DRAFT,
    NEWSROOM,
    REVISION,
    form_of,
    have,
    kept,
    reported,
)

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)"> [x](javascript:alert(3))'


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/drafts/story-1"),
        ("GET", "/edit/story-1"),
        ("POST", "/edit/story-1"),
        ("POST", "/preview/story-1"),
        ("POST", "/drafts/story-1/publish"),
        ("POST", "/drafts/story-1/reject"),
        ("GET", "/briefings"),
        ("POST", "/briefings/demo-robots/withdraw"),
        ("POST", "/briefings/demo-robots/publish"),
        ("GET", "/feeds"),
        ("POST", "/feeds/fetch"),
    ],
)
async def test_who_is_not_signed_in_signs_in_first(console: Console, method: str, path: str):
    await have(console, DRAFT)

    response = await console.client.request(
        method, NEWSROOM + path, data={"version": "x"} if method == "POST" else None
    )

    assert response.status_code == 303
    assert response.headers["location"] == "/review/sign-in"
    assert (await kept(console, DRAFT.id)).briefing == DRAFT


@pytest.mark.parametrize(
    "path", ["/drafts/story-1/publish", "/drafts/story-1/reject", "/edit/story-1", "/feeds/fetch"]
)
async def test_forms_of_other_sites_are_refused(signed_in: Console, path: str):
    await have(signed_in, DRAFT)

    response = await signed_in.client.post(
        NEWSROOM + path, data={"version": "x"}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert response.status_code == 403
    assert (await kept(signed_in, DRAFT.id)).briefing == DRAFT


async def test_the_queue_says_what_kind_each_draft_is(signed_in: Console):
    await have(signed_in, ROBOTS, DRAFT, REVISION, DIFFERENT)

    page = await signed_in.page(NEWSROOM)

    told = {
        entry.select_one(".entry-title").get_text(): [
            badge.get_text() for badge in entry.select(".entry-main .badge")
        ]
        for entry in page.select(".entry")
    }
    assert told == {
        DRAFT.title: ["New"],
        REVISION.title: ["Revision"],
        DIFFERENT.title: ["New", "Figures differ"],
    }
    assert page.select_one(".tabs .count").get_text() == "3"


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("kind=revision", {REVISION.title}),
        ("kind=differing", {DIFFERENT.title}),
        ("q=counted", {DIFFERENT.title}),
        ("q=nothing-has-this", set()),
        ("category=Security", set()),
        ("kind=gossip&category=none&page=x", {DRAFT.title, REVISION.title, DIFFERENT.title}),
        (f"kind=new&page={'9' * 5000}", {DRAFT.title, DIFFERENT.title}),
    ],
)
async def test_the_queue_is_filtered(signed_in: Console, query: str, titles: set[str]):
    await have(signed_in, ROBOTS, DRAFT, REVISION, DIFFERENT)

    page = await signed_in.page(f"{NEWSROOM}?{query}")

    assert {entry.get_text() for entry in page.select(".entry-title")} == titles


async def test_a_draft_stands_beside_what_was_reported(signed_in: Console):
    await have(signed_in, DIFFERENT)
    await reported(signed_in, DIFFERENT.id)

    page = await signed_in.page(f"{NEWSROOM}/drafts/story-2")

    report = page.select_one(".report")
    assert report.select_one("a")["href"] == "https://robots.example/1"
    assert "Robot Weekly" in report.get_text()
    assert "Robots sort parcels." in report.get_text()
    assert page.select_one(".differ li").get_text() == "One: “40 robots.” Two: “52 robots.”"
    assert "min read" in page.select_one(".as-read").get_text()


async def test_nothing_that_a_feed_says_becomes_markup(signed_in: Console):
    hostile = replace(
        DRAFT,
        title=HOSTILE,
        summary=HOSTILE,
        body=HOSTILE,
        sources=(Source(name=HOSTILE, url="javascript:alert(4)"),),
        tags=(HOSTILE,),
    )
    await have(signed_in, hostile)
    await reported(
        signed_in,
        DRAFT.id,
        title=HOSTILE,
        source=HOSTILE,
        license=HOSTILE,
        url="javascript:alert(5)",
        summary=HOSTILE,
        text=f"{HOSTILE}\n\n{HOSTILE}",
    )

    for path in ("", "/drafts/story-1", "/edit/story-1"):
        page = await signed_in.page(NEWSROOM + path)
        assert {each.get("src") for each in page.select("script")} == {
            "/review/static/console.js",
            "/review/static/newsroom.js",
        }
        assert page.select("img, iframe, [onerror]") == []
        assert not [each for each in page.select("a") if "javascript" in each["href"]]


async def test_a_revision_shows_what_changes(signed_in: Console):
    await have(signed_in, ROBOTS, REVISION)

    page = await signed_in.page(f"{NEWSROOM}/drafts/{REVISION.id}")

    assert "A third paragraph is new." in [each.get_text() for each in page.select("ins")]
    assert "Thirty robots" in page.select_one(".diff dd").get_text()


async def test_a_draft_is_published_and_who_did_it_is_kept(signed_in: Console):
    await have(signed_in, DRAFT)
    form = form_of(await signed_in.page(f"{NEWSROOM}/drafts/story-1"), "/publish")

    response = await signed_in.client.post(f"{NEWSROOM}/drafts/story-1/publish", data=form)

    assert response.status_code == 303
    assert (await kept(signed_in, "story-1")).briefing.status is BriefingStatus.PUBLISHED
    queue = await signed_in.page(response.headers["location"])
    assert DRAFT.title in queue.select_one(".done").get_text()
    assert queue.select(".entry") == []
    page = await signed_in.page(f"{NEWSROOM}/briefings/story-1")
    assert "Mira published" in page.select_one(".history").get_text()
    assert "Being indexed" in page.select_one("#state").get_text()


async def test_a_revision_takes_the_place_of_its_briefing(signed_in: Console):
    await have(signed_in, ROBOTS, REVISION)
    path = f"{NEWSROOM}/drafts/{REVISION.id}"

    await signed_in.client.post(
        f"{path}/publish", data=form_of(await signed_in.page(path), "/publish")
    )

    published = (await kept(signed_in, ROBOTS.id)).briefing
    assert (published.title, published.slug) == (REVISION.title, ROBOTS.slug)
    assert await SqlCuration(signed_in.store.database.engine).drafts() == ()


async def test_a_rejected_draft_can_still_be_found_and_published(signed_in: Console):
    await have(signed_in, DRAFT)
    form = form_of(await signed_in.page(f"{NEWSROOM}/drafts/story-1"), "/reject")
    await signed_in.client.post(f"{NEWSROOM}/drafts/story-1/reject", data=form)

    listed = await signed_in.page(f"{NEWSROOM}/briefings?status=withdrawn")
    assert listed.select_one(".entry .badge").get_text() == "Rejected"
    page = await signed_in.page(f"{NEWSROOM}/briefings/story-1")
    await signed_in.client.post(
        f"{NEWSROOM}/briefings/story-1/publish", data=form_of(page, "/publish")
    )

    assert (await kept(signed_in, "story-1")).briefing.status is BriefingStatus.PUBLISHED


@pytest.mark.parametrize("decision", ["publish", "reject"])
async def test_what_changed_meanwhile_is_shown_before_it_is_decided(
    signed_in: Console, decision: str
):
    await have(signed_in, DRAFT)
    form = form_of(await signed_in.page(f"{NEWSROOM}/drafts/story-1"), f"/{decision}")
    await have(signed_in, replace(DRAFT, title="News came in"))

    response = await signed_in.client.post(f"{NEWSROOM}/drafts/story-1/{decision}", data=form)

    assert response.status_code == 409
    page = BeautifulSoup(response.text, "html.parser")
    assert "after you had opened it" in page.select_one("[role=alert]").get_text()
    assert page.select_one("h1").get_text() == "News came in"
    assert (await kept(signed_in, "story-1")).briefing.status is BriefingStatus.DRAFT


async def test_a_revision_is_not_published_over_a_text_that_nobody_compared(signed_in: Console):
    await have(signed_in, ROBOTS, REVISION)
    path = f"{NEWSROOM}/drafts/{REVISION.id}"
    form = form_of(await signed_in.page(path), "/publish")
    await have(signed_in, replace(ROBOTS, summary="Corrected by hand."))

    response = await signed_in.client.post(f"{path}/publish", data=form)

    assert response.status_code == 409
    assert (await kept(signed_in, ROBOTS.id)).briefing.summary == "Corrected by hand."


async def test_what_a_colleague_has_decided_is_told(signed_in: Console):
    await have(signed_in, DRAFT)
    form = form_of(await signed_in.page(f"{NEWSROOM}/drafts/story-1"), "/publish")
    await signed_in.client.post(f"{NEWSROOM}/drafts/story-1/publish", data=form)

    again = await signed_in.client.post(f"{NEWSROOM}/drafts/story-1/publish", data=form)
    opened = await signed_in.page(f"{NEWSROOM}/drafts/story-1")

    assert again.status_code == 409
    assert "Mira published this draft just now." in opened.get_text()


async def test_a_briefing_is_withdrawn_and_published_again(signed_in: Console):
    await have(signed_in, ROBOTS)
    path = f"{NEWSROOM}/briefings/{ROBOTS.id}"

    await signed_in.client.post(
        f"{path}/withdraw", data=form_of(await signed_in.page(path), "/withdraw")
    )
    withdrawn = await signed_in.page(path)
    assert "Withdrawn" in withdrawn.select_one("#state").get_text()
    assert (await SqlBriefings(signed_in.store.database.engine).page()).total == 0
    await signed_in.client.post(f"{path}/publish", data=form_of(withdrawn, "/publish"))

    assert (await SqlBriefings(signed_in.store.database.engine).page()).total == 1
    history = (await signed_in.page(path)).select_one(".history").get_text(" ")
    assert history.index("published") < history.index("withdrawn")


async def test_a_stale_withdrawal_is_refused(signed_in: Console):
    await have(signed_in, ROBOTS)
    path = f"{NEWSROOM}/briefings/{ROBOTS.id}"
    form = form_of(await signed_in.page(path), "/withdraw")
    await have(signed_in, replace(ROBOTS, category=Category.SCIENCE))

    response = await signed_in.client.post(f"{path}/withdraw", data=form)

    assert response.status_code == 409
    assert (await kept(signed_in, ROBOTS.id)).briefing.status is BriefingStatus.PUBLISHED


async def test_the_list_tells_whether_answers_know_a_briefing(signed_in: Console):
    await have(signed_in, ROBOTS)
    briefings = SqlBriefings(signed_in.store.database.engine)
    before = await signed_in.page(f"{NEWSROOM}/briefings")
    (pending,) = (await briefings.pending()).to_index
    await briefings.mark_indexed(
        [
            IndexedBriefing(
                briefing_id=pending.briefing.id, content_hash=pending.content_hash, chunks=1
            )
        ]
    )
    after = await signed_in.page(f"{NEWSROOM}/briefings?q=robots&category=Robotics")

    assert "Being indexed" in before.select_one(".entry-side").get_text()
    assert "In answers" in after.select_one(".entry-side").get_text()


@pytest.mark.parametrize("path", ["/drafts/none", "/briefings/none", "/edit/none"])
async def test_what_is_not_there_is_a_page_that_says_so(signed_in: Console, path: str):
    response = await signed_in.client.get(NEWSROOM + path)

    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")


async def test_a_draft_among_the_briefings_leads_to_its_page(signed_in: Console):
    await have(signed_in, DRAFT)

    response = await signed_in.client.get(f"{NEWSROOM}/briefings/story-1")

    assert response.headers["location"] == f"{NEWSROOM}/drafts/story-1"
