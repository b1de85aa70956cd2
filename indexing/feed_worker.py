"""Owns a round of feeds in a process of its own: `python -m indexing.feed_worker`.

A server starts it, so that reading hostile feeds and writing drafts, minutes of computing at worst,
never holds up an answer. It is told on standard input what to do, since settings may hold a
password. What came of each feed is in the database; errors of ours go to standard error.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from pydantic import BaseModel, ConfigDict

from indexing.database import open_engine
from indexing.embedding import embedder_for
from indexing.feed_list import Feed
from indexing.feed_rounds import FeedRound, feed_client
from indexing.settings import IndexingSettings

_NICENESS = 10
_PAUSE_S = 2.0


class Order(BaseModel):
    """What a round is to do."""

    model_config = ConfigDict(frozen=True)

    settings: dict[str, object]
    """Those of `IndexingSettings`."""
    fetch: tuple[Feed, ...]
    """Feeds to fetch."""
    listed: tuple[Feed, ...]
    """All feeds of the list: stories are written by their terms."""


def order_of(settings: IndexingSettings, fetch: Sequence[Feed], listed: Sequence[Feed]) -> bytes:
    """An order as the process reads it.

    Args:
        settings: Of the server; what is no setting of indexing stays there.
        fetch: Feeds to fetch.
        listed: All feeds of the list.
    """
    kept = settings.model_dump(mode="json", include=set(IndexingSettings.model_fields))
    order = Order(settings=kept, fetch=tuple(fetch), listed=tuple(listed))
    return order.model_dump_json().encode()


async def carry_out(order: Order) -> None:
    """Fetch, then write what is new; waits while another process is writing."""
    settings = IndexingSettings(**order.settings)  # type: ignore[arg-type]
    engine = open_engine(settings.database)
    try:
        async with feed_client(settings) as client:
            round_ = FeedRound(
                engine=engine, settings=settings, embedder=embedder_for(settings), client=client
            )
            async for _ in round_.fetch(order.fetch):
                pass
            while await round_.write(order.listed) is None:
                await asyncio.sleep(_PAUSE_S)
    finally:
        await engine.dispose()


async def _until_stopped(order: Order) -> None:
    work = asyncio.current_task()
    assert work is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
    with suppress(asyncio.CancelledError):
        await carry_out(order)


def main() -> None:
    """Read an order from standard input and carry it out; SIGTERM ends it early."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    order = Order.model_validate_json(sys.stdin.buffer.read())
    os.nice(_NICENESS)
    asyncio.run(_until_stopped(order))


if __name__ == "__main__":
    main()
