"""Tokens are replaced and wear out while the bubble is used in two tabs: nobody notices."""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import jwt
import pytest
from playwright.sync_api import Page, Request, Route, expect

from assistant.http.tokens import LEEWAY
from tests.browser.bubble import Bubble
from tests.servers import DemoServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OpenBubble = Callable[..., Bubble]
HURRIED = {"HEIDI_VISITOR_TOKEN_MAX_AGE_S": "1", "HEIDI_VISITOR_TOKEN_GRACE_S": "1"}
IDENTITY_SECRET = "a-secret-of-the-host-of-32-characters"
NOTED = """
const watch = (root) => new MutationObserver(() => {
  const { textContent } = root;
  if (/[Rr]ejoin|can't be reached|in another tab/.test(textContent)) window.hasComplained = true;
}).observe(root, { subtree: true, childList: true, characterData: true });
addEventListener("heidi:ready", () => watch(document.querySelector("heidi-chat").shadowRoot));
"""
"""Notes whether the bubble ever said that something was wrong."""


@pytest.fixture(scope="module")
def server(
    slow_server: DemoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoServer]:
    """A server that replaces visitor tokens after a second."""
    data_dir = tmp_path_factory.mktemp("rotation") / "data"
    shutil.copytree(
        slow_server.data_dir, data_dir, ignore=shutil.ignore_patterns("*.lock", "server.log")
    )
    server = DemoServer(data_dir, HURRIED | {"HEIDI_IDENTITY_SECRET": IDENTITY_SECRET})
    server.start()
    yield server
    server.stop()


def conversation_of(page: Page) -> dict[str, Any]:
    """What the browser keeps of the conversation."""
    kept = page.evaluate(
        "Object.entries(localStorage).find(([key]) => key.endsWith(':conversation'))?.[1]"
    )
    return json.loads(kept)


def generation_of(page: Page) -> int:
    payload = conversation_of(page)["token"].split(".")[1]
    return int(json.loads(base64.urlsafe_b64decode(payload + "==="))["gen"])


def second_tab(bubble: Bubble, url: str) -> Bubble:
    page = bubble.page.context.new_page()
    page.add_init_script(NOTED)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(url)
    other = Bubble(page, errors)
    other.open()
    return other


def first_tab(open_bubble: OpenBubble, url: str) -> Bubble:
    bubble = open_bubble(url)
    bubble.page.add_init_script(NOTED)
    bubble.page.reload()
    bubble.open()
    return bubble


def assert_calm(*bubbles: Bubble) -> None:
    assert [bubble.errors for bubble in bubbles] == [[]] * len(bubbles)
    complaints = [bubble.page.evaluate("window.hasComplained === true") for bubble in bubbles]
    assert complaints == [False] * len(bubbles)


def test_two_tabs_talk_on_while_their_token_is_replaced_again_and_again(
    open_bubble: OpenBubble, server: DemoServer
):
    one = first_tab(open_bubble, server.url)
    one.ask("Hello!")
    one.wait_until_idle()
    begun = conversation_of(one.page)
    two = second_tab(one, server.url)
    for count in range(2, 7):
        expect(one.turns).to_have_count(count - 1)
        speaker, listener = (one, two) if count % 2 else (two, one)
        speaker.page.bring_to_front()
        time.sleep(1.2)  # the browser's tokens age in real time
        speaker.ask("Thanks!")
        speaker.wait_until_idle()
        expect(listener.turns).to_have_count(count)

    now = conversation_of(one.page)
    assert now["id"] == begun["id"]
    assert generation_of(two.page) >= 3
    address = f"{server.url}/v1/conversations/{begun['id']}"
    stolen = httpx.get(address, headers={"Authorization": f"Bearer {begun['token']}"})
    assert (stolen.status_code, stolen.json()["type"]) == (401, "/problems/visitor-token-invalid")
    assert_calm(one, two)


class Host:
    """A page's server that signs tokens which Heidi accepts for a few seconds more."""

    def __init__(self, seconds: int) -> None:
        self.is_signed_in = False
        self.signed = 0
        self._seconds = seconds

    def answer(self, route: Route) -> None:
        """In place of the demo site's own."""
        if not self.is_signed_in:
            route.fulfill(status=204)
            return
        self.signed += 1
        end = int(time.time() - LEEWAY.total_seconds()) + self._seconds
        claims = {"sub": "cust-ada", "name": "Ada", "iss": "demo-site", "aud": "heidi"}
        times = {"iat": end - 300, "exp": end, "jti": str(self.signed)}
        token = jwt.encode(claims | times, IDENTITY_SECRET, algorithm="HS256")
        route.fulfill(status=200, json={"token": token})


def test_a_stream_outlives_its_identity_without_a_word_and_a_sign_in_reaches_the_other_tab(
    open_bubble: OpenBubble, server: DemoServer
):
    host = Host(seconds=6)
    one = first_tab(open_bubble, server.url)
    context = one.page.context
    context.route("**/demo/heidi-token", host.answer)
    streams: list[str] = []

    def note(request: Request) -> None:
        identity = request.headers.get("x-heidi-identity")
        if "/events" in request.url and identity:
            streams.append(identity)

    context.on("request", note)
    one.ask("Hello!")
    one.wait_until_idle()
    two = second_tab(one, server.url)
    expect(two.turns).to_have_count(1)
    begun = conversation_of(one.page)["id"]

    host.is_signed_in = True
    one.page.bring_to_front()
    one.page.reload()
    one.open()
    balance = one.ask("What's my balance?")
    one.wait_until_idle()
    expect(balance).to_contain_text("2,480.15")
    expect(two.turns).to_have_count(2)
    expect(two.turns.last).to_contain_text("2,480.15")

    one.page.bring_to_front()
    seen = len(set(streams))
    deadline = time.monotonic() + 60
    while len(set(streams)) < seen + 2 and time.monotonic() < deadline:
        one.page.wait_for_timeout(200)  # a stream ends when its identity does
    assert len(set(streams)) >= seen + 2
    expect(one.ask("What's my balance?")).to_contain_text("2,480.15")
    expect(one.turns).to_have_count(3)
    assert conversation_of(one.page)["id"] == begun
    assert_calm(one, two)


def test_a_sign_out_in_one_tab_leaves_nothing_that_opens_the_conversation(
    open_bubble: OpenBubble, server: DemoServer
):
    host = Host(seconds=300)
    host.is_signed_in = True
    one = first_tab(open_bubble, server.url)
    one.page.context.route("**/demo/heidi-token", host.answer)
    one.page.reload()
    one.open()
    expect(one.ask("What's my balance?")).to_contain_text("2,480.15")
    one.wait_until_idle()
    two = second_tab(one, server.url)
    expect(two.turns).to_have_count(1)
    left = conversation_of(one.page)

    host.is_signed_in = False
    one.page.evaluate("heidi.signOut()")

    expect(one.turns).to_have_count(0)
    expect(two.turns).to_have_count(0)
    address = f"{server.url}/v1/conversations/{left['id']}"
    headers = {"Authorization": f"Bearer {left['token']}"}
    deadline = time.monotonic() + 20
    while (status := httpx.get(address, headers=headers).status_code) != 401:
        assert (status, time.monotonic() < deadline) == (403, True)
    expect(one.ask("Hello!")).to_contain_text("Hello!")
    one.wait_until_idle()
    assert conversation_of(two.page)["id"] == conversation_of(one.page)["id"] != left["id"]
    assert_calm(one, two)
