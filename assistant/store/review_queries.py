"""Owns the questions that the console's list asks: filters, order, pages and counts. Reads only.

Pages are found by the last row of the one before (keyset pagination), so that a conversation which
moves to the top while somebody reads neither repeats nor hides another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from assistant.store.conversation_tables import Conversation, ConversationRow
from assistant.store.database import Database
from assistant.store.labels import LabelUseRow
from assistant.store.review_search import says, words_of
from assistant.store.review_tables import FacetRow, ReviewRow
from assistant.store.tickets import TicketRow

Status = Literal["waiting", "taken", "open", "idle"]
Sort = Literal["newest", "oldest", "started", "longest"]
STATUSES: tuple[Status, ...] = get_args(Status)
SORTS: tuple[Sort, ...] = get_args(Sort)
IDLE_AFTER = timedelta(hours=24)
"""A conversation in which the visitor said nothing for so long is over, as far as anybody knows."""


@dataclass(frozen=True, kw_only=True)
class ListFilter:
    """Which conversations; what is empty is not asked for."""

    search: str = ""
    status: Status | None = None
    outcome: str = ""
    feedback: str = ""
    label: str = ""
    """Id of a label, on the conversation or on one of its answers."""
    agent: str = ""
    since: datetime | None = None
    """Said something at or after this moment."""
    until: datetime | None = None
    """And before this one."""
    who: Literal["", "customer", "anonymous"] = ""
    ids: tuple[str, ...] = ()
    """Only these."""


@dataclass(frozen=True, kw_only=True)
class Cursor:
    """The row next to which a page begins."""

    value: str
    """Of the column that is sorted by."""
    id: str


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """One page of conversations."""

    conversations: tuple[Conversation, ...]
    total: int
    previous: Cursor | None
    """The page before ends above this row."""
    next: Cursor | None
    """The next page begins below this row."""


@dataclass(frozen=True, kw_only=True)
class LastSaid:
    """The last thing that was said in a conversation."""

    speaker: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Queues:
    """The queues' lengths."""

    counts: dict[str, int]
    """Conversations by status, and `all` of them."""
    longest_wait_since: datetime | None
    """When the ticket that has waited longest was opened."""


Facets = dict[str, tuple[tuple[str, int], ...]]
"""By kind (`outcome`, `feedback`, `agent`): value and number of conversations."""


_COLUMNS: dict[Sort, tuple[InstrumentedAttribute[Any], bool]] = {
    "newest": (ConversationRow.updated_at, True),
    "oldest": (ConversationRow.updated_at, False),
    "started": (ConversationRow.created_at, True),
    "longest": (ConversationRow.turn_count, True),
}
"""Column, and whether it falls."""


