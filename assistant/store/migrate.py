"""Owns bringing the database to this version's schema."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from filelock import AsyncFileLock
from sqlalchemy import Connection, text

from assistant.store.database import Database
from assistant.store.metadata import all_metadata
from assistant.store.review_tables import is_declared

LOCK_KEY = 0x4865696469
"""Spells Heidi: another program on the same database hardly locks the same number."""
MIGRATIONS = Path(__file__).parent / "migrations"


async def migrate(database: Database) -> None:
    """Run every migration that the database has not seen; nothing when it is up to date."""
    async with _alone(database), database.engine.begin() as connection:
        await connection.run_sync(_upgrade)


def _alone(database: Database) -> AbstractAsyncContextManager[object]:
    """A lock against who starts at the same time; PostgreSQL has one of its own, for many hosts."""
    path = database.engine.url.database
    if not database.is_sqlite or not path or path == ":memory:":
        return nullcontext()
    return AsyncFileLock(f"{path}.migrating")


async def differences(database: Database) -> list[object]:
    """What the migrated schema lacks or has too much of, compared with the tables in code."""
    async with database.engine.begin() as connection:
        return await connection.run_sync(_compare)


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for a connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # Workers that start together wait for the first; it ends with the transaction.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
    command.upgrade(alembic_config(connection), "head")


def _compare(connection: Connection) -> list[object]:
    options = {"compare_type": True, "include_name": lambda name, _kind, _of: is_declared(name)}
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, all_metadata()))  # type: ignore[arg-type]
