"""Owns talking to Heidi over her HTTP contract (docs/http-api.md), as the bubble does.

Does not own what is asked and in which order (`runner.py`), nor starting a server (`server.py`).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
import jwt
from httpx_sse import EventSource

from assistant.core.events import TERMINAL_TYPES
from assistant.http.callers import IDENTITY_HEADER
from assistant.http.tokens import ALGORITHM, IDENTITY_AUDIENCE
from eval.records import Event, Problem

TOKEN_LIFETIME = timedelta(minutes=5)
STREAM = {"Accept": "text/event-stream"}


@dataclass(frozen=True, kw_only=True)
class IdentitySigner:
    """Signs identity tokens, as the server of a host page does.

    Without a secret nobody can be signed in.
    """

    secret: str
    issuer: str
    clock: Callable[[], datetime]
    """The time as the server has it."""

    def header(self, customer_id: str) -> dict[str, str]:
        """The request header of a customer."""
        now = int(self.clock().timestamp())
        claims = {
            "sub": customer_id,
            "name": "",
            "iss": self.issuer,
            "aud": IDENTITY_AUDIENCE,
            "iat": now,
            "exp": now + int(TOKEN_LIFETIME.total_seconds()),
            "jti": secrets.token_hex(8),
        }
        return {IDENTITY_HEADER: jwt.encode(claims, self.secret, algorithm=ALGORITHM)}


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """A conversation and the token that owns it."""

    id: str
    token: str


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back for one request that starts a turn."""

    events: tuple[Event, ...] = ()
    problem: Problem | None = None
    first_text_ms: float | None = None
    total_ms: float | None = None


class NothingWaited(Exception):
    """A sign-in asked no question again."""


class HeidiClient:
    """One visitor's way to Heidi; any number of conversations at once.

    Args:
        http: with Heidi's address as its base URL.
        identities: signs customers in.
    """

    def __init__(self, http: httpx.AsyncClient, identities: IdentitySigner) -> None:
        self._http = http
        self._identities = identities

    async def start(self, timezone: str) -> Conversation:
        """Begin a conversation.

        Raises:
            httpx.HTTPError: it can't be begun.
        """
        body = {"timezone": timezone, "locale": "en"}
        response = await self._http.post("/v1/conversations", json=body)
        response.raise_for_status()
        created = response.json()
        return Conversation(id=created["id"], token=created["token"])

    async def ask(self, conversation: Conversation, message: str, customer: str | None) -> Reply:
        """Send a message and read the answer to its end."""
        body = {"message": message, "client_turn_id": secrets.token_hex(8)}
        return await self._post_turn(conversation, "turns", body, customer)

    async def decide(
        self, conversation: Conversation, action_id: str, decision: str, customer: str | None
    ) -> Reply:
        """Confirm or decline what waits, and read the answer to its end."""
        body = {"decision": decision, "client_turn_id": secrets.token_hex(8)}
        return await self._post_turn(conversation, f"actions/{action_id}", body, customer)

    async def sign_in(self, conversation: Conversation, customer: str, after: int) -> Reply:
        """Sign in, and read the answer to the question that waited for it.

        Args:
            conversation: in which the question waited.
            customer: who signs in.
            after: number of the last event that is known.

        Raises:
            NothingWaited: no question was asked again.
        """
        began = time.perf_counter()
        headers = self._headers(conversation, customer)
        path = f"/v1/conversations/{conversation.id}"
        response = await self._http.post(f"{path}/identity", headers=headers)
        if response.is_error:
            return Reply(problem=_read_problem(response))
        turn_id = response.json()["turn_id"]
        if turn_id is None:
            raise NothingWaited
        request = self._http.stream(
            "GET", f"{path}/events", params={"after": after}, headers=headers | STREAM
        )
        async with request as stream:
            return await _read_turn(stream, began, turn_id)

    async def _post_turn(
        self, conversation: Conversation, path: str, body: dict[str, str], customer: str | None
    ) -> Reply:
        began = time.perf_counter()
        request = self._http.stream(
            "POST",
            f"/v1/conversations/{conversation.id}/{path}",
            json=body,
            headers=self._headers(conversation, customer) | STREAM,
        )
        async with request as response:
            return await _read_turn(response, began, None)

    def _headers(self, conversation: Conversation, customer: str | None) -> dict[str, str]:
        identity = self._identities.header(customer) if customer else {}
        return {"Authorization": f"Bearer {conversation.token}", **identity}


@asynccontextmanager
async def connect(url: str, identities: IdentitySigner) -> AsyncIterator[HeidiClient]:
    """A client of the server at an address; the runner, not the client, limits time."""
    async with httpx.AsyncClient(base_url=url, timeout=None) as http:
        yield HeidiClient(http, identities)


async def _read_turn(response: httpx.Response, began: float, turn_id: str | None) -> Reply:
    if response.is_error:
        await response.aread()
        return Reply(problem=_read_problem(response))
    events: list[Event] = []
    first_text_ms = None
    async for message in EventSource(response).aiter_sse():
        if not message.data:
            continue  # A heartbeat: httpx-sse gives comments after an event as empty messages.
        event: dict[str, Any] = message.json()
        if turn_id is not None and event["turn_id"] != turn_id:
            continue
        events.append(event)
        if first_text_ms is None and event["type"] == "text.delta":
            first_text_ms = (time.perf_counter() - began) * 1000
        if event["type"] in TERMINAL_TYPES:
            break
    total_ms = (time.perf_counter() - began) * 1000
    return Reply(events=tuple(events), first_text_ms=first_text_ms, total_ms=total_ms)


def _read_problem(response: httpx.Response) -> Problem:
    try:
        body = response.json()
        code, detail = body["type"].rsplit("/", 1)[-1], body["detail"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return Problem(
            status=response.status_code, code="no-problem-json", detail=response.text[:200]
        )
    return Problem(status=response.status_code, code=code, detail=detail)
