"""Owns that nobody's conversation is held for ever: what staff have left alone goes back to Heidi.

Every server process looks; what one has handed back the others do not find. When the visitor writes
first, the runner does the same (`agents/runner.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from assistant.store.takeovers import Takeovers

logger = structlog.get_logger(__name__)

LOOK_EVERY_S = 30.0


async def release_all(takeovers: Takeovers, now: datetime) -> int:
    """Hand back every conversation that staff have left alone for long; gives their number."""
    released = [await takeovers.release_idle(each, now) for each in await takeovers.held()]
    return sum(released)


async def keep_released(
    takeovers: Takeovers,
    clock: Callable[[], datetime],
    *,
    ran: Callable[[str, bool], None],
    pause_s: float = LOOK_EVERY_S,
) -> None:
    """Hand them back, for ever; returns at once if nothing is ever handed back.

    Args:
        takeovers: who has taken over what.
        clock: the time, in UTC.
        ran: is told of each run and whether it went well.
        pause_s: from one run to the next.
    """
    while takeovers.idle_after is not None:
        try:
            count = await release_all(takeovers, clock())
            if count:
                logger.info("takeovers.released", count=count)
            ran("takeovers", True)
        except Exception:
            logger.exception("takeovers.not_released")
            ran("takeovers", False)
        await asyncio.sleep(pause_s)
