"""Note which conversations were deleted; let questions outlive the conversation they were made of.

Revision: 0010, after 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "erasures",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_erasures")),
    )
    with op.batch_alter_table("saved_questions", schema=None) as batch_op:
        batch_op.alter_column("conversation_id", existing_type=sa.String(40), nullable=True)


def downgrade() -> None:
    """Back: questions without a conversation can't be kept."""
    op.execute("DELETE FROM saved_questions WHERE conversation_id IS NULL")
    with op.batch_alter_table("saved_questions", schema=None) as batch_op:
        batch_op.alter_column("conversation_id", existing_type=sa.String(40), nullable=False)
    op.drop_table("erasures")
