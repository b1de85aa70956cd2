"""Signed-out tokens are refused by every server process, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from assistant.store.database import Database
from assistant.store.revocations import KEPT, RevocationRow, Revocations
from tests.contracts.databases import SQL_KINDS, open_database

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECOND = int(NOW.timestamp())
ADAS = {"customer_id": "cust-ada", "digest": "a" * 64, "issued_at": SECOND}


@pytest.fixture(params=SQL_KINDS)
async def database(request, tmp_path) -> AsyncIterator[Database]:
    async with open_database(request.param, tmp_path, [RevocationRow.__table__]) as opened:
        yield opened


async def test_a_token_is_refused_by_another_server_once_it_was_signed_out(database):
    other = Database(database.engine.url.render_as_string(hide_password=False))
    assert not await Revocations(other).is_revoked(**ADAS)

    await Revocations(database).revoke(**ADAS, now=NOW)

    assert await Revocations(other).is_revoked(**ADAS)
    await other.close()


@pytest.mark.parametrize(
    ("token", "is_revoked"),
    [
        ({"customer_id": "cust-ada", "digest": "b" * 64, "issued_at": SECOND - 1}, True),
        ({"customer_id": "cust-ada", "digest": "b" * 64, "issued_at": SECOND}, False),
        ({"customer_id": "cust-ada", "digest": "b" * 64, "issued_at": SECOND + 1}, False),
        ({"customer_id": "cust-ben", "digest": "b" * 64, "issued_at": SECOND - 1}, False),
    ],
)
async def test_earlier_tokens_of_the_same_customer_go_with_it(database, token, is_revoked):
    revocations = Revocations(database)

    await revocations.revoke(**ADAS, now=NOW)

    assert await revocations.is_revoked(**token) is is_revoked


async def test_signing_out_twice_and_many_times_at_once_is_signing_out(database):
    revocations = Revocations(database)

    await asyncio.gather(*(revocations.revoke(**ADAS, now=NOW) for _ in range(10)))

    assert await revocations.is_revoked(**ADAS)


async def test_what_has_expired_long_ago_is_forgotten(database):
    revocations = Revocations(database)
    await revocations.revoke(**ADAS, now=NOW)
    later = {**ADAS, "digest": "c" * 64, "issued_at": SECOND + 7200}

    await revocations.revoke(**later, now=NOW + KEPT + timedelta(hours=1))

    async with database.begin() as session:
        assert await session.scalar(select(func.count()).select_from(RevocationRow)) == 2
