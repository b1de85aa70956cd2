"""Owns what may be used up: turns, tokens and money, by conversation and by day of the whole site.

Kept in the database, so that any number of server processes share one account. Does not own how
often somebody may ask (`http/limits.py`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from sqlalchemy import BigInteger, ColumnElement, String, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.core.errors import BudgetSpent
from assistant.core.events import (
    EventBody,
    JsonObject,
    Outcome,
    TurnCompleted,
    TurnFailed,
    TurnInterrupted,
)
from assistant.store.base import Base

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

    async def charge_turn(
        self, session: AsyncSession, conversation_id: str | None, now: datetime
    ) -> None:
        """Count a new turn.

        Args:
            session: the transaction in which the turn begins.
            conversation_id: whose turn; None where there is no conversation.
            now: the clock.

        Raises:
            BudgetSpent: the conversation's or the day's budget is used up.
        """
        if conversation_id is not None:
            budget = self._budgets.conversation
            if not await _take(session, conversation_id, ALWAYS, budget):
                raise BudgetSpent(
                    "This conversation is as long as it may get.",
                    remedy="Start a new conversation to go on.",
                    scope="conversation",
                )
        if not await _take(session, SITE, _day(now), self._budgets.day):
            wait_s = _until_tomorrow_s(now)
            raise BudgetSpent(
                "Heidi has answered as many questions as she may today.",
                remedy=f"Please ask again in {_in_words(wait_s)}.",
                scope="day",
                retry_after_s=wait_s,
            )

    async def record(
        self,
        session: AsyncSession,
        conversation_id: str | None,
        bodies: list[EventBody],
        at: datetime,
    ) -> None:
        """Count what the turns that end with these events have used."""
        used = [self._used(body) for body in bodies]
        tokens, micros = sum(one[0] for one in used), sum(one[1] for one in used)
        if not tokens and not micros:
            return
        places = [(SITE, _day(at))]
        if conversation_id is not None:
            places.insert(0, (conversation_id, ALWAYS))
        for scope, period in places:
            await _open(session, scope, period)
            await session.execute(
                update(UsageRow)
                .where(UsageRow.scope == scope, UsageRow.period == period)
                .values(tokens=UsageRow.tokens + tokens, cost_micros=UsageRow.cost_micros + micros)
            )

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


async def _take(session: AsyncSession, scope: str, period: str, budget: Budget) -> bool:
    """Count one turn unless the budget is spent; of many at once each is counted."""
    within: list[ColumnElement[bool]] = [UsageRow.scope == scope, UsageRow.period == period]
    limits = (
        (UsageRow.turns, budget.turns),
        (UsageRow.tokens, budget.tokens),
        (UsageRow.cost_micros, round(budget.cost_usd * MICROS)),
    )
    within += [column < limit for column, limit in limits if limit]
    count = update(UsageRow).where(*within).values(turns=UsageRow.turns + 1)
    if cast(Any, await session.execute(count)).rowcount:
        return True
    # Either the budget is spent or this is the first turn that is counted here.
    await _open(session, scope, period)
    return bool(cast(Any, await session.execute(count)).rowcount)


async def _open(session: AsyncSession, scope: str, period: str) -> None:
    """Make the row if it is not there."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if is_sqlite else postgresql.insert
    values = {"scope": scope, "period": period, "turns": 0, "tokens": 0, "cost_micros": 0}
    await session.execute(insert(UsageRow).values(**values).on_conflict_do_nothing())


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
