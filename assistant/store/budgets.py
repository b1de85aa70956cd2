"""Owns what may be used up: turns, tokens and money, by conversation and by day of the whole site.

Kept in the database, so that any number of server processes share one account. Does not own how
often somebody may ask (`http/limits.py`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import BigInteger, Connection, Row, String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.dml import ReturningInsert

from assistant.core.errors import BudgetSpent
from assistant.core.events import (
    EventBody,
    JsonObject,
    Outcome,
    TurnCompleted,
    TurnFailed,
    TurnInterrupted,
)
from assistant.store.base import Base, table_of

SITE = "site"
ALWAYS = ""
MICROS = 1_000_000
MOST_COUNTED = 10**15
"""A provider that reports nonsense must not overflow the column."""


class UsageRow(Base):
    """What was used up in one scope and period."""

    __tablename__ = "usage"

    scope: Mapped[str] = mapped_column(String(40), primary_key=True)
    """A conversation's id, or the site."""
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    """ISO 8601 day in UTC; empty for a conversation's whole life."""
    turns: Mapped[int] = mapped_column(BigInteger, default=0)
    tokens: Mapped[int] = mapped_column(BigInteger, default=0)
    cost_micros: Mapped[int] = mapped_column(BigInteger, default=0)
    """Millionths of a US dollar."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How much may be used; 0: no limit."""

    turns: int = 0
    tokens: int = 0
    cost_usd: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Budgets:
    """What one conversation and what the site may use."""

    conversation: Budget = Budget()
    """In its whole life."""
    day: Budget = Budget()
    """Of all conversations, in a day of UTC."""
    unfinished_tokens: int = 0
    """Counted for a turn that was stopped or broke before its model said what it used."""


class Ledger:
    """Counts in the transaction of the change that is counted.

    A turn is refused when a budget is spent, not when it might become so: the last turn may go
    over it by what one turn may use.

    Args:
        budgets: what may be used.
    """

    def __init__(self, budgets: Budgets) -> None:
        self._budgets = budgets

    def charge_turn(self, connection: Connection, conversation_id: str, now: datetime) -> None:
        """Count a new turn.

        Args:
            connection: the transaction in which the turn begins; it must not be committed when the
                turn is refused, since that is counted too.
            conversation_id: whose turn.
            now: the clock.

        Raises:
            BudgetSpent: the conversation's or the day's budget is used up.
        """
        used = _add(connection, conversation_id, ALWAYS, turns=1)
        if _is_over(used, self._budgets.conversation):
            raise BudgetSpent(
                "This conversation is as long as it may get.",
                remedy="Start a new conversation to go on.",
                scope="conversation",
            )
        used = _add(connection, SITE, _day(now), turns=1)
        if _is_over(used, self._budgets.day):
            wait_s = _until_tomorrow_s(now)
            raise BudgetSpent(
                "Heidi has answered as many questions as she may today.",
                remedy=f"Please ask again in {_in_words(wait_s)}.",
                scope="day",
                retry_after_s=wait_s,
            )

    def record(
        self,
        connection: Connection,
        conversation_id: str,
        bodies: Sequence[EventBody],
        at: datetime,
    ) -> None:
        """Count what the turns that end with these events have used."""
        used = [self._used(body) for body in bodies]
        tokens, micros = sum(one[0] for one in used), sum(one[1] for one in used)
        if tokens or micros:
            _add(connection, conversation_id, ALWAYS, tokens=tokens, micros=micros)
            _add(connection, SITE, _day(at), tokens=tokens, micros=micros)

    def _used(self, body: EventBody) -> tuple[int, int]:
        """Tokens and millionths of a dollar."""
        if isinstance(body, TurnCompleted):
            is_stopped = body.outcome is Outcome.CANCELLED and not body.usage
            return (self._budgets.unfinished_tokens, 0) if is_stopped else _reported(body.usage)
        is_broken = isinstance(body, TurnFailed | TurnInterrupted)
        return (self._budgets.unfinished_tokens if is_broken else 0, 0)


def _reported(usage: JsonObject) -> tuple[int, int]:
    tokens = sum(_count(usage.get(name)) for name in ("prompt_tokens", "completion_tokens"))
    return tokens, _count(usage.get("cost_usd"), MICROS)


def _count(value: object, factor: int = 1) -> int:
    """A reported number as a whole one; what is none counts nothing."""
    try:
        number = Decimal(str(value)) * factor
        return min(max(math.ceil(number), 0), MOST_COUNTED) if number.is_finite() else 0
    except (InvalidOperation, OverflowError):
        return 0


def _is_over(used: Row[Any], budget: Budget) -> bool:
    """Whether a turn that is counted already was one too many."""
    return (
        (budget.turns > 0 and used.turns > budget.turns)
        or (budget.tokens > 0 and used.tokens >= budget.tokens)
        or (budget.cost_usd > 0 and used.cost_micros >= round(budget.cost_usd * MICROS))
    )


_COUNTED = ("turns", "tokens", "cost_micros")


def _adding(dialect: Any) -> ReturningInsert[Any]:  # noqa: ANN401 - the dialects share no type
    """Adds to what is used in a scope and period, and gives the sums.

    One statement, whether the row is there or not: of many at once each is counted.
    """
    usage = table_of(UsageRow)
    insert = dialect.insert(usage)
    statement: ReturningInsert[Any] = insert.on_conflict_do_update(
        index_elements=[usage.c.scope, usage.c.period],
        set_={each: usage.c[each] + insert.excluded[each] for each in _COUNTED},
    ).returning(*(usage.c[each] for each in _COUNTED))
    return statement


# Built once: building a statement takes longer than SQLite takes to execute it.
_ADDING = {"sqlite": _adding(sqlite), "postgresql": _adding(postgresql)}


def _add(
    connection: Connection,
    scope: str,
    period: str,
    *,
    turns: int = 0,
    tokens: int = 0,
    micros: int = 0,
) -> Row[Any]:
    """What has been used, this included."""
    row = {"scope": scope, "period": period, "turns": turns, "tokens": tokens}
    adding = _ADDING[connection.dialect.name]
    return connection.execute(adding, row | {"cost_micros": micros}).one()


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()


def _until_tomorrow_s(now: datetime) -> int:
    utc = now.astimezone(UTC)
    midnight = datetime.combine(utc.date() + timedelta(days=1), time(), UTC)
    return math.ceil((midnight - utc).total_seconds())


def _in_words(seconds: int) -> str:
    hours, minutes = seconds // 3600, max(1, seconds // 60)
    if hours > 1:
        return f"{hours + 1} hours"
    return f"{minutes} minutes" if minutes > 1 else "a minute"
