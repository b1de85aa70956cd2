"""A database of its own for each test."""

from __future__ import annotations

import pytest

from assistant.store.base import Base
from assistant.store.database import Database


@pytest.fixture
async def database(tmp_path):
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'heidi.sqlite3'}")
    async with opened.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield opened
    await opened.close()
