"""Owns the list of all tables: what migrations compare the database with."""

from __future__ import annotations

from sqlalchemy import MetaData

from assistant.store import (
    accounts,
    actions,
    budgets,
    calendar,
    calendar_events,
    conversations,
    erasure_table,
    event_log,
    labels,
    review_index,
    revocations,
    saved_questions,
    staff,
    staff_notes,
    tickets,
)
from assistant.store.base import Base
from indexing.tables import briefings_metadata

TABLE_MODULES = (
    accounts,
    actions,
    budgets,
    calendar,
    calendar_events,
    conversations,
    erasure_table,
    event_log,
    labels,
    review_index,
    revocations,
    saved_questions,
    staff,
    staff_notes,
    tickets,
)
"""Importing a module registers its tables with the base."""


def all_metadata() -> list[MetaData]:
    """The assistant's tables and the briefings'."""
    return [Base.metadata, briefings_metadata]
