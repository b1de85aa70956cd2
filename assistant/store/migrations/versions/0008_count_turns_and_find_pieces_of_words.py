"""Count turns for the insights, keep the last thing said, and find pieces of words by an index.

What the console searches is made from the log again: the tables are dropped and made anew.

Revision: 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SEARCH = "review_search"
SQLITE = (
    f"CREATE VIRTUAL TABLE {SEARCH} USING fts5("
    "text, content='review_index', content_rowid='number', tokenize='trigram case_sensitive 1')",
    f"CREATE TRIGGER {SEARCH}_insert AFTER INSERT ON review_index BEGIN "
    f"INSERT INTO {SEARCH}(rowid, text) VALUES (new.number, new.text); END",
    f"CREATE TRIGGER {SEARCH}_delete AFTER DELETE ON review_index BEGIN "
    f"INSERT INTO {SEARCH}({SEARCH}, rowid, text) VALUES ('delete', old.number, old.text); END",
    f"CREATE TRIGGER {SEARCH}_update AFTER UPDATE OF text ON review_index BEGIN "
    f"INSERT INTO {SEARCH}({SEARCH}, rowid, text) VALUES ('delete', old.number, old.text); "
    f"INSERT INTO {SEARCH}(rowid, text) VALUES (new.number, new.text); END",
)
# A role that may not create extensions, or a server without this one, goes without the index.
POSTGRESQL = (
    "DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS pg_trgm; "
    "CREATE INDEX ix_review_index_text_trigrams ON review_index USING gin (text gin_trgm_ops); "
    "EXCEPTION WHEN OTHERS THEN RAISE NOTICE 'pg_trgm is not available'; END $$",
)


def upgrade() -> None:
    """Forward."""
    op.execute("DELETE FROM review_facets")
    op.drop_table("review_index")
    op.create_table(
        "review_index",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=200), nullable=True),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("last_speaker", sa.String(length=100), nullable=False),
        sa.Column("last_said", sa.String(length=200), nullable=False),
        sa.Column("is_resolved", sa.Boolean(), nullable=False),
        _of_conversation("review_index"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_review_index")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_review_index_conversation_id")),
    )
    _create_turns()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    """Back."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TABLE {SEARCH}")
    for table in ("review_citations", "review_turns", "review_index"):
        op.drop_table(table)
    op.execute("DELETE FROM review_facets")
    op.create_table(
        "review_index",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _of_conversation("review_index"),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_review_index")),
    )


def _create_turns() -> None:
    op.create_table(
        "review_turns",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("turn_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("agent", sa.String(length=100), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("feedback", sa.String(length=4), nullable=False),
        sa.Column("first_text_ms", sa.Integer(), nullable=True),
        sa.Column("answer_ms", sa.Integer(), nullable=True),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("cost_usd", sa.Double(), nullable=True),
        _of_conversation("review_turns"),
        sa.PrimaryKeyConstraint("conversation_id", "turn_id", name=op.f("pk_review_turns")),
    )
    op.create_index(op.f("ix_review_turns_day"), "review_turns", ["day"])
    op.create_table(
        "review_citations",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("turn_id", sa.String(length=40), nullable=False),
        sa.Column("briefing_id", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("path", sa.String(length=400), nullable=False),
        _of_conversation("review_citations"),
        sa.PrimaryKeyConstraint(
            "conversation_id", "turn_id", "briefing_id", name=op.f("pk_review_citations")
        ),
    )


def _of_conversation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["conversation_id"], ["conversations.id"], name=op.f(f"fk_{table}_conversation_id")
    )
