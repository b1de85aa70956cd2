"""Who may read the metrics, and what an answer and a line of the log are called."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from structlog.contextvars import get_contextvars

from assistant.http.errors import install_error_handlers
from assistant.http.limits import RateLimit, RateLimits
from assistant.http.metrics import metrics_router
from assistant.http.request_ids import RequestIds
from assistant.metrics import Metrics

TOKEN = "a-token-for-prometheus-of-32-characters"


def client_of(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://heidi.test")


def app_with_metrics(token: str) -> FastAPI:
    async def read() -> bytes:
        return Metrics().exposition()

    app = FastAPI()
    install_error_handlers(app)
    app.include_router(metrics_router(read, token=token))
    return app


async def test_whoever_brings_the_token_reads_the_metrics():
    async with client_of(app_with_metrics(TOKEN)) as client:
        found = await client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert found.status_code == 200
    assert found.headers["Content-Type"].startswith("text/plain; version=")
    assert "heidi_open_streams 0.0" in found.text


@pytest.mark.parametrize(
    "given", ["", TOKEN, f"Basic {TOKEN}", "Bearer ", "Bearer wrong", "Bearer é"]
)
async def test_nobody_else_does(given):
    async with client_of(app_with_metrics(TOKEN)) as client:
        refused = await client.get("/metrics", headers={"Authorization": given.encode()})

    assert refused.status_code == 401
    assert "heidi_" not in refused.text


@pytest.mark.parametrize("given", ["", "Bearer "])
async def test_without_a_token_in_the_settings_there_is_no_such_page(given):
    async with client_of(app_with_metrics("")) as client:
        refused = await client.get("/metrics", headers={"Authorization": given})

    assert refused.status_code == 404


async def test_a_request_that_came_too_often_is_counted_by_its_limit():
    limited: list[str] = []
    app = FastAPI()
    app.add_middleware(RateLimit, limits=RateLimits(address="1/minute"), on_limit=limited.append)

    async with client_of(app) as client:
        for _ in range(3):
            await client.post("/v1/conversations")

    assert limited == ["address", "address"]


def app_that_tells_its_request_id(*, is_behind_proxy: bool) -> FastAPI:
    app = FastAPI()
    app.add_middleware(RequestIds, is_behind_proxy=is_behind_proxy)

    @app.get("/id")
    async def told() -> str:
        return str(get_contextvars()["request_id"])

    return app


async def test_the_log_and_the_answer_name_a_request_alike():
    async with client_of(app_that_tells_its_request_id(is_behind_proxy=False)) as client:
        first, second = await client.get("/id"), await client.get("/id")

    assert first.headers["X-Request-Id"] == first.json()
    assert second.headers["X-Request-Id"] != first.json()


@pytest.mark.parametrize(
    ("is_behind_proxy", "given", "is_taken"),
    [(True, "0123456789abcdef", True), (True, 'x y"}', False), (False, "0123456789abcdef", False)],
)
async def test_a_request_is_named_by_a_proxy_of_the_site_alone(is_behind_proxy, given, is_taken):
    app = app_that_tells_its_request_id(is_behind_proxy=is_behind_proxy)
    async with client_of(app) as client:
        answer = await client.get("/id", headers={"X-Request-Id": given})

    assert (answer.json() == given) is is_taken
