"""A database of its own for each test."""

from __future__ import annotations

import pytest

from assistant.store.database import Database
from assistant.store.metadata import all_metadata


@pytest.fixture
async def database(tmp_path):
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'heidi.sqlite3'}")
    async with opened.engine.begin() as connection:
        for metadata in all_metadata():
            await connection.run_sync(metadata.create_all)
    yield opened
    await opened.close()
