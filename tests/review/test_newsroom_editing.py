"""Editing in the newsroom: nothing that was typed is lost, nobody is overwritten unseen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from indexing.briefings import BriefingStatus, Category, Section, Sentiment
from tests.indexing.briefings import ROBOTS
from tests.review.conftest import Console
from tests.review.newsroom import DRAFT, NEWSROOM, form_of, have, kept

EDIT = f"{NEWSROOM}/edit/story-1"


@pytest.fixture
async def form(signed_in: Console) -> dict[str, str]:
    """The form of a draft, as it is sent unchanged."""
    await have(signed_in, DRAFT)
    return form_of(await signed_in.page(EDIT), "/edit/story-1")


async def test_a_draft_is_edited(signed_in: Console, form: dict[str, str]):
    edited = {
        **form,
        "title": "  Robots   at work ",
        "summary": "They work.",
        "category": "Science",
        "section": "Analysis",
        "sentiment": "negative",
        "tags": "work, robots ,, work",
        "body": "First.\r\n\r\nSecond.\x00",
    }

    response = await signed_in.client.post(EDIT, data=edited)

    assert response.status_code == 303
    assert response.headers["location"] == f"{NEWSROOM}/drafts/story-1"
    assert (await kept(signed_in, "story-1")).briefing == replace(
        DRAFT,
        title="Robots at work",
        summary="They work.",
        category=Category.SCIENCE,
        section=Section.ANALYSIS,
        sentiment=Sentiment.NEGATIVE,
        tags=("work", "robots"),
        body="First.\n\nSecond.",
    )
    page = await signed_in.page(f"{NEWSROOM}/drafts/story-1")
    assert "Mira edited" in page.select_one(".history").get_text()


async def test_saving_what_is_unchanged_is_no_edit(signed_in: Console, form: dict[str, str]):
    response = await signed_in.client.post(EDIT, data=form)

    assert response.status_code == 303
    page = await signed_in.page(f"{NEWSROOM}/drafts/story-1")
    assert page.select_one(".history") is None


async def test_an_edited_briefing_stays_published_under_its_address(signed_in: Console):
    await have(signed_in, ROBOTS)
    path = f"{NEWSROOM}/edit/{ROBOTS.id}"
    form = form_of(await signed_in.page(path), path)

    response = await signed_in.client.post(path, data={**form, "title": "Better"})

    assert response.headers["location"] == f"{NEWSROOM}/briefings/{ROBOTS.id}"
    edited = await kept(signed_in, ROBOTS.id)
    assert edited.briefing == replace(ROBOTS, title="Better")
    assert edited.briefing.status is BriefingStatus.PUBLISHED


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"title": " "}, "title", "The title is empty."),
        ({"title": "x" * 201}, "title", "has 201 characters; at most 200 fit."),
        ({"summary": ""}, "summary", "The summary is empty."),
        ({"body": "\n"}, "body", "The text is empty."),
        ({"body": "x" * 20_001}, "body", "has 20,001 characters"),
        ({"body": "A <b>bold</b> claim"}, "body", "HTML is not shown to readers"),
        ({"category": "Gossip"}, "category", "Choose a category of the list."),
        ({"sentiment": ""}, "sentiment", "Choose a sentiment of the list."),
        ({"tags": ",".join(map(str, range(13)))}, "tags", "At most 12 tags"),
    ],
)
async def test_what_can_not_be_kept_comes_back_as_it_was_typed(
    signed_in: Console, form: dict[str, str], changes: dict[str, str], field: str, reason: str
):
    typed = {**form, "summary": "Typed before it went wrong.", **changes}

    response = await signed_in.client.post(EDIT, data=typed)

    page = BeautifulSoup(response.text, "html.parser")
    assert response.status_code == 422
    assert reason in page.select_one(f"#wrong-{field}").get_text()
    assert page.select_one(f"[name={field}]")["aria-invalid"] == "true"
    shown = form_of(page, "/edit/story-1")
    assert shown["summary"] == typed["summary"]
    assert (await kept(signed_in, "story-1")).briefing == DRAFT


async def test_two_editors_lose_nothing(signed_in: Console, form: dict[str, str]):
    await signed_in.client.post(EDIT, data={**form, "title": "Theirs"})

    refused = await signed_in.client.post(EDIT, data={**form, "title": "Mine", "body": "My text."})

    assert refused.status_code == 409
    page = BeautifulSoup(refused.text, "html.parser")
    assert "Mira edited it just now" in page.select_one(".conflict").get_text()
    assert "Theirs" in page.select_one(".conflict .diff").get_text()
    shown = form_of(page, "/edit/story-1")
    assert (shown["title"], shown["body"]) == ("Mine", "My text.")
    assert (await kept(signed_in, "story-1")).briefing.title == "Theirs"

    saved = await signed_in.client.post(EDIT, data=shown)

    assert saved.status_code == 303
    assert (await kept(signed_in, "story-1")).briefing.title == "Mine"


async def test_a_form_without_its_version_overwrites_nothing(
    signed_in: Console, form: dict[str, str]
):
    response = await signed_in.client.post(EDIT, data={"title": "Mine"})

    assert response.status_code == 409
    assert (await kept(signed_in, "story-1")).briefing == DRAFT


async def test_a_preview_keeps_nothing(signed_in: Console, form: dict[str, str]):
    typed = {**form, "body": "## New\n\n*Emphasis* <script>alert(1)</script>", "preview": "1"}

    whole = await signed_in.client.post(EDIT, data=typed)
    piece = await signed_in.client.post(f"{NEWSROOM}/preview/story-1", data=typed)

    for response in (whole, piece):
        page = BeautifulSoup(response.text, "html.parser")
        assert page.select_one(".prose em").get_text() == "Emphasis"
        assert page.select(".prose script") == []
    assert "<html" not in piece.text
    assert (await kept(signed_in, "story-1")).briefing == DRAFT


async def test_a_form_without_what_it_needs_is_answered_with_a_page(signed_in: Console):
    await have(signed_in, DRAFT)

    for form in ({}, {"version": "x" * 65}):
        response = await signed_in.client.post(f"{NEWSROOM}/drafts/story-1/publish", data=form)

        page = BeautifulSoup(response.text, "html.parser")
        assert (response.status_code, page.h1 is not None) == (422, True)
        assert "version” is missing or too long" in page.get_text()
