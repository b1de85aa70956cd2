"""Owns how long conversations are kept: what is older than the settings say is deleted.

Every server process looks; what one has deleted the others do not find.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from assistant.store.erasure import Erasure

logger = structlog.get_logger(__name__)

LOOK_EVERY_S = 3600.0


async def delete_old(erasure: Erasure, *, days: int, now: datetime) -> int:
    """Delete conversations in which nothing happened for so many days; gives their number."""
    ids = await erasure.find_older(now - timedelta(days=days))
    return (await erasure.erase(ids, "retention", now)).conversations


async def keep_retention(
    erasure: Erasure,
    *,
    days: int,
    clock: Callable[[], datetime],
    ran: Callable[[str, bool], None],
    pause_s: float = LOOK_EVERY_S,
) -> None:
    """Delete what is too old, for ever.

    Args:
        erasure: deletes.
        days: how long conversations are kept.
        clock: the time, in UTC.
        ran: is told of each run and whether it went well.
        pause_s: from one run to the next.
    """
    while True:
        try:
            count = await delete_old(erasure, days=days, now=clock())
            if count:
                logger.info("conversations.deleted", count=count, reason="retention")
            ran("retention", True)
        except Exception:
            logger.exception("conversations.not_deleted")
            ran("retention", False)
        await asyncio.sleep(pause_s)
