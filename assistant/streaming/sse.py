"""Owns the shape of events on the wire: server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from sse_starlette import EventSourceResponse, ServerSentEvent

from assistant.core.events import TurnEvent
from assistant.core.projection import visitor_view

HEARTBEAT_S = 15
"""Proxies close silent connections; the bubble takes 40 silent seconds for a lost one."""


def to_sse(event: TurnEvent) -> ServerSentEvent:
    """An event as the visitor is sent it."""
    data = json.dumps(visitor_view(event), ensure_ascii=False, separators=(",", ":"))
    return ServerSentEvent(data=data, id=str(event.seq), event=event.body.type, sep="\n")


def sse_response(events: AsyncGenerator[TurnEvent, None]) -> EventSourceResponse:
    """A streaming response of events, with heartbeats; closes the events when it ends."""

    async def stream() -> AsyncIterator[ServerSentEvent]:
        async with aclosing(events):
            async for event in events:
                yield to_sse(event)

    return EventSourceResponse(
        stream(),
        ping=HEARTBEAT_S,
        ping_message_factory=lambda: ServerSentEvent(comment="ping", sep="\n"),
        sep="\n",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
