"""Let feeds run by themselves, and keep who decided about briefings.

Revision: 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(
            sa.Column(
                "outcome",
                sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
                nullable=True,
            )
        )
    op.create_table(
        "curation_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("briefing_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curation_log")),
    )
    with op.batch_alter_table("curation_log", schema=None) as batch_op:
        batch_op.create_index("ix_curation_log_briefing_id", ["briefing_id"])


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table("curation_log", schema=None) as batch_op:
        batch_op.drop_index("ix_curation_log_briefing_id")

    op.drop_table("curation_log")
    with op.batch_alter_table("feeds", schema=None) as batch_op:
        batch_op.drop_column("outcome")
        batch_op.drop_column("failures")
        batch_op.drop_column("tried_at")
        batch_op.drop_column("asked_at")
        batch_op.drop_column("due_at")
