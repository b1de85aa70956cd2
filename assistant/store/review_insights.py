"""Owns counting how Heidi does in a period: one reading of the turns that the console keeps.

Everything is counted by the database, so that no answer waits for a server that counts. Percentiles
are of the nearest rank: the value below which that share of the values lies.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select

from assistant.core.events import Outcome
from assistant.core.transcript import PASSED_ON
from assistant.store.base import table_of
from assistant.store.conversation_tables import ConversationRow
from assistant.store.database import Database
from assistant.store.event_log import EventRow
from assistant.store.review_tables import ReviewCitationRow, ReviewRow, ReviewTurnRow
from assistant.store.tickets import TicketRow
from indexing.database import sliced

MOST_TICKETS = 2_000
"""Whose waits are looked at; of more, the latest."""
MOST_CITED = 10

_turns = table_of(ReviewTurnRow).c
_said = table_of(ReviewRow).c
_citations = table_of(ReviewCitationRow).c
_conversations = table_of(ConversationRow).c
_tickets = table_of(TicketRow).c
_events = table_of(EventRow).c


_Spread = dict[str, Counter[int]]
"""By agent: how often each number of milliseconds occurs."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """Days of UTC, both ends included."""

    first: date
    last: date

    @property
    def length(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Period:
        """As many days right before it."""
        last = self.first - timedelta(days=1)
        return Period(first=last - timedelta(days=self.length - 1), last=last)

    @property
    def days(self) -> tuple[date, ...]:
        """Each of its days."""
        return tuple(self.first + timedelta(days=number) for number in range(self.length))


@dataclass(frozen=True, kw_only=True)
class Times:
    """Milliseconds that half of the answers, and 95 of 100, take at most; None: there are none."""

    p50: int | None
    p95: int | None


@dataclass(frozen=True, kw_only=True)
class AgentFigures:
    """How one agent did."""

    agent: str
    turns: int
    answered: int
    abstained: int
    up: int
    down: int
    tokens: int
    cost_usd: float | None
    first_text: Times
    answer: Times


@dataclass(frozen=True, kw_only=True)
class DayFigures:
    """What was asked on one day."""

    day: date
    conversations: int
    answered: int
    abstained: int
    other: int

    @property
    def turns(self) -> int:
        """All that was asked."""
        return self.answered + self.abstained + self.other


@dataclass(frozen=True, kw_only=True)
class Cited:
    """A briefing and how many answers cite it."""

    title: str
    path: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Figures:
    """How Heidi did in a period."""

    conversations: int
    with_customers: int
    resolved: int
    turns: int
    outcomes: tuple[tuple[str, int], ...]
    """The most frequent one first."""
    handed_over: int
    """Conversations in which somebody asked for a person."""
    median_wait_s: float | None
    """Of those that were helped."""
    up: int
    down: int
    tokens: int
    cost_usd: float | None
    first_text: Times
    answer: Times
    agents: tuple[AgentFigures, ...]
    days: tuple[DayFigures, ...]
    cited: tuple[Cited, ...]

    def count(self, outcome: str) -> int:
        """How many turns ended so."""
        return dict(self.outcomes).get(outcome, 0)


class ReviewInsights:
    """Counts in one database.

    Args:
        database: where the turns are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, period: Period) -> Figures:
        """The figures of a period."""
        return await self._database.read(lambda connection: _figures(connection, period))


def _figures(connection: Connection, period: Period) -> Figures:
    rows = _by_kind(connection, period)
    agents = sorted({row.agent for row in rows})
    spreads = [
        _spread(connection, period, column) for column in (_turns.first_text_ms, _turns.answer_ms)
    ]
    everything = _agent_figures(rows, "", spreads)
    conversations = _conversations_of(connection, period)
    waits = _waits(connection, period)
    outcomes: dict[str, int] = {}
    for row in rows:
        outcomes[row.outcome] = outcomes.get(row.outcome, 0) + row.turns
    return Figures(
        conversations=conversations.total,
        with_customers=conversations.customers,
        resolved=conversations.resolved,
        turns=everything.turns,
        outcomes=tuple(sorted(outcomes.items(), key=lambda each: (-each[1], each[0]))),
        handed_over=len(waits),
        median_wait_s=_median([wait for wait in waits.values() if wait is not None]),
        up=everything.up,
        down=everything.down,
        tokens=everything.tokens,
        cost_usd=everything.cost_usd,
        first_text=everything.first_text,
        answer=everything.answer,
        agents=tuple(
            _agent_figures([row for row in rows if row.agent == agent], agent, spreads)
            for agent in agents
        ),
        days=_days(connection, period),
        cited=_cited(connection, period),
    )


def _in(period: Period) -> ColumnElement[bool]:
    return _turns.day.between(period.first.isoformat(), period.last.isoformat())


def _by_kind(connection: Connection, period: Period) -> list[Any]:
    """Turns by agent, outcome and judgement."""
    kind = (_turns.agent, _turns.outcome, _turns.feedback)
    query = select(
        *kind,
        func.count().label("turns"),
        func.sum(_turns.tokens).label("tokens"),
        func.sum(_turns.cost_usd).label("cost_usd"),
    )
    return list(connection.execute(query.where(_in(period)).group_by(*kind)))


