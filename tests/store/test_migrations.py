"""Migrations make the very tables that the code declares."""

from __future__ import annotations

from pathlib import Path

from assistant.store.database import Database
from assistant.store.migrate import differences, migrate


async def test_a_migrated_database_has_the_tables_of_the_code(tmp_path: Path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'heidi.sqlite3'}")

    await migrate(database)
    await migrate(database)

    assert await differences(database) == []
    await database.close()
