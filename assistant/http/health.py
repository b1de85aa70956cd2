"""Owns liveness and readiness."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter

from assistant.http.errors import NotReady
from assistant.http.schemas import Health


def health_router(is_ready: Callable[[], Awaitable[bool]]) -> APIRouter:
    """`/v1/health` and `/v1/ready`.

    Args:
        is_ready: whether database, index and agent can answer.
    """
    router = APIRouter(prefix="/v1", tags=["health"])

    @router.get("/health")
    async def health() -> Health:
        """The process is up."""
        return Health()

    @router.get("/ready")
    async def ready() -> Health:
        """The process can answer."""
        if not await is_ready():
            raise NotReady("Heidi is still starting.", remedy="Try again in a few seconds.")
        return Health()

    return router
