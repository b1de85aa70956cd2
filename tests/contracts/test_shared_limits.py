"""Rate limits that two server processes count together, in Redis."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from assistant.http.limits import RateLimit, RateLimits
from assistant.settings import Settings
from tests.contracts.redis import redis_url


@asynccontextmanager
async def server(storage: str) -> AsyncIterator[httpx.AsyncClient]:
    """One process that counts there."""
    app = FastAPI()

    @app.post("/ask")
    async def ask() -> str:
        return "ok"

    limited = RateLimit(app, limits=RateLimits(visitor="3/hour"), storage=storage)
    transport = httpx.ASGITransport(app=limited)
    async with httpx.AsyncClient(transport=transport, base_url="http://heidi.test") as client:
        yield client
    await limited.close()


async def test_what_one_server_has_counted_another_knows(tmp_path):
    settings = Settings(redis_url=redis_url(), data_dir=tmp_path, _env_file=None)
    visitor = {"Authorization": f"Bearer {secrets.token_hex(8)}"}
    async with server(settings.limits_storage) as one, server(settings.limits_storage) as two:
        seen = [
            (await client.post("/ask", headers=visitor)).status_code
            for client in (one, two, one, two, one)
        ]

    assert seen == [200, 200, 200, 429, 429]


def test_limits_may_be_counted_elsewhere_than_readers_are_woken(tmp_path):
    def storage(**values: str) -> str:
        return Settings(data_dir=tmp_path, _env_file=None, **values).limits_storage

    assert storage() == ""
    assert storage(redis_url="redis://a:6379/0") == "async+redis://a:6379/0"
    assert storage(redis_url="redis://a", rate_limit_storage="async+redis://b") == "async+redis://b"
