"""Owns the sign-out endpoint: a customer's identity token is refused from then on."""

from __future__ import annotations

from fastapi import APIRouter, Request

from assistant.http.callers import CallerReader
from assistant.http.rotation import SUCCESSOR_RESPONSES


def sign_out_router(callers: CallerReader) -> APIRouter:
    """`POST /v1/sign-out`."""
    router = APIRouter(prefix="/v1", tags=["chat"])

    @router.post("/sign-out", status_code=204, responses=SUCCESSOR_RESPONSES)
    async def sign_out(request: Request) -> None:
        """Refuse the identity token that comes with the request, and its customer's earlier ones.

        The token is the whole credential: whoever holds it may give it up, and may do so twice. A
        visitor token that comes with it is replaced at once.
        """
        await callers.sign_out(request)

    return router
