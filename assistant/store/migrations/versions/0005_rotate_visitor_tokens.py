"""Rotate visitor tokens.

Tokens that were signed before name no generation, which is the same as the first one.

Revision: 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("token_generation", sa.Integer(), server_default="0", nullable=False)
        )
        batch_op.add_column(
            sa.Column("predecessor_until", sa.DateTime(timezone=True), nullable=True)
        )


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_column("predecessor_until")
        batch_op.drop_column("token_generation")
