"""The whole application as it is served, with a scripted agent and no model weights."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import jwt
from fastapi import FastAPI

from assistant.app import create_app
from assistant.backends.demo_accounts import seed_demo_accounts
from assistant.backends.demo_calendar import seed_demo_calendar
from assistant.heidi import Heidi, utc_now
from assistant.settings import Settings
from assistant.store.migrate import migrate
from tests.fakes_agent import ScriptedAgent
from tests.fakes_embedding import HashingEmbedder

PASSWORD = "correct horse battery staple"
API_KEY = "key-for-the-tests-of-32-characters!"


@asynccontextmanager
async def open_site(
    folder: Path, *, agent: object | None = None, **settings: object
) -> AsyncIterator[FastAPI]:
    """The application on a database of its own, its background work left out."""
    values = {"data_dir": folder, "demo": True, "api_keys": (API_KEY,), "_env_file": None}
    app = create_app(Settings(**{**values, **settings}), embedder=HashingEmbedder(64))
    heidi: Heidi = app.state.heidi
    await migrate(heidi.database)
    await seed_demo_accounts(heidi.database, utc_now())
    await seed_demo_calendar(heidi.database, utc_now())
    await heidi.staff.add(email="mira@example.org", name="Mira", password=PASSWORD, now=utc_now())
    heidi.agent.set(agent or ScriptedAgent())
    try:
        yield app
    finally:
        await heidi.runner.shut_down(grace_s=0)
        await heidi.database.close()


def client_of(app: FastAPI) -> httpx.AsyncClient:
    """A client that sees crashes as responses."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000")


def identity(app: FastAPI, customer: str = "cust-ada", *, age_s: int = 0) -> dict[str, str]:
    """The header of a customer whose token was signed so long ago."""
    heidi: Heidi = app.state.heidi
    now = int(utc_now().timestamp()) - age_s
    claims = {
        "sub": customer,
        "name": "Ada",
        "iss": heidi.settings.identity_issuer,
        "aud": "heidi",
        "iat": now,
        "exp": now + 300,
        "jti": secrets.token_hex(8),
    }
    return {"X-Heidi-Identity": jwt.encode(claims, heidi.identity_secret, algorithm="HS256")}


def routes_of(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Method and path of every route; mounted folders as `GET <path>/*`."""
    yield from _walk(app.routes)


def _walk(routes: object) -> Iterator[tuple[str, str]]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _walk(inner.routes)
        elif getattr(route, "methods", None):
            for method in sorted(route.methods - {"HEAD", "OPTIONS"}):
                yield method, route.path
        else:
            yield "GET", f"{route.path}/*"
