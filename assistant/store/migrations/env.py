"""Runs migrations on the connection that `assistant/store/migrate.py` passes in."""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON
from sqlalchemy.types import TypeDecorator

from assistant.store.metadata import all_metadata
from assistant.store.review_tables import is_declared


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """How our own column types stand in a migration: as plain types, whatever becomes of ours."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    if kind == "type" and isinstance(item, JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=all_metadata(),
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render_item,
    include_name=lambda name, _kind, _of: is_declared(name),
)
with context.begin_transaction():
    context.run_migrations()
