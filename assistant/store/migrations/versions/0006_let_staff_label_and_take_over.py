"""Let staff take over, label, write notes, search what was said and keep questions.

Revision: 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from indexing.columns import JsonColumn

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("taken_over_by", sa.String(length=40), nullable=True))
        batch_op.add_column(
            sa.Column("taken_over_name", sa.String(length=100), server_default="", nullable=False)
        )
    _create_labels()
    _create_notes_and_questions()
    _create_index()


def downgrade() -> None:
    """Back."""
    for table in (
        "review_facets",
        "review_index",
        "saved_questions",
        "staff_notes",
        "label_uses",
        "labels",
    ):
        op.drop_table(table)
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_column("taken_over_name")
        batch_op.drop_column("taken_over_by")


def _create_labels() -> None:
    op.create_table(
        "labels",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_labels")),
        sa.UniqueConstraint("key", name=op.f("uq_labels_key")),
    )
    op.create_table(
        "label_uses",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("label_id", sa.String(length=24), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("turn_id", sa.String(length=40), nullable=False),
        sa.Column("added_by", sa.String(length=40), nullable=False),
        sa.Column("added_by_name", sa.String(length=100), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.String(length=40), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        _of_conversation("label_uses"),
        sa.ForeignKeyConstraint(["label_id"], ["labels.id"], name=op.f("fk_label_uses_label_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_label_uses")),
    )
    for column in ("conversation_id", "label_id"):
        op.create_index(op.f(f"ix_label_uses_{column}"), "label_uses", [column])
    op.create_index(
        "uq_label_uses_there",
        "label_uses",
        ["conversation_id", "turn_id", "label_id"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )


def _create_notes_and_questions() -> None:
    op.create_table(
        "staff_notes",
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("staff_id", sa.String(length=40), nullable=False),
        sa.Column("staff_name", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        _of_conversation("staff_notes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_notes")),
    )
    op.create_table(
        "saved_questions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("turn_id", sa.String(length=40), nullable=False),
        sa.Column("content", JsonColumn, nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_by_name", sa.String(length=100), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=40), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        _of_conversation("saved_questions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_questions")),
    )
    for table, column in (
        ("staff_notes", "conversation_id"),
        ("saved_questions", "conversation_id"),
        ("saved_questions", "made_at"),
    ):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _create_index() -> None:
    op.create_table(
        "review_index",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        _of_conversation("review_index"),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_review_index")),
    )
    op.create_table(
        "review_facets",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=100), nullable=False),
        _of_conversation("review_facets"),
        sa.PrimaryKeyConstraint("conversation_id", "kind", "value", name=op.f("pk_review_facets")),
    )
    op.create_index(op.f("ix_review_facets_value"), "review_facets", ["value"])


def _of_conversation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["conversation_id"], ["conversations.id"], name=op.f(f"fk_{table}_conversation_id")
    )
