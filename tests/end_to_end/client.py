"""A visitor over HTTP, as the bubble is one."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx


class Visitor:
    """One conversation with a server.

    Args:
        url: the server.
        timezone: the visitor's.
    """

    def __init__(self, url: str, timezone: str = "Europe/Zurich") -> None:
        self.http = httpx.Client(base_url=url, timeout=60)
        created = self.http.post("/v1/conversations", json={"timezone": timezone}).json()
        self.id = created["id"]
        self.headers = {"Authorization": f"Bearer {created['token']}"}
        self._numbers = itertools.count(1)

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def sign_in(self, customer: str = "cust-ada") -> None:
        """Sign in on the demo site and take the token that its page takes."""
        self.http.post("/sign-in", data={"customer": customer})
        token = self.http.get("/demo/heidi-token").json()["token"]
        self.headers["X-Heidi-Identity"] = token

    def ask(self, message: str) -> list[dict[str, Any]]:
        """The events of the answer."""
        return list(self.stream(message))

    def stream(self, message: str, client_turn_id: str | None = None) -> Iterator[dict[str, Any]]:
        """The events of the answer as they come."""
        body = {
            "message": message,
            "client_turn_id": client_turn_id or f"turn-{next(self._numbers)}",
        }
        yield from self._events(f"/v1/conversations/{self.id}/turns", body)

    def ask_and_lose(self, message: str, interrupt: Callable[[], None]) -> list[dict[str, Any]]:
        """Ask, interrupt the server at the first piece of text; gives what was seen before."""
        seen: list[dict[str, Any]] = []
        with suppress(httpx.HTTPError):
            for event in self.stream(message):
                seen.append(event)
                if event["type"] == "text.delta":
                    interrupt()
        return seen

    def decide(self, action_id: str, decision: str = "confirm") -> list[dict[str, Any]]:
        """The events after a decision."""
        body = {"decision": decision, "client_turn_id": f"turn-{next(self._numbers)}"}
        return list(self._events(f"/v1/conversations/{self.id}/actions/{action_id}", body))

    def transcript(self) -> dict[str, Any]:
        """The whole conversation."""
        response = self.http.get(f"/v1/conversations/{self.id}", headers=self.headers)
        found: dict[str, Any] = response.raise_for_status().json()
        return found

    def _events(self, path: str, body: dict[str, str]) -> Iterator[dict[str, Any]]:
        headers = {**self.headers, "Accept": "text/event-stream"}
        with self.http.stream("POST", path, json=body, headers=headers) as response:
            if response.is_error:
                raise AssertionError(response.read().decode())
            for line in response.iter_lines():
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))


def answer(events: list[dict[str, Any]]) -> str:
    """The text of an answer."""
    return "".join(event["text"] for event in events if event["type"] == "text.delta")


def outcome(events: list[dict[str, Any]]) -> str:
    """How an answer ended."""
    assert events[-1]["type"] == "turn.completed", events[-1]
    return str(events[-1]["outcome"])


def only(events: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """The one event of a type."""
    (found,) = [event for event in events if event["type"] == kind]
    return found
