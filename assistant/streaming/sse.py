"""Owns the shape of events on the wire: server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import dataclass

from sse_starlette import EventSourceResponse, ServerSentEvent

from assistant.core.events import TurnEvent
from assistant.core.projection import visitor_view

HEARTBEAT_S = 15
"""Proxies close silent connections; the bubble takes 40 silent seconds for a lost one."""


@dataclass(frozen=True, kw_only=True)
class Rejoin:
    """The last word of a stream whose reader may not read on as it began: it shall come again.

    No event of the log: it has no number, so that whoever comes again misses nothing.
    """

    reason: str = "credentials"


def to_sse(event: TurnEvent | Rejoin) -> ServerSentEvent:
    """An event as the visitor is sent it."""
    if isinstance(event, Rejoin):
        told = json.dumps({"type": "rejoin", "reason": event.reason}, separators=(",", ":"))
        return ServerSentEvent(data=told, event="rejoin", sep="\n")
    data = json.dumps(visitor_view(event), ensure_ascii=False, separators=(",", ":"))
    return ServerSentEvent(data=data, id=str(event.seq), event=event.body.type, sep="\n")


def sse_response(
    batches: AsyncGenerator[Sequence[TurnEvent] | Rejoin, None],
    while_open: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> EventSourceResponse:
    """A streaming response of events, with heartbeats; closes the batches when it ends.

    Args:
        batches: what is there at once, and is sent at once.
        while_open: entered for as long as the stream is read.
    """

    async def stream() -> AsyncIterator[bytes]:
        with while_open():
            async with aclosing(batches):
                async for batch in batches:
                    events = (batch,) if isinstance(batch, Rejoin) else batch
                    yield b"".join(to_sse(event).encode() for event in events)

    return EventSourceResponse(
        stream(),
        ping=HEARTBEAT_S,
        ping_message_factory=lambda: ServerSentEvent(comment="ping", sep="\n"),
        sep="\n",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
