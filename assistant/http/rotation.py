"""Owns the rotation of visitor tokens: when one is replaced, and how its successor is handed over.

A token that is older than some age is answered with its successor, in a header of whatever the
server says next. The old one is accepted until its owner has used the new one, so that an answer
that was lost costs nobody a conversation, and for a short grace after that, for other tabs and for
requests that are on their way. Then it is refused. Sign-in and sign-out replace a token at any age,
against session fixation (OWASP Session Management Cheat Sheet, "Renew the Session ID After Any
Privilege Level Change"). A successor lives no longer than its predecessor would have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.http.tokens import VisitorClaims, VisitorTokens
from assistant.store.conversation_tables import Conversation
from assistant.store.token_generations import TokenGenerations

SUCCESSOR_HEADER = "X-Heidi-Visitor-Token"

SUCCESSOR_RESPONSES: dict[int | str, dict[str, Any]] = {
    "2XX": {
        "description": "Successful Response",
        "headers": {
            SUCCESSOR_HEADER: {
                "description": "A new visitor token for this conversation: use it from now on",
                "schema": {"type": "string"},
            }
        },
    }
}
"""For the OpenAPI document of routers whose endpoints belong to a conversation."""


@dataclass(frozen=True, kw_only=True)
class RotationLimits:
    """How old a visitor token gets, and how long it outlives the first use of its successor."""

    max_age: timedelta = timedelta(minutes=15)
    grace: timedelta = timedelta(minutes=1)


class VisitorRotation:
    """Tells which visitor tokens of a conversation are accepted, and makes their successors.

    Args:
        tokens: signs.
        generations: counts, for all server processes.
        clock: the time, in UTC.
        limits: when tokens are replaced.
    """

    def __init__(
        self,
        tokens: VisitorTokens,
        generations: TokenGenerations,
        clock: Callable[[], datetime],
        limits: RotationLimits | None = None,
    ) -> None:
        self._tokens = tokens
        self._generations = generations
        self._clock = clock
        self._limits = limits or RotationLimits()

    def is_accepted(self, claims: VisitorClaims, conversation: Conversation) -> bool:
        """Whether the token is the conversation's latest, or the one before it in its grace."""
        behind = conversation.token_generation - claims.generation
        if behind <= 0:
            # Less than nothing: a restored backup has forgotten what we signed.
            return True
        until = conversation.predecessor_until
        return behind == 1 and (until is None or self._clock() < until)

    async def successor(
        self, claims: VisitorClaims, conversation: Conversation, *, is_signing_in: bool = False
    ) -> str | None:
        """Take note that an accepted token was used; the token that shall replace it, if any.

        Args:
            claims: what the token says.
            conversation: the token's.
            is_signing_in: a generation is about to begin with the sign-in; a second one beside it
                would leave the token without grace.
        """
        latest = conversation.token_generation
        is_unused = latest > 0 and conversation.predecessor_until is None
        if claims.generation == latest - 1 and is_unused:
            return self._sign(claims, latest)
        if claims.generation != latest:
            return None
        if is_unused:
            until = self._clock() + self._limits.grace
            await self._generations.note_first_use(conversation.id, latest, predecessor_until=until)
            return None
        if is_signing_in or not self._is_due(claims, conversation):
            return None
        await self._generations.begin_next(conversation.id, latest)
        return self._sign(claims, latest + 1)

    def latest(self, claims: VisitorClaims, conversation: Conversation) -> str:
        """A token of the latest generation."""
        return self._sign(claims, conversation.token_generation)

    async def replace_now(self, claims: VisitorClaims, conversation: Conversation) -> str:
        """A token that replaces all others of the conversation at once."""
        latest = conversation.token_generation
        await self._generations.begin_next(conversation.id, latest, predecessor_until=self._clock())
        return self._sign(claims, latest + 1)

    def _is_due(self, claims: VisitorClaims, conversation: Conversation) -> bool:
        now = self._clock()
        # One predecessor at a time: each has its grace.
        is_alone = conversation.predecessor_until is None or conversation.predecessor_until <= now
        issued_at = claims.issued_at or now
        return is_alone and now - issued_at >= self._limits.max_age

    def _sign(self, claims: VisitorClaims, generation: int) -> str:
        return self._tokens.sign(replace(claims, generation=generation))


def hand_over(request: Request, token: str | None) -> None:
    """Let the response to the request carry a token, whatever else it says."""
    if token is not None:
        request.state.visitor_token = token


class SuccessorHeader:
    """Writes the token that `hand_over` was given into the response's headers.

    A middleware, since endpoints answer with responses of their own, with streams and with errors.

    Args:
        app: the application inside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the response's headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state: Mapping[str, object] = scope.setdefault("state", {})

        async def send_with_token(message: Message) -> None:
            token = state.get("visitor_token")
            if message["type"] == "http.response.start" and token is not None:
                headers = MutableHeaders(scope=message)
                headers[SUCCESSOR_HEADER] = str(token)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_token)
