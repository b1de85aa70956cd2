"""Owns the questions that the console's list asks: filters, order, pages and counts. Reads only.

Pages are found by the last row of the one before (keyset pagination), so that a conversation which
moves to the top while somebody reads neither repeats nor hides another.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from assistant.store.conversation_tables import Conversation, ConversationRow
from assistant.store.database import Database
from assistant.store.labels import LabelUseRow
from assistant.store.review_index import FacetRow, ReviewRow, searchable
from assistant.store.tickets import TicketRow

Status = Literal["waiting", "taken", "open", "idle"]
Sort = Literal["newest", "oldest", "started", "longest"]
STATUSES: tuple[Status, ...] = get_args(Status)
SORTS: tuple[Sort, ...] = get_args(Sort)
IDLE_AFTER = timedelta(hours=24)
"""A conversation in which the visitor said nothing for so long is over, as far as anybody knows."""
MAX_WORDS = 10
"""Of a search: more are left out."""


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
class Facets:
    """What there is to filter by, and the queues' lengths."""

    values: dict[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    """By kind (`outcome`, `feedback`, `agent`): value and number of conversations."""
    counts: dict[str, int] = field(default_factory=dict)
    """Conversations by status, and `all` of them."""
    longest_wait_since: datetime | None = None
    """When the ticket that has waited longest was opened."""


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
        where = _conditions(wanted, now)
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

    async def facets(self, now: datetime) -> Facets:
        """What there is to filter by."""
        by_value = (
            select(FacetRow.kind, FacetRow.value, func.count())
            .group_by(FacetRow.kind, FacetRow.value)
            .order_by(FacetRow.kind, func.count().desc(), FacetRow.value)
        )
        oldest = select(func.min(TicketRow.opened_at)).where(TicketRow.status == "open")
        async with self._database.begin() as session:
            rows = (await session.execute(by_value)).all()
            counts = {
                status: await session.scalar(
                    select(func.count())
                    .select_from(ConversationRow)
                    .where(*_conditions(ListFilter(status=status), now))
                )
                for status in (None, *STATUSES)
            }
            longest = await session.scalar(oldest)
        values: dict[str, tuple[tuple[str, int], ...]] = {}
        for kind, value, number in rows:
            values[kind] = (*values.get(kind, ()), (value, number))
        return Facets(
            values=values,
            counts={status or "all": number or 0 for status, number in counts.items()},
            longest_wait_since=longest,
        )


def words_of(search: str) -> tuple[str, ...]:
    """What is looked for: words, and phrases in double quotes; each has to be there."""
    try:
        lexer = shlex.shlex(searchable(search), posix=True)
        lexer.quotes, lexer.whitespace_split, lexer.commenters = '"', True, ""
        lexer.escape = ""
        words = list(lexer)
    except ValueError:  # a quote that is never closed is a character like any other
        words = searchable(search).replace('"', " ").split()
    return tuple(word for word in words if word)[:MAX_WORDS]


def cursor_of(text: str, sort: Sort) -> Cursor | None:
    """The cursor that an address holds, if it can be one of this order."""
    value, _, row_id = text.rpartition("~")
    try:
        _value_of(value, sort)
    except (ValueError, OverflowError):
        return None
    return Cursor(value=value, id=row_id) if row_id else None


def _conditions(wanted: ListFilter, now: datetime) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [ConversationRow.turn_count > 0]
    where += [_says(word) for word in words_of(wanted.search)]
    if wanted.status is not None:
        where.append(_has_status(wanted.status, now))
    for kind in ("outcome", "feedback", "agent"):
        value = getattr(wanted, kind)
        if value:
            where.append(_has_facet(kind, value))
    if wanted.label:
        where.append(_has_label(wanted.label))
    if wanted.since is not None:
        where.append(ConversationRow.updated_at >= wanted.since)
    if wanted.until is not None:
        where.append(ConversationRow.created_at < wanted.until)
    if wanted.who:
        is_anonymous = ConversationRow.customer_id.is_(None)
        where.append(is_anonymous if wanted.who == "anonymous" else ~is_anonymous)
    return where


def _says(word: str) -> ColumnElement[bool]:
    said = select(ReviewRow.conversation_id).where(
        ReviewRow.conversation_id == ConversationRow.id,
        ReviewRow.text.contains(word, autoescape=True),
    )
    columns = (
        ConversationRow.first_message,
        ConversationRow.customer_name,
        ConversationRow.customer_id,
        ConversationRow.id,
    )
    return or_(said.exists(), *(each.icontains(word, autoescape=True) for each in columns))


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
