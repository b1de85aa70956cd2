"""Owns reading the questions that Heidi could not answer well: abstained, or judged bad."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select

from assistant.core.events import Outcome
from assistant.store.base import table_of
from assistant.store.database import Database
from assistant.store.event_log import EventRow
from assistant.store.review_insights import Period
from assistant.store.review_tables import ReviewTurnRow
from indexing.database import sliced

MOST_QUESTIONS = 400
"""Of a period; of more, the latest."""

_turns = table_of(ReviewTurnRow).c
_events = table_of(EventRow).c


@dataclass(frozen=True, kw_only=True)
class OpenQuestion:
    """A question whose answer was missing or judged bad."""

    conversation_id: str
    turn_id: str
    asked_at: datetime
    message: str
    query: str
    """What was looked for, which makes a follow-up stand alone; empty: nothing was."""
    is_judged_bad: bool


class ReviewGaps:
    """Reads them from one database.

    Args:
        database: where turns are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, period: Period) -> tuple[OpenQuestion, ...]:
        """Those of a period, the latest first, at most `MOST_QUESTIONS`."""
        return await self._database.read(lambda connection: _read(connection, period))


def _read(connection: Connection, period: Period) -> tuple[OpenQuestion, ...]:
    rows = connection.execute(
        select(
            _turns.conversation_id,
            _turns.turn_id,
            _turns.started_at,
            _turns.message,
            _turns.feedback,
        )
        .where(
            _turns.day.between(period.first.isoformat(), period.last.isoformat()),
            or_(_turns.outcome == Outcome.ABSTAINED, _turns.feedback == "down"),
            _turns.message != "",
        )
        .order_by(_turns.started_at.desc(), _turns.turn_id)
        .limit(MOST_QUESTIONS)
    ).all()
    queries: dict[str, str] = {}
    for ids in sliced([row.turn_id for row in rows]):
        looked_for = select(_events.turn_id, _events.data["query"].as_string()).where(
            _events.turn_id.in_(ids), _events.type == "retrieval"
        )
        queries.update({turn_id: query or "" for turn_id, query in connection.execute(looked_for)})
    return tuple(
        OpenQuestion(
            conversation_id=row.conversation_id,
            turn_id=row.turn_id,
            asked_at=row.started_at,
            message=row.message,
            query=queries.get(row.turn_id, ""),
            is_judged_bad=row.feedback == "down",
        )
        for row in rows
    )
