"""The bubble as a visitor uses it: by its names and roles, never by its inner markup."""

from __future__ import annotations

import contextlib
import json
import re

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout


class Bubble:
    """The open bubble on a page.

    Args:
        page: the page.
        errors: collects uncaught errors of the page.
    """

    def __init__(self, page: Page, errors: list[str]) -> None:
        self.page = page
        self.errors = errors

    @property
    def _host(self) -> Locator:
        return self.page.locator("heidi-chat")

    @property
    def dialog(self) -> Locator:
        """The panel."""
        return self._host.get_by_role("dialog")

    def open(self) -> None:
        """Open the panel if it is closed.

        A new page opens the panel by itself where it was open before, perhaps just now: then the
        launcher is called something else, and no other button may be taken for it.
        """
        launcher = self._host.get_by_role("button", name=re.compile("^Ask Heidi"))
        expect(self.dialog.or_(launcher).first).to_be_visible()
        while not self.dialog.is_visible():
            with contextlib.suppress(PlaywrightTimeout):
                launcher.click(timeout=2_000)
        expect(self.dialog).to_be_visible()

    def close(self) -> None:
        """Close the panel."""
        self.dialog.get_by_role("button", name="Close", exact=True).click()
        expect(self.dialog).to_be_hidden()

    @property
    def composer(self) -> Locator:
        """Where the visitor writes."""
        return self.dialog.get_by_role("textbox", name="Your message")

    @property
    def conversation_id(self) -> str:
        """The conversation that this browser remembers."""
        stored = self.page.evaluate(
            "Object.entries(localStorage).find(([name]) => name.endsWith(':conversation'))[1]"
        )
        return str(json.loads(stored)["id"])

    @property
    def turns(self) -> Locator:
        """Questions with their answers, oldest first."""
        return self.dialog.get_by_role("article", name="Question and answer")

    def ask(self, message: str) -> Locator:
        """Send a message; gives its turn, whose answer may still be coming."""
        expected = self.turns.count() + 1
        self.composer.fill(message)
        self.composer.press("Enter")
        expect(self.turns).to_have_count(expected)
        return self.turns.nth(expected - 1)

    def button(self, name: str) -> Locator:
        """A button of the panel."""
        return self.dialog.get_by_role("button", name=name, exact=True)

    def wait_until_idle(self) -> None:
        """Wait until nothing is being answered."""
        expect(self.button("Stop")).to_have_count(0)
