"""Owns the queries of held slots: times kept for somebody who is deciding whether to book them.

A hold is a courtesy that expires by itself; what makes double booking impossible are the claims of
meetings. Of any number who want to hold a granule the primary key lets one (`store/calendar.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.exc import IntegrityError

from assistant.store.calendar import ClaimRow, HoldRow
from assistant.store.database import Database


class Unavailable(Exception):
    """Somebody else holds or has booked a part of this time."""


async def replace_hold(
    database: Database,
    holder: str,
    host_id: str,
    granules: Sequence[datetime],
    *,
    until: datetime,
    now: datetime,
    ignoring: str | None,
) -> None:
    """Hold these granules and let go of what the holder held before, or nothing of both.

    Raises:
        Unavailable: a granule is held by somebody else, or a meeting has it.
    """
    rows = [
        {"host_id": host_id, "starts_at": start, "holder": holder, "expires_at": until}
        for start in sorted(granules)
    ]
    try:
        async with database.begin() as session:
            await session.execute(delete(HoldRow).where(HoldRow.holder == holder))
            await session.execute(
                delete(HoldRow).where(
                    HoldRow.host_id == host_id,
                    HoldRow.starts_at.in_(granules),
                    HoldRow.expires_at <= now,
                )
            )
            await session.execute(insert(HoldRow), rows)
            # Whoever held it until a moment ago may have booked it since this was chosen.
            if await session.scalar(_claimed(host_id, granules, ignoring)):
                raise Unavailable
    except IntegrityError as error:
        raise Unavailable from error


async def delete_hold(database: Database, holder: str) -> None:
    """Let go of whatever somebody holds."""
    async with database.begin() as session:
        await session.execute(delete(HoldRow).where(HoldRow.holder == holder))


async def read_holds(
    database: Database, host_ids: Sequence[str], since: datetime, until: datetime
) -> Sequence[HoldRow]:
    """Holds within the period, whoever has them, expired ones included."""
    query = select(HoldRow).where(
        HoldRow.host_id.in_(host_ids), HoldRow.starts_at >= since, HoldRow.starts_at < until
    )
    async with database.begin() as session:
        return (await session.scalars(query)).all()


def _claimed(host_id: str, granules: Sequence[datetime], ignoring: str | None) -> Select[str]:
    query = select(ClaimRow.meeting_id).where(
        ClaimRow.host_id == host_id, ClaimRow.starts_at.in_(granules)
    )
    if ignoring is not None:
        query = query.where(ClaimRow.meeting_id != ignoring)
    return query.limit(1)
