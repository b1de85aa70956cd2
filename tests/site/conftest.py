"""The demo site on briefings in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import httpx
import pytest
from fastapi import FastAPI

from assistant.http.errors import install_error_handlers
from assistant.http.middleware import SecurityHeaders
from assistant.site.customers import SiteCustomer
from assistant.site.routes import CONTENT_SECURITY_POLICY, mount_site
from assistant.site.services import SiteServices
from indexing.briefings import Briefing
from tests.fakes_agent import FakeClock
from tests.site.fakes import ROBOT, FakeBriefings

IDENTITY_SECRET = "identity-secret-of-at-least-32-bytes"
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "Accept": "text/html"}
ADA = SiteCustomer(id="cust-ada", name="Ada Moreau", about="Has an account.")
BEN = SiteCustomer(id="cust-ben", name="Ben Whitaker", about="Has another one.")


@dataclass(kw_only=True)
class Site:
    """The site under test and what is behind it."""

    client: httpx.AsyncClient
    briefings: FakeBriefings
    clock: FakeClock
    app: FastAPI

    async def sign_in(self, customer: str = "cust-ada", next: str = "/") -> httpx.Response:  # noqa: A002
        """Press a customer's button on the sign-in page."""
        form = {"customer": customer, "next": next}
        return await self.client.post(
            "/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin"}
        )


@asynccontextmanager
async def serve(*briefings: Briefing, **changes: object) -> AsyncIterator[Site]:
    """A site with these briefings; services can be changed."""
    clock = FakeClock()
    repository = FakeBriefings(*briefings)
    services = SiteServices(
        briefings=repository,
        clock=clock,
        base_url="http://site.test",
        session_secret="session-secret-of-at-least-32-bytes",
        identity_secret=IDENTITY_SECRET,
        customers=(ADA, BEN),
    )
    app = FastAPI()
    install_error_handlers(app)
    app.add_middleware(SecurityHeaders, content_security_policy=CONTENT_SECURITY_POLICY)
    mount_site(app, replace(services, **changes))
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://site.test", headers=BROWSER
    ) as client:
        yield Site(client=client, briefings=repository, clock=clock, app=app)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serve(ROBOT) as served:
        yield served
