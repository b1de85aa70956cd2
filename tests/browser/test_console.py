"""The staff console in a browser, beside the visitor's bubble."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.bubble import Bubble
from tests.servers import DemoServer

pytestmark = pytest.mark.browser

EMAIL = f"mia-{secrets.token_hex(4)}@example.org"
"""Another one each time: the server's data may be kept between runs."""
PASSWORD = "correct horse battery"
QUESTION = "Can I talk to a person?"


@pytest.fixture(scope="module")
def member(slow_server: DemoServer) -> None:
    """A member of staff called Mia."""
    subprocess.run(
        [
            *(sys.executable, "-m", "assistant", "staff", "add", EMAIL),
            *("--name", "Mia", "--password", PASSWORD),
        ],
        env={**os.environ, "HEIDI_DATA_DIR": str(slow_server.data_dir)},
        check=True,
    )


@pytest.fixture
def console(browser: Browser, slow_server: DemoServer, member: None) -> Iterator[Page]:
    """The list of conversations, as Mia sees it; nothing may fail in the page."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(30_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{slow_server.url}/review/sign-in")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/review")
    yield page
    assert errors == []
    context.close()


def open_first(console: Page) -> None:
    console.get_by_role("list", name="Conversations").get_by_role("link").first.click()
    expect(console.get_by_role("log", name="Conversation")).to_be_visible()


def test_a_visitor_talks_to_the_member_who_took_over_and_then_to_heidi_again(
    open_bubble: Callable[..., Bubble], console: Page
):
    bubble = open_bubble()
    bubble.ask(QUESTION)
    bubble.wait_until_idle()
    second_tab = bubble.page.context.new_page()
    second_tab.goto(bubble.page.url)
    other = Bubble(second_tab, [])
    other.open()
    console.reload()
    open_first(console)

    console.get_by_role("button", name="Take over").click()
    for each in (bubble, other):
        expect(each.dialog.get_by_text("Mia from our team has joined", exact=True)).to_be_visible()
        expect(each.dialog.get_by_text("You are talking to Mia")).to_be_visible()

    bubble.ask("My invoice is wrong")
    timeline = console.get_by_role("log", name="Conversation")
    expect(timeline.get_by_text("My invoice is wrong")).to_be_visible()
    console.get_by_label("Reply to the visitor as Mia").fill("I will send a new one.")
    console.keyboard.press("Control+Enter")
    for each in (bubble, other):
        expect(each.dialog.get_by_text("I will send a new one.", exact=True)).to_be_visible()

    console.get_by_role("button", name="Hand back to Heidi").click()
    left = bubble.dialog.get_by_text("Mia has left. Heidi answers again", exact=True)
    expect(left).to_be_visible()
    turn = bubble.ask("hello")
    bubble.wait_until_idle()
    expect(turn.locator(".bubble")).to_be_visible()
    assert bubble.errors == []


def test_a_filter_applies_itself_and_leaves_a_short_address(
    open_bubble: Callable[..., Bubble], console: Page
):
    open_bubble().ask(QUESTION)
    console.get_by_text("Filters").click()
    console.get_by_label("Visitor").select_option("customer")

    console.wait_for_url("**/review?who=customer")
    expect(console.get_by_text("No conversation fits")).to_be_visible()


def test_the_slash_key_leads_to_the_search(console: Page):
    console.keyboard.press("/")
    console.keyboard.type("robots")

    expect(console.get_by_role("searchbox", name="Search conversations")).to_have_value("robots")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    "path", ["/review", "/review/insights", "/review/labels", "/review/questions"]
)
def test_no_page_is_wider_than_the_screen(console: Page, path: str, width: int):
    console.set_viewport_size({"width": width, "height": 844})
    console.goto(console.url.split("/review")[0] + path)

    assert console.evaluate("document.documentElement.scrollWidth") <= width


def test_an_open_list_shows_who_waits_and_keeps_the_place_of_whoever_reads(
    open_bubble: Callable[..., Bubble], console: Page
):
    open_bubble().ask("hello")
    console.reload()
    rows = console.get_by_role("list", name="Conversations").get_by_role("link")
    expect(rows.first).to_be_visible()
    console.keyboard.press("j")
    held = console.evaluate("document.activeElement.getAttribute('href')")
    assert held.startswith("/review/conversations/")
    waiting = console.locator("#queues .count").nth(1)
    before = int(waiting.inner_text())

    bubble = open_bubble()
    bubble.ask(QUESTION)
    bubble.wait_until_idle()

    expect(waiting).to_have_text(str(before + 1))
    expect(console).to_have_title(f"({before + 1}) Conversations · Heidi console")
    expect(rows.filter(has_text=QUESTION).filter(has_text="Waiting").first).to_be_visible()
    assert console.evaluate("document.activeElement.getAttribute('href')") == held


def test_the_keys_j_k_and_enter_go_through_the_list(
    open_bubble: Callable[..., Bubble], console: Page
):
    for _ in range(2):
        open_bubble().ask("hello")
    console.reload()
    rows = console.locator("#found .list a")
    for key, place in (("j", 0), ("j", 1), ("k", 0)):
        console.keyboard.press(key)
        expect(rows.nth(place)).to_be_focused()

    console.keyboard.press("Enter")

    expect(console.get_by_role("log", name="Conversation")).to_be_visible()


def test_the_insights_show_what_was_asked_and_what_is_missing(
    open_bubble: Callable[..., Bubble], console: Page
):
    bubble = open_bubble()
    bubble.ask("Who won the 1998 World Cup?")
    bubble.wait_until_idle()

    console.get_by_role("link", name="Insights").click()
    # Another test may have had the report of the usual period made a moment ago.
    console.get_by_role("link", name="90 days").click()

    expect(console.get_by_role("heading", name="Insights")).to_be_visible()
    expect(console.get_by_role("img", name="Questions of each day")).to_be_visible()
    console.get_by_text("As a table").click()
    expect(console.get_by_role("columnheader", name="Conversations")).to_be_visible()
    console.get_by_role("link", name="Who won the 1998 World Cup?").click()
    expect(console.get_by_text("chosen on Insights")).to_be_visible()
    open_first(console)
    expect(console.locator(".trace[open] .part").first).to_be_visible()


def test_without_scripts_the_console_still_works(
    browser: Browser, slow_server: DemoServer, console: Page
):
    context = browser.new_context(
        java_script_enabled=False, storage_state=console.context.storage_state()
    )
    page = context.new_page()
    page.goto(f"{slow_server.url}/review?q=person")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("list", name="Conversations").get_by_role("link").first.click()
    page.get_by_label("Label for this conversation").fill("browser")
    page.locator("#labels").get_by_role("button", name="Add").click()

    expect(page.get_by_role("button", name="Remove label browser")).to_be_visible()
    context.close()