def _agent_figures(rows: Sequence[Any], agent: str, spreads: Sequence[_Spread]) -> AgentFigures:
    """Of one agent, or of all if none is named."""
    costs = [float(row.cost_usd) for row in rows if row.cost_usd is not None]

    def turns(**wanted: str) -> int:
        fit = (
            row.turns
            for row in rows
            if all(getattr(row, name) == value for name, value in wanted.items())
        )
        return sum(fit)

    first_text, answer = (_times(spread, agent) for spread in spreads)
    return AgentFigures(
        agent=agent,
        turns=turns(),
        answered=turns(outcome=Outcome.ANSWERED),
        abstained=turns(outcome=Outcome.ABSTAINED),
        up=turns(feedback="up"),
        down=turns(feedback="down"),
        tokens=sum(row.tokens for row in rows),
        cost_usd=sum(costs) if costs else None,
        first_text=first_text,
        answer=answer,
    )


def _spread(connection: Connection, period: Period, column: ColumnElement[int | None]) -> _Spread:
    """How often each number of milliseconds occurs: one reading for every percentile."""
    query = (
        select(_turns.agent, column, func.count())
        .where(_in(period), _turns.outcome != PASSED_ON, column.is_not(None))
        .group_by(_turns.agent, column)
    )
    found: _Spread = {}
    for agent, value, count in connection.execute(query):
        found.setdefault(agent, Counter())[int(value)] = count
    return found


def _times(spread: _Spread, agent: str) -> Times:
    """Of one agent, or of all if none is named."""
    counts: Counter[int] = Counter()
    for name, values in spread.items():
        if name == agent or not agent:
            counts.update(values)
    return Times(p50=_percentile(counts, 0.5), p95=_percentile(counts, 0.95))


def _percentile(counts: Counter[int], share: float) -> int | None:
    left = math.ceil(share * counts.total())
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return None


def _conversations_of(connection: Connection, period: Period) -> Any:  # noqa: ANN401 - a row
    asked_in = select(_turns.conversation_id).where(_in(period)).distinct()
    has_ticket = select(_tickets.id).where(_tickets.conversation_id == _conversations.id).exists()
    is_resolved = _said.is_resolved & ~has_ticket
    query = (
        select(
            func.count().label("total"),
            func.count(_conversations.customer_id).label("customers"),
            func.coalesce(func.sum(case((is_resolved, 1), else_=0)), 0).label("resolved"),
        )
        .select_from(table_of(ConversationRow).join(table_of(ReviewRow)))
        .where(_conversations.id.in_(asked_in))
    )
    return connection.execute(query).one()


def _waits(connection: Connection, period: Period) -> dict[str, float | None]:
    """Seconds from asking for a person to their first word, by ticket; None: not helped yet."""
    start = datetime.combine(period.first, time(), UTC)
    end = datetime.combine(period.last, time(), UTC) + timedelta(days=1)
    tickets = list(
        connection.execute(
            select(_tickets.id, _tickets.conversation_id, _tickets.opened_at, _tickets.closed_at)
            .where(_tickets.opened_at >= start, _tickets.opened_at < end)
            .order_by(_tickets.opened_at.desc())
            .limit(MOST_TICKETS)
        )
    )
    spoke: dict[str, list[datetime]] = {}
    for ids in sliced([ticket.conversation_id for ticket in tickets]):
        query = select(_events.conversation_id, _events.at).where(
            _events.conversation_id.in_(ids), _events.type.in_(("staff.message", "staff.joined"))
        )
        for conversation_id, at in connection.execute(query):
            spoke.setdefault(conversation_id, []).append(at)
    waits: dict[str, float | None] = {}
    for ticket in tickets:
        ends = [at for at in spoke.get(ticket.conversation_id, []) if at >= ticket.opened_at]
        ends += [ticket.closed_at] if ticket.closed_at else []
        waits[ticket.id] = (min(ends) - ticket.opened_at).total_seconds() if ends else None
    return waits


def _median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None


def _days(connection: Connection, period: Period) -> tuple[DayFigures, ...]:
    def number_of(outcome: str) -> ColumnElement[int]:
        return func.sum(case((_turns.outcome == outcome, 1), else_=0))

    query = select(
        _turns.day,
        func.count(_turns.conversation_id.distinct()),
        func.count(),
        number_of(Outcome.ANSWERED),
        number_of(Outcome.ABSTAINED),
    )
    rows = connection.execute(query.where(_in(period)).group_by(_turns.day))
    found = {row[0]: tuple(map(int, row[1:])) for row in rows}
    days = []
    for day in period.days:
        conversations, turns, answered, abstained = found.get(day.isoformat(), (0, 0, 0, 0))
        days.append(
            DayFigures(
                day=day,
                conversations=conversations,
                answered=answered,
                abstained=abstained,
                other=turns - answered - abstained,
            )
        )
    return tuple(days)


def _cited(connection: Connection, period: Period) -> tuple[Cited, ...]:
    count = func.count().label("answers")
    query = (
        select(func.max(_citations.title), func.max(_citations.path), count)
        .select_from(
            table_of(ReviewCitationRow).join(
                table_of(ReviewTurnRow),
                (_citations.conversation_id == _turns.conversation_id)
                & (_citations.turn_id == _turns.turn_id),
            )
        )
        .where(_in(period))
        .group_by(_citations.briefing_id)
        .order_by(count.desc(), _citations.briefing_id)
        .limit(MOST_CITED)
    )
    rows = connection.execute(query)
    return tuple(Cited(title=title, path=path, count=number) for title, path, number in rows)
