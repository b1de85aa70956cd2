"""A visitor asks all four kinds of question on the demo site, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.bubble import Bubble
from tests.servers import DemoServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenBubble = Callable[..., Bubble]


def test_a_news_answer_streams_with_sources_that_open_the_briefing(open_bubble: OpenBubble):
    bubble = open_bubble()

    turn = bubble.ask("What is the AI skills gap about?")

    source = turn.get_by_role("link", name=re.compile("skills gap")).first
    expect(source).to_be_visible()
    bubble.wait_until_idle()
    href = source.get_attribute("href")
    assert href is not None
    bubble.page.goto(bubble.page.url.rstrip("/") + "/" + href.split("/", 3)[-1].lstrip("/"))
    expect(bubble.page.get_by_role("heading", level=1)).to_contain_text("skills gap")
    assert bubble.errors == []


def test_a_balance_question_waits_for_sign_in_and_is_answered_without_retyping(
    open_bubble: OpenBubble,
):
    bubble = open_bubble()
    turn = bubble.ask("What's my balance?")

    turn.get_by_role("button", name="Sign in").or_(
        turn.get_by_role("link", name="Sign in")
    ).first.click()
    bubble.page.get_by_role("button", name=re.compile("Ada")).click()
    bubble.open()

    expect(bubble.dialog).to_contain_text("Everyday")
    expect(bubble.dialog).to_contain_text(re.compile(r"€[\d,]+\.\d\d"))
    assert bubble.errors == []


def test_a_meeting_is_booked_with_a_confirmation_and_then_listed_and_moved(
    open_bubble: OpenBubble, slow_server: DemoServer
):
    bubble = open_bubble(f"{slow_server.url}/sign-in")
    bubble.close()
    bubble.page.get_by_role("button", name=re.compile("Chloe")).click()
    bubble.open()
    proposal = bubble.ask("Book a meeting with sales next Tuesday at 11am")
    expect(proposal).to_contain_text("Tuesday")
    expect(proposal).to_contain_text("11:00")

    proposal.get_by_role("button", name=re.compile("^Book|Confirm")).click()

    expect(bubble.dialog).to_contain_text("Booked:")
    bubble.wait_until_idle()
    expect(bubble.ask("my meetings")).to_contain_text("11:00")
    bubble.wait_until_idle()
    moving = bubble.ask("Move it to 4")
    moving.get_by_role("button", name=re.compile("^Move|Confirm")).click()
    expect(bubble.dialog).to_contain_text("Moved:")
    assert bubble.errors == []


def test_what_is_not_in_the_briefings_is_said_with_the_nearest_ones_if_any_are_near(
    open_bubble: OpenBubble,
):
    bubble = open_bubble()

    far = bubble.ask("Who won the 1998 World Cup?")
    expect(far).to_contain_text("That isn't in our briefings")
    expect(far.get_by_role("link")).to_have_count(0)

    bubble.wait_until_idle()
    near = bubble.ask("Who is the CEO of Boston Dynamics?")
    expect(near).to_contain_text("The closest")
    expect(near.get_by_role("link", name=re.compile("Boston Dynamics")).first).to_be_visible()


def test_a_reload_in_the_middle_of_an_answer_sees_it_completed(open_bubble: OpenBubble):
    bubble = open_bubble()
    bubble.ask("Latest news on robotics")
    expect(bubble.button("Stop")).to_be_visible()

    bubble.page.reload()
    bubble.open()

    expect(bubble.turns).to_have_count(1)
    expect(bubble.turns.first).to_contain_text("Latest news on robotics")
    bubble.wait_until_idle()
    expect(bubble.turns.first.get_by_role("link").first).to_be_visible()
    assert bubble.errors == []


def test_stop_keeps_what_was_said(open_bubble: OpenBubble):
    bubble = open_bubble()
    turn = bubble.ask("What is the AI skills gap about?")
    expect(turn).to_contain_text("companies")

    bubble.button("Stop").click()

    bubble.wait_until_idle()
    expect(turn).to_contain_text("companies")


def test_two_tabs_show_the_same_conversation(open_bubble: OpenBubble):
    bubble = open_bubble()
    bubble.ask("Hello!")
    bubble.wait_until_idle()
    second = Bubble(bubble.page.context.new_page(), [])
    second.page.goto(bubble.page.url)
    second.open()

    second.ask("Who won the 1998 World Cup?")

    expect(bubble.turns).to_have_count(2)
    expect(bubble.turns.nth(1)).to_contain_text("in our briefings")


def test_the_bubble_works_by_keyboard_alone(open_bubble: OpenBubble):
    bubble = open_bubble()

    expect(bubble.composer).to_be_focused()
    bubble.page.keyboard.type("Hello!")
    bubble.page.keyboard.press("Enter")
    expect(bubble.turns).to_have_count(1)
    bubble.wait_until_idle()
    bubble.page.keyboard.press("Escape")

    expect(bubble.dialog).to_be_hidden()
    expect(bubble.page.locator("heidi-chat")).to_be_focused()


def test_an_earlier_conversation_is_found_by_its_title_and_gone_back_to(open_bubble: OpenBubble):
    bubble = open_bubble()
    bubble.ask("What is the AI skills gap about?")
    bubble.wait_until_idle()
    bubble.button("New conversation").click()
    expect(bubble.turns).to_have_count(0)
    bubble.ask("Hello!")
    bubble.wait_until_idle()

    bubble.button("More").click()
    bubble.button("Earlier conversations").click()
    bubble.dialog.get_by_role("button", name=re.compile("AI skills gap about")).click()

    expect(bubble.turns).to_have_count(1)
    expect(bubble.turns.first).to_contain_text("skills gap")
    bubble.button("More").click()
    with bubble.page.expect_download() as download:
        bubble.button("Download conversation").click()
    assert "You: What is the AI skills gap about?" in download.value.path().read_text("utf-8")
    assert bubble.errors == []
