"""Runs migrations on the connection that `assistant/store/migrate.py` passes in."""

from __future__ import annotations

from alembic import context

from assistant.store.metadata import all_metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=all_metadata(),
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
