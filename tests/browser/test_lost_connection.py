"""The server goes away in the middle of an answer: the bubble says so and heals by itself."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.bubble import Bubble
from tests.servers import DemoServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def own_server(slow_server: DemoServer, tmp_path: Path) -> Iterator[DemoServer]:
    """A server of its own on a copy of the index, which may be killed."""
    data_dir = tmp_path / "data"
    shutil.copytree(
        slow_server.data_dir, data_dir, ignore=shutil.ignore_patterns("*.lock", "server.log")
    )
    server = DemoServer(data_dir, {"HEIDI_DELTA_DELAY_S": "0.4"})
    server.start()
    yield server
    server.stop()


def test_after_a_restart_the_bubble_rejoins_and_the_question_can_be_asked_again(
    open_bubble: Callable[..., Bubble], own_server: DemoServer
):
    bubble = open_bubble(own_server.url)
    turn = bubble.ask("What is the AI skills gap about?")
    expect(turn).to_contain_text("companies")

    own_server.kill()
    expect(bubble.dialog).to_contain_text(
        re.compile(r"Rejoining the server\.\.\.|Rejoin failed\.\.\. trying again in \d+ seconds?\.")
    )
    own_server.start()

    again = bubble.dialog.get_by_role("button", name="Ask again")
    expect(again).to_be_visible(timeout=60_000)
    expect(turn).to_contain_text("companies")
    again.click()
    bubble.wait_until_idle()
    expect(bubble.turns.last.get_by_role("link", name=re.compile("skills gap"))).to_be_visible()
    assert bubble.errors == []


def test_a_session_paused_by_the_server_goes_on_after_resume(
    open_bubble: Callable[..., Bubble], slow_server: DemoServer, tmp_path: Path
):
    data_dir = tmp_path / "data"
    shutil.copytree(
        slow_server.data_dir, data_dir, ignore=shutil.ignore_patterns("*.lock", "server.log")
    )
    server = DemoServer(data_dir, {"HEIDI_PAUSE_AFTER_S": "15"})
    server.start()
    try:
        bubble = open_bubble(server.url)
        bubble.ask("Hello!")
        bubble.wait_until_idle()
        expect(bubble.dialog).to_contain_text("The session has been paused by the server.")

        bubble.button("Resume").click()

        expect(bubble.button("Resume")).to_be_hidden()
        expect(bubble.ask("Thanks!")).to_contain_text(re.compile(r"\w"))
    finally:
        server.stop()
