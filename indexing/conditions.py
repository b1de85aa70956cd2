"""Owns the conditions that select briefings in SQL."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, Text, and_, or_, type_coerce

from indexing.briefings import BriefingStatus
from indexing.tables import briefings_table

_COLUMNS = briefings_table.c


def is_published() -> ColumnElement[bool]:
    """Readers can see it."""
    return _COLUMNS.status == BriefingStatus.PUBLISHED.value


def is_to_index() -> ColumnElement[bool]:
    """Published, and the index holds nothing or something older of it."""
    return and_(is_published(), _COLUMNS.content_hash.is_distinct_from(_COLUMNS.indexed_hash))


def is_to_remove() -> ColumnElement[bool]:
    """Not published, and still in the index."""
    return and_(~is_published(), _COLUMNS.indexed_hash.is_not(None))


def has_labels(
    *, category: str | None, section: str | None, sentiment: str | None
) -> list[ColumnElement[bool]]:
    """It bears every label that is given, spelt exactly."""
    wanted = (
        (_COLUMNS.category, category),
        (_COLUMNS.section, section),
        (_COLUMNS.sentiment, sentiment),
    )
    return [column == value for column, value in wanted if value is not None]


def is_dated(since: date | None, until: date | None) -> list[ColumnElement[bool]]:
    """Its day lies between two days, both included."""
    first = [_COLUMNS.date >= since] if since else []
    last = [_COLUMNS.date <= until] if until else []
    return first + last


def has_tag(tag: str) -> ColumnElement[bool]:
    """One of its tags is this one, in upper or lower case."""
    return _tags().icontains(f"\n{tag}\n", autoescape=True)


def mentions(word: str) -> ColumnElement[bool]:
    """The word, or a longer one that it is part of, occurs in its texts or tags."""
    texts = (_COLUMNS.title, _COLUMNS.summary, _COLUMNS.body, _tags())
    return or_(*(text.icontains(word, autoescape=True) for text in texts))


def _tags() -> ColumnElement[str]:
    return type_coerce(_COLUMNS.tags, Text)
