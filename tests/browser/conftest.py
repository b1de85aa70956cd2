"""A headless Chromium and a page of the demo site in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.bubble import Bubble
from tests.servers import DemoServer


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed after each module: its event loop would be in the way of asynchronous tests."""
    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("no Chromium: install it with `make browser`")
    expect.set_options(timeout=60_000)  # a busy machine is slow, and nothing here measures speed
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_bubble(browser: Browser, slow_server: DemoServer) -> Iterator[Callable[..., Bubble]]:
    contexts = []

    def open_page(url: str = slow_server.url, **options: object) -> Bubble:
        context = browser.new_context(
            viewport={"width": 1280, "height": 900}, timezone_id="Europe/Zurich", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        bubble = Bubble(page, errors)
        bubble.open()
        return bubble

    yield open_page
    for context in contexts:
        context.close()
