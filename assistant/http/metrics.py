"""Owns who may read a process's metrics: whoever brings the token of the settings, nobody else.

An address is no proof here: behind a proxy on the same machine everybody comes from loopback.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Header, Response

from assistant.core.errors import IdentityInvalid, NotFound
from assistant.metrics import CONTENT_TYPE


def metrics_router(read: Callable[[], Awaitable[bytes]], *, token: str) -> APIRouter:
    """`/metrics` in Prometheus' text format.

    Args:
        read: gives the numbers.
        token: must come as `Authorization: Bearer`; empty: there is no such page.
    """
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    async def metrics(authorization: Annotated[str, Header()] = "") -> Response:
        """The numbers of this process."""
        if not token:
            raise NotFound("Metrics are off.", remedy="Set HEIDI_METRICS_TOKEN.")
        scheme, _, given = authorization.partition(" ")
        is_known = secrets.compare_digest(given.strip().encode(), token.encode())
        if scheme.lower() != "bearer" or not is_known:
            raise IdentityInvalid(
                "The token for metrics is missing or wrong.",
                remedy="Send HEIDI_METRICS_TOKEN as `Authorization: Bearer`.",
            )
        return Response(await read(), media_type=CONTENT_TYPE)

    return router
