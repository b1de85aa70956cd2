"""Owns the id of a request: in every line of the log that the request caused, and in its answer."""

from __future__ import annotations

import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

REQUEST_ID_HEADER = "X-Request-Id"
_FIT = re.compile(r"[A-Za-z0-9._-]{8,64}")


class RequestIds:
    """Names each request, or takes the name that a proxy of the site has given it.

    Args:
        app: the application inside.
        is_behind_proxy: whether a proxy in front names requests; what anybody else sends is not
            taken, since it would let visitors write into the log.
    """

    def __init__(self, app: ASGIApp, *, is_behind_proxy: bool = False) -> None:
        self._app = app
        self._is_behind_proxy = is_behind_proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._id_of(scope)

        async def naming(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        with bound_contextvars(request_id=request_id):
            await self._app(scope, receive, naming)

    def _id_of(self, scope: Scope) -> str:
        given = Headers(scope=scope).get(REQUEST_ID_HEADER, "") if self._is_behind_proxy else ""
        return given if _FIT.fullmatch(given) else secrets.token_hex(8)