class ReviewQueries:
    """The list of one database.

    Args:
        database: where everything is kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self,
        wanted: ListFilter,
        now: datetime,
        *,
        sort: Sort = "newest",
        after: Cursor | None = None,
        before: Cursor | None = None,
        limit: int = 30,
    ) -> ListPage:
        """Conversations in which something was said.

        Args:
            wanted: which of them.
            now: the clock, for what is idle.
            sort: their order.
            after: last row of the page before.
            before: first row of the page after; reads backwards.
            limit: most rows.
        """
        where = _conditions(wanted, now, is_sqlite=self._database.is_sqlite)
        is_backwards = before is not None and after is None
        query = _in_order(select(ConversationRow).where(*where), sort, is_backwards=is_backwards)
        edge = before if is_backwards else after
        if edge is not None:
            query = query.where(_beyond(edge, sort, is_backwards=is_backwards))
        async with self._database.begin() as session:
            rows = list((await session.scalars(query.limit(limit + 1))).all())
            total = await session.scalar(
                select(func.count()).select_from(ConversationRow).where(*where)
            )
        has_more = len(rows) > limit
        rows = rows[:limit][::-1] if is_backwards else rows[:limit]
        has_previous = has_more if is_backwards else after is not None
        has_next = True if is_backwards else has_more
        return ListPage(
            conversations=tuple(map(_conversation, rows)),
            total=total or 0,
            previous=_cursor(rows[0], sort) if rows and has_previous else None,
            next=_cursor(rows[-1], sort) if rows and has_next else None,
        )

    async def facets_of(self, conversation_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """What is true of some conversations, as `kind:value`."""
        query = select(FacetRow.conversation_id, FacetRow.kind, FacetRow.value).where(
            FacetRow.conversation_id.in_(conversation_ids)
        )
        found: dict[str, set[str]] = {each: set() for each in conversation_ids}
        async with self._database.begin() as session:
            for conversation_id, kind, value in await session.execute(query):
                found[conversation_id].add(f"{kind}:{value}")
        return {key: frozenset(values) for key, values in found.items()}

    async def last_said(self, conversation_ids: Sequence[str]) -> dict[str, LastSaid]:
        """The last thing said in some conversations, where anything was."""
        query = select(ReviewRow.conversation_id, ReviewRow.last_speaker, ReviewRow.last_said)
        query = query.where(ReviewRow.conversation_id.in_(conversation_ids))
        async with self._database.begin() as session:
            rows = (await session.execute(query)).all()
        return {key: LastSaid(speaker=who, text=said) for key, who, said in rows if said}

    async def queues(self, now: datetime) -> Queues:
        """How many conversations there are in each queue."""
        counts = [
            func.coalesce(func.sum(case((_has_status(status, now), 1), else_=0)), 0)
            for status in STATUSES
        ]
        query = select(func.count(), *counts).where(ConversationRow.turn_count > 0)
        oldest = select(func.min(TicketRow.opened_at)).where(TicketRow.status == "open")
        async with self._database.begin() as session:
            numbers = (await session.execute(query)).one()
            longest = await session.scalar(oldest)
        return Queues(
            counts=dict(zip(("all", *STATUSES), numbers, strict=True)), longest_wait_since=longest
        )

    async def facets(self) -> Facets:
        """What there is to filter by."""
        query = (
            select(FacetRow.kind, FacetRow.value, func.count())
            .group_by(FacetRow.kind, FacetRow.value)
            .order_by(FacetRow.kind, func.count().desc(), FacetRow.value)
        )
        async with self._database.begin() as session:
            rows = (await session.execute(query)).all()
        values: Facets = {}
        for kind, value, number in rows:
            values[kind] = (*values.get(kind, ()), (value, number))
        return values


def cursor_of(text: str, sort: Sort) -> Cursor | None:
    """The cursor that an address holds, if it can be one of this order."""
    value, _, row_id = text.rpartition("~")
    try:
        _value_of(value, sort)
    except (ValueError, OverflowError):
        return None
    return Cursor(value=value, id=row_id) if row_id else None


def _conditions(wanted: ListFilter, now: datetime, *, is_sqlite: bool) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [ConversationRow.turn_count > 0]
    if words := words_of(wanted.search):
        where.append(says(words, is_sqlite=is_sqlite))
    if wanted.status is not None:
        where.append(_has_status(wanted.status, now))
    for kind in ("outcome", "feedback", "agent"):
        value = getattr(wanted, kind)
        if value:
            where.append(_has_facet(kind, value))
    if wanted.label:
        where.append(_has_label(wanted.label))
    return where + _of_visitors(wanted)


def _of_visitors(wanted: ListFilter) -> list[ColumnElement[bool]]:
    """Conditions on the conversation itself: when it went on, and with whom."""
    where: list[ColumnElement[bool]] = []
    if wanted.ids:
        where.append(ConversationRow.id.in_(wanted.ids))
    if wanted.since is not None:
        where.append(ConversationRow.updated_at >= wanted.since)
    if wanted.until is not None:
        where.append(ConversationRow.created_at < wanted.until)
    if wanted.who:
        is_anonymous = ConversationRow.customer_id.is_(None)
        where.append(is_anonymous if wanted.who == "anonymous" else ~is_anonymous)
    return where


def _has_status(status: Status, now: datetime) -> ColumnElement[bool]:
    waits = (
        select(TicketRow.id)
        .where(TicketRow.conversation_id == ConversationRow.id, TicketRow.status == "open")
        .exists()
    )
    is_taken = ConversationRow.taken_over_by.is_not(None)
    is_idle = or_(ConversationRow.is_paused, ConversationRow.updated_at < now - IDLE_AFTER)
    match status:
        case "waiting":
            return waits
        case "taken":
            return is_taken
        case "open":
            return and_(~waits, ~is_taken, ~is_idle)
        case "idle":
            return and_(~waits, ~is_taken, is_idle)


def _has_facet(kind: str, value: str) -> ColumnElement[bool]:
    return (
        select(FacetRow.conversation_id)
        .where(
            FacetRow.conversation_id == ConversationRow.id,
            FacetRow.kind == kind,
            FacetRow.value == value,
        )
        .exists()
    )


def _has_label(label_id: str) -> ColumnElement[bool]:
    return (
        select(LabelUseRow.id)
        .where(
            LabelUseRow.conversation_id == ConversationRow.id,
            LabelUseRow.label_id == label_id,
            LabelUseRow.removed_at.is_(None),
        )
        .exists()
    )


def _in_order(
    query: Select[ConversationRow], sort: Sort, *, is_backwards: bool
) -> Select[ConversationRow]:
    column, falls = _COLUMNS[sort]
    falls = falls != is_backwards
    identity = ConversationRow.id.desc() if is_backwards else ConversationRow.id
    return query.order_by(column.desc() if falls else column, identity)


def _beyond(edge: Cursor, sort: Sort, *, is_backwards: bool) -> ColumnElement[bool]:
    column, falls = _COLUMNS[sort]
    value = literal(_value_of(edge.value, sort), column.type)
    further = column < value if falls != is_backwards else column > value
    is_behind = ConversationRow.id < edge.id if is_backwards else ConversationRow.id > edge.id
    return or_(further, and_(column == value, is_behind))


def _value_of(text: str, sort: Sort) -> datetime | int:
    if sort == "longest":
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise ValueError(text)
        return int(text)
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def _cursor(row: ConversationRow, sort: Sort) -> Cursor:
    value = getattr(row, _COLUMNS[sort][0].key)
    shown = value.isoformat() if isinstance(value, datetime) else str(value)
    return Cursor(value=shown, id=row.id)


def _conversation(row: ConversationRow) -> Conversation:
    return Conversation(**{name: getattr(row, name) for name in Conversation.__dataclass_fields__})
