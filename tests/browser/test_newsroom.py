"""An editor's day in the newsroom: read, edit, publish, take back, and watch a feed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.demo import DEMO_STAFF
from tests.servers import DemoServer

pytestmark = pytest.mark.browser

GRIPPER = "A gripper made of paper lifts 200 times its own weight"
PORT = "Port of Nordhaven puts 40 cargo robots on the night shift"
PLAN = "A ninety-day plan to close the AI skills gap in one team"
FERRIES = "Booking system of four ferry lines fails for six hours"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """A demo of its own, since what is published here changes what Heidi answers."""
    server = DemoServer(tmp_path_factory.mktemp("newsroom"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def newsroom(browser: Browser, server: DemoServer) -> Iterator[Page]:
    """The queue of drafts; nothing may fail in the page."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.set_default_timeout(30_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{server.url}/review/sign-in")
    page.get_by_label("E-mail").fill(DEMO_STAFF)
    page.get_by_label("Password").fill((server.data_dir / "demo-staff-password").read_text())
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Newsroom").click()
    expect(page.get_by_role("heading", name="Drafts")).to_be_visible()
    yield page
    assert errors == []
    context.close()


def decide(page: Page, question: str, sure: str) -> None:
    """Press a button and confirm."""
    page.locator("summary", has_text=question).click()
    page.get_by_role("button", name=sure).click()


def test_a_draft_is_edited_with_a_live_preview_published_and_answered_from(newsroom: Page):
    newsroom.get_by_role("link", name=GRIPPER).click()
    expect(newsroom.get_by_role("heading", name="What publishers reported")).to_be_visible()
    newsroom.get_by_role("link", name="Edit", exact=True).click()
    newsroom.get_by_label("Title").fill("Paper gripper lifts a raw egg")
    newsroom.get_by_label("Text, in Markdown").fill("It weighs **nine grams**.\n\n## Next\n\nWax.")

    shown = newsroom.get_by_label("Preview")
    expect(shown.get_by_role("heading", name="Paper gripper lifts a raw egg")).to_be_visible()
    expect(shown.locator("strong")).to_have_text("nine grams")
    newsroom.get_by_role("button", name="Save").click()
    newsroom.wait_for_url("**/drafts/**")
    decide(newsroom, "Publish…", "Publish it")
    newsroom.locator(".done").get_by_role("link").click()

    expect(newsroom.get_by_text("Answers know this version.")).to_be_visible()
    newsroom.get_by_role("link", name="On the site").click()
    expect(
        newsroom.get_by_role("heading", name="Paper gripper lifts a raw egg").first
    ).to_be_visible()


def test_two_editors_at_once_lose_nothing(newsroom: Page):
    newsroom.get_by_role("link", name=FERRIES).click()
    newsroom.get_by_role("link", name="Edit", exact=True).click()
    colleague = newsroom.context.new_page()
    colleague.goto(newsroom.url)
    colleague.get_by_label("Summary").fill("A colleague wrote this.")
    colleague.get_by_role("button", name="Save").click()
    colleague.wait_for_url("**/drafts/**")

    newsroom.get_by_label("Summary").fill("I wrote this.")
    newsroom.get_by_role("button", name="Save").click()

    conflict = newsroom.get_by_role("alert")
    expect(conflict).to_contain_text("Somebody else changed it meanwhile")
    expect(conflict).to_contain_text("A colleague wrote this.")
    expect(newsroom.get_by_label("Summary")).to_have_value("I wrote this.")
    newsroom.get_by_role("button", name="Save").click()
    newsroom.wait_for_url("**/drafts/**")
    expect(newsroom.locator(".standfirst")).to_have_text("I wrote this.")


def test_a_revision_is_compared_and_takes_its_place(newsroom: Page):
    newsroom.get_by_role("link", name=PLAN).click()

    expect(newsroom.locator("ins", has_text="36 people learned in pairs")).to_be_visible()
    decide(newsroom, "Publish…", "Publish it")
    newsroom.locator(".done").get_by_role("link").click()
    expect(newsroom.locator(".as-read")).to_contain_text("What three offices made of it")
    decide(newsroom, "Withdraw…", "Withdraw it")
    expect(newsroom.locator("#state")).to_contain_text("Withdrawn")
    decide(newsroom, "Publish again…", "Publish it")
    expect(newsroom.get_by_text("Answers know this version.")).to_be_visible()


def test_a_question_can_be_left_unanswered(newsroom: Page):
    newsroom.get_by_role("link", name=PORT).click()
    expect(newsroom.get_by_text("Publishers name different figures")).to_be_visible()
    newsroom.locator("summary", has_text="Reject…").click()
    newsroom.keyboard.press("Escape")

    expect(newsroom.get_by_role("button", name="Reject it")).to_be_hidden()
    newsroom.locator("summary", has_text="Reject…").click()
    newsroom.locator("summary", has_text="Publish…").click()
    expect(newsroom.get_by_role("button", name="Reject it")).to_be_hidden()
    newsroom.get_by_role("button", name="Cancel").last.click()
    expect(newsroom.get_by_role("button", name="Publish it")).to_be_hidden()


def test_a_feed_is_fetched_while_one_watches(newsroom: Page):
    newsroom.get_by_role("link", name="Feeds").click()
    herald = newsroom.locator(".feed", has_text="City Herald")
    herald.get_by_role("button", name="Fetch City Herald now").click()

    expect(herald.locator(".busy")).to_be_visible()
    expect(herald.get_by_text("nothing new")).to_be_visible()
    expect(herald.locator(".busy")).to_be_hidden()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("path", ["", "/briefings", "/feeds"])
def test_no_page_is_wider_than_the_screen(newsroom: Page, path: str, width: int):
    newsroom.set_viewport_size({"width": width, "height": 844})
    newsroom.goto(re.sub(r"/newsroom.*", f"/newsroom{path}", newsroom.url))

    assert newsroom.evaluate("document.documentElement.scrollWidth") <= width


def test_without_scripts_the_newsroom_still_works(newsroom: Page, browser: Browser):
    context = browser.new_context(
        java_script_enabled=False, storage_state=newsroom.context.storage_state()
    )
    page = context.new_page()
    page.goto(newsroom.url)
    page.get_by_role("link", name=PORT).click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Summary").fill("Robots carry containers at night.")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator(".standfirst")).to_have_text("Robots carry containers at night.")
    page.get_by_role("button", name="Save").click()
    decide(page, "Reject…", "Reject it")

    expect(page.get_by_role("status")).to_contain_text("Rejected")
    context.close()
