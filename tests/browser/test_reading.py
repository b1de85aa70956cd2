"""What visitors and staff see is where they look: long answers, the sign-in page, new messages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.bubble import Bubble
from tests.servers import DemoServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenBubble = Callable[..., Bubble]


def test_a_long_answer_is_read_from_its_beginning(open_bubble: OpenBubble):
    bubble = open_bubble()
    bubble.page.set_viewport_size({"width": 390, "height": 560})

    turn = bubble.ask("Latest news on robotics")
    bubble.wait_until_idle()

    last_source = turn.get_by_role("link").last
    expect(turn.get_by_text("Latest news on robotics")).to_be_in_viewport()
    expect(last_source).not_to_be_in_viewport()
    bubble.button("Jump to the latest message").click()
    expect(last_source).to_be_in_viewport()
    expect(bubble.button("Jump to the latest message")).to_be_hidden()


def test_the_panel_does_not_cover_the_page_where_visitors_sign_in(open_bubble: OpenBubble):
    bubble = open_bubble()
    bubble.page.set_viewport_size({"width": 390, "height": 700})
    bubble.ask("What's my balance?").get_by_role("button", name="Sign in").click()

    expect(bubble.page.get_by_role("heading", level=1)).to_contain_text("Who would you like to be")
    expect(bubble.dialog).to_be_hidden()
    bubble.page.get_by_role("button", name=re.compile("Ada")).click()

    expect(bubble.dialog).to_contain_text("Everyday")


def test_no_page_of_the_site_scrolls_sideways_at_320_pixels(
    open_bubble: OpenBubble, slow_server: DemoServer
):
    page = open_bubble().page
    page.set_viewport_size({"width": 320, "height": 568})
    wide = []
    for path in ("/", "/briefings", "/about", "/sign-in", "/search?q=robots", "/nowhere"):
        page.goto(slow_server.url + path)
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wide.append(path)

    assert wide == []


def test_staff_see_what_the_visitor_says_without_reloading(
    open_bubble: OpenBubble, slow_server: DemoServer
):
    bubble = open_bubble()
    bubble.ask("talk to a person")
    bubble.wait_until_idle()
    console = bubble.page.context.new_page()
    console.goto(f"{slow_server.url}/review")
    log = (slow_server.data_dir / "server.log").read_text("utf-8", "replace")
    address, password = re.findall(r"/review +(\S+@\S+) / (\S+)", log)[-1]
    console.get_by_label("E-mail").fill(address)
    console.get_by_label("Password").fill(password)
    console.get_by_role("button", name="Sign in").click()
    # Visitors of other tests may be waiting as well.
    console.locator(f".waiting a[href*='{bubble.conversation_id}']").click()
    console.get_by_label("Reply to the visitor").fill("Good morning.\nWhat is it about?")
    console.get_by_role("button", name="Send").click()

    expect(bubble.dialog).to_contain_text("What is it about?")
    bubble.ask("Hello there again")

    expect(console.get_by_role("log")).to_contain_text("Hello there again")
    said = console.get_by_role("log").inner_text()
    assert said.index("What is it about?") < said.index("Hello there again")
