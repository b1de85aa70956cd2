"""Owns the tables that the console searches and counts in: what was said, and how turns ended.

All of it is made from the log (`review_index.py`) and may be thrown away. What finds pieces of
words quickly is each database's own: FTS5 with trigrams on SQLite, `pg_trgm` on PostgreSQL.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DDL, ExecutableDDLElement, ForeignKey, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from assistant.store.base import Base, table_of


class ReviewRow(Base):
    """What was said in a conversation."""

    __tablename__ = "review_index"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    """The full-text index knows rows by numbers only."""
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), unique=True)
    customer_id: Mapped[str | None] = mapped_column(String(200))
    """Who was signed in when the log was read: whoever signs in later has to be found as well."""
    last_seq: Mapped[int]
    """The log was read up to here."""
    text: Mapped[str] = mapped_column(Text)
    """Words of visitor, Heidi and staff, customer and ids, without upper case: LIKE compares
    letters beyond ASCII exactly on SQLite. Each message is a line."""
    last_speaker: Mapped[str] = mapped_column(String(100))
    """Who said the last thing."""
    last_said: Mapped[str] = mapped_column(String(200))
    """The last thing that was said, cut short."""
    is_resolved: Mapped[bool]
    """Whether Heidi's last answer was one, nobody judged it bad, and no person spoke."""


class FacetRow(Base):
    """One thing that is true of a conversation: a turn of it was answered, judged and so on."""

    __tablename__ = "review_facets"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    """`outcome`, `feedback` or `agent`."""
    value: Mapped[str] = mapped_column(String(100), primary_key=True, index=True)


class ReviewTurnRow(Base):
    """How one turn went, in numbers."""

    __tablename__ = "review_turns"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    turn_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), index=True)
    """Of UTC, on which it began: databases differ in how they make days of moments."""
    started_at: Mapped[datetime]
    agent: Mapped[str] = mapped_column(String(100))
    message: Mapped[str] = mapped_column(String(500))
    """What was asked, cut short; empty for a decision."""
    outcome: Mapped[str] = mapped_column(String(32))
    feedback: Mapped[str] = mapped_column(String(4))
    """`up`, `down` or nothing."""
    first_text_ms: Mapped[int | None]
    """From the question to the first piece of text."""
    answer_ms: Mapped[int | None]
    """From the question to the end."""
    tokens: Mapped[int]
    """That a model read and wrote; 0 without one."""
    cost_usd: Mapped[float | None]
    """What the model cost, where that is known."""


class ReviewCitationRow(Base):
    """A briefing that a turn's answer cites."""

    __tablename__ = "review_citations"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    turn_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    briefing_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    title: Mapped[str] = mapped_column(String(300))
    path: Mapped[str] = mapped_column(String(400))


FULL_TEXT = "review_search"
"""SQLite's full-text index of `review_index.text`; its rows have the same numbers."""
TRIGRAMS = "ix_review_index_text_trigrams"
"""PostgreSQL's."""

_SQLITE = (
    f"CREATE VIRTUAL TABLE {FULL_TEXT} USING fts5("
    "text, content='review_index', content_rowid='number', tokenize='trigram case_sensitive 1')",
    f"CREATE TRIGGER {FULL_TEXT}_insert AFTER INSERT ON review_index BEGIN "
    f"INSERT INTO {FULL_TEXT}(rowid, text) VALUES (new.number, new.text); END",
    f"CREATE TRIGGER {FULL_TEXT}_delete AFTER DELETE ON review_index BEGIN "
    f"INSERT INTO {FULL_TEXT}({FULL_TEXT}, rowid, text) VALUES ('delete', old.number, old.text); "
    "END",
    f"CREATE TRIGGER {FULL_TEXT}_update AFTER UPDATE OF text ON review_index BEGIN "
    f"INSERT INTO {FULL_TEXT}({FULL_TEXT}, rowid, text) VALUES ('delete', old.number, old.text); "
    f"INSERT INTO {FULL_TEXT}(rowid, text) VALUES (new.number, new.text); END",
)
# Whoever may not create extensions goes without: the same conversations are found, later.
_POSTGRESQL = (
    "DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm; "
    f"CREATE INDEX {TRIGRAMS} ON review_index USING gin (text gin_trgm_ops); "
    "EXCEPTION WHEN OTHERS THEN RAISE NOTICE 'pg_trgm is not available'; END $$",
)

_DROPPED = (f"DROP TABLE IF EXISTS {FULL_TEXT}",)


def _declare(moment: str, dialect: str, statements: tuple[str, ...]) -> None:
    """Have statements run with the creation or the end of the table, on one database."""
    for statement in statements:
        ddl: ExecutableDDLElement = DDL(statement)  # type: ignore[no-untyped-call]
        event.listen(table_of(ReviewRow), moment, ddl.execute_if(dialect=dialect))


_declare("after_create", "sqlite", _SQLITE)
_declare("after_create", "postgresql", _POSTGRESQL)
_declare("before_drop", "sqlite", _DROPPED)


def is_declared(name: str | None) -> bool:
    """False for the parts of a full-text index, which no table declares."""
    return not (name or "").startswith((FULL_TEXT, TRIGRAMS))
