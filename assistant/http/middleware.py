"""Owns what holds for every request and response: security headers, limits of bodies, addresses."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.core.errors import InvalidInput, LimitExceeded
from assistant.http.errors import KINDS, problem

MAX_BODY_BYTES = 64 * 1024
"""A message of 4,000 characters takes 16 kB of UTF-8 at most, and 48 kB with JSON escapes."""
MAX_TEXT_BYTES = 256 * 1024
"""The form of a briefing takes 20,000 characters, and tells whoever has more how many too many."""

SECURITY_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

_SECURITY_HEADERS = tuple(
    (name.lower().encode("latin-1"), value.encode("latin-1"))
    for name, value in SECURITY_HEADERS.items()
)


class SecuredApp(FastAPI):
    """FastAPI with security headers around everything, the pages for crashes included."""

    content_security_policy = "default-src 'self'"
    """For HTML pages (W3C CSP Level 3)."""

    def build_middleware_stack(self) -> ASGIApp:
        """The application as FastAPI builds it, inside the headers."""
        # Starlette answers crashes outside of every middleware that is added to it.
        stack = super().build_middleware_stack()
        return SecurityHeaders(stack, content_security_policy=self.content_security_policy)


class SecurityHeaders:
    """Adds security headers to every response (OWASP Secure Headers Project).

    Args:
        app: the application inside.
        content_security_policy: for HTML pages (W3C CSP Level 3).
    """

    def __init__(self, app: ASGIApp, *, content_security_policy: str) -> None:
        self._app = app
        self._policy = content_security_policy.encode("latin-1")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the response's headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._complete(message)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _complete(self, message: MutableMapping[str, Any]) -> None:
        headers = list(message.get("headers", ()))
        there = {name.lower(): value for name, value in headers}
        wanted = _SECURITY_HEADERS
        if there.get(b"content-type", b"").startswith(b"text/html"):
            wanted = (*wanted, (b"content-security-policy", self._policy))
        message["headers"] = headers + [each for each in wanted if each[0] not in there]


class BodyLimit:
    """Refuses bodies that are larger than any request needs, before they are read into memory.

    Args:
        app: the application inside.
        max_bytes: largest body.
        longer: by how an address begins, where more is needed.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_bytes: int = MAX_BODY_BYTES,
        longer: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._longer = longer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body up to the limit, then pass the request on."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("Content-Length", "0")
        most = self._most(scope["path"])
        try:
            body = None if _is_over(declared, most) else await _read(receive, most)
        except _Disconnected:
            return
        if body is None:
            response = problem(
                KINDS[LimitExceeded],
                detail=f"The request is larger than {most // 1024} kB.",
                remedy="Send a shorter message.",
            )
            await response(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    def _most(self, path: str) -> int:
        fitting = [most for start, most in self._longer.items() if path.startswith(start)]
        return max(fitting, default=self._max_bytes)


async def _read(receive: Receive, most: int) -> bytes | None:
    """A body; none, if it is longer."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if message["type"] == "http.disconnect":
            raise _Disconnected
        if not message.get("more_body"):
            return bytes(body)


class _Disconnected(Exception):
    """Half a request came: nobody is left to answer, and half a body may mean something else."""


class PlainAddresses:
    """Refuses addresses with a NUL in them, which PostgreSQL would fail on.

    Args:
        app: the application inside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on if its address can be looked up."""
        if scope["type"] == "http" and ("\x00" in scope["path"] or b"%00" in scope["query_string"]):
            response = problem(
                KINDS[InvalidInput],
                detail="The address holds a NUL character.",
                remedy="Leave %00 out of it.",
                field="address",
            )
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_over(declared: str, max_bytes: int) -> bool:
    # The server has checked the header; what is no number here is counted while it is read.
    return declared.isascii() and declared.isdigit() and int(declared[:12]) > max_bytes


def _replay(body: bytes, receive: Receive) -> Receive:
    is_sent = False

    async def replaying() -> Message:
        nonlocal is_sent
        if is_sent:
            return await receive()
        is_sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replaying
