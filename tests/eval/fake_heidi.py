"""A Heidi in forty lines: speaks the HTTP contract and says what a script tells her."""

from __future__ import annotations

import json
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from eval.client import HeidiClient, IdentitySigner
from tests.eval.builders import events

Script = dict[str, list[dict[str, Any]] | int]
"""What each message or decision is answered with: bodies of events, or a status to refuse with."""


class FakeHeidi:
    """Answers by a script and records who asked what.

    Args:
        script: by message; decisions are asked as `confirm act_1`.
    """

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[tuple[str, str | None]] = []
        self.waiting: dict[str, str] = {}
        self.started = 0
        self.app = Starlette(
            routes=[
                Route("/v1/conversations", self._create, methods=["POST"]),
                Route("/v1/conversations/{id}/turns", self._turn, methods=["POST"]),
                Route("/v1/conversations/{id}/actions/{action}", self._turn, methods=["POST"]),
                Route("/v1/conversations/{id}/identity", self._identity, methods=["POST"]),
                Route("/v1/conversations/{id}/events", self._events),
            ]
        )

    def client(self, signer: IdentitySigner) -> HeidiClient:
        """A client that talks to this app without a socket."""
        transport = httpx.ASGITransport(app=self.app)
        http = httpx.AsyncClient(transport=transport, base_url="http://heidi.test")
        return HeidiClient(http, signer)

    async def _create(self, _: Request) -> Response:
        self.started += 1
        return JSONResponse({"id": f"conv_{self.started}", "token": "t"}, status_code=201)

    async def _turn(self, request: Request) -> Response:
        body = await request.json()
        action = request.path_params.get("action")
        said = f"{body['decision']} {action}" if action else body["message"]
        self.waiting[request.path_params["id"]] = said
        return self._answer(said, request)

    async def _identity(self, request: Request) -> Response:
        waits = request.path_params["id"] in self.waiting
        return JSONResponse({"customer": {"name": ""}, "turn_id": "turn_1" if waits else None})

    async def _events(self, request: Request) -> Response:
        return self._answer(self.waiting[request.path_params["id"]] + " (signed in)", request)

    def _answer(self, said: str, request: Request) -> Response:
        self.asked.append((said, request.headers.get("X-Heidi-Identity")))
        planned = self.script[said]
        if isinstance(planned, int):
            problem = {"type": "/problems/invalid-input", "detail": "No."}
            return JSONResponse(problem, status_code=planned)
        stream = "".join(
            f"id: {event['seq']}\nevent: {event['type']}\ndata: {json.dumps(event)}\n\n: ping\n\n"
            for event in events(*planned)
        )
        return Response(": ping\n\n" + stream, media_type="text/event-stream")
