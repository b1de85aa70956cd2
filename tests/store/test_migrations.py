"""Migrations make the very tables that the code declares, whoever else migrates at the time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from assistant.store.database import Database
from assistant.store.migrate import differences, migrate
from tests.contracts.databases import SQL_KINDS, empty_database_url


@pytest.fixture(params=SQL_KINDS)
async def url(request, tmp_path: Path) -> str:
    return await empty_database_url(request.param, tmp_path)


async def test_a_migrated_database_has_the_tables_of_the_code(url: str):
    database = Database(url)

    await migrate(database)
    await migrate(database)

    assert await differences(database) == []
    await database.close()


async def test_servers_that_start_together_migrate_once(tmp_path: Path):
    databases = [Database(await empty_database_url("postgresql", tmp_path))]
    databases += [
        Database(databases[0].engine.url.render_as_string(hide_password=False)) for _ in range(3)
    ]

    await asyncio.gather(*map(migrate, databases))

    async with databases[0].begin() as session:
        versions = (await session.scalars(text("SELECT version_num FROM alembic_version"))).all()
    assert len(versions) == 1
    for database in databases:
        await database.close()
