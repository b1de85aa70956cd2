"""The staff console on a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import pytest
from argon2 import PasswordHasher
from bs4 import BeautifulSoup
from itsdangerous import URLSafeTimedSerializer

from assistant.core.passages import Passage, RetrievalQuery
from assistant.http.errors import install_error_handlers
from assistant.http.middleware import SecuredApp
from assistant.review.newsroom import newsroom_router, newsroom_services
from assistant.review.routes import review_router
from assistant.review.services import review_services
from assistant.review.session import COOKIE, StaffSessions
from assistant.store.base import Base
from assistant.store.staff import Staff, StaffRow
from assistant.store.takeovers import Takeovers
from indexing.feed_watch import FeedWatch
from indexing.settings import IndexingSettings
from indexing.tables import briefings_metadata
from tests.chat_store import ChatStore, open_chat_store
from tests.core.passages import passage
from tests.fakes_agent import FakeClock
from tests.fakes_embedding import HashingEmbedder

EMAIL, PASSWORD = "mira@example.org", "correct horse battery"
MIRA = {"id": "staff_mira", "email": EMAIL, "name": "Mira", "is_active": True}
IDLE_AFTER = timedelta(minutes=30)
SECRET = "console-secret-of-at-least-32-bytes"


class FakeMeaning:
    """Texts with the same words are close, and one briefing is always the nearest."""

    def __init__(self) -> None:
        self.embedder = HashingEmbedder()
        self.retriever = OneBriefing()


class OneBriefing:
    """Finds the same passage whatever is asked, and records it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def search(self, query: RetrievalQuery) -> tuple[Passage, ...]:
        """The passage."""
        self.asked.append(query.text)
        return (passage("Robots walk now."),)

    async def understand(self, text: str, now: datetime) -> RetrievalQuery:
        """The words alone."""
        return RetrievalQuery(text=text)


@dataclass(frozen=True, kw_only=True)
class Console:
    """The console under test and what it shows."""

    client: httpx.AsyncClient
    store: ChatStore
    staff: Staff
    clock: FakeClock
    meaning: FakeMeaning
    feeds: FeedWatch

    async def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> httpx.Response:
        """Send the sign-in form."""
        form = {"email": email, "password": password}
        return await self.client.post("/review/sign-in", data=form)

    async def page(self, path: str) -> BeautifulSoup:
        """A page as staff see it."""
        response = await self.client.get(path)
        assert response.status_code == 200
        return BeautifulSoup(response.text, "html.parser")


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Made once: it is slow on purpose."""
    return PasswordHasher().hash(PASSWORD)


@pytest.fixture
async def console(tmp_path, password_hash: str) -> AsyncIterator[Console]:
    meaning = FakeMeaning()
    async with open_chat_store("sqlite", tmp_path) as store:
        async with store.database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
            await connection.run_sync(briefings_metadata.create_all)
        clock, staff = FakeClock(), Staff(store.database)
        app = SecuredApp()
        install_error_handlers(app)
        review = review_services(
            store.database,
            store.log,
            store.conversations,
            StaffSessions(staff, SECRET, is_secure=False),
            clock,
            takeovers=Takeovers(store.database, store.log, idle_after=IDLE_AFTER),
            meaning=lambda: meaning,
        )
        app.include_router(review_router(review))
        feeds = FeedWatch(
            store.database.engine,
            IndexingSettings(data_dir=tmp_path),
            is_automatic=True,
            clock=clock,
        )
        newsroom = newsroom_services(store.database.engine, feeds, review)
        app.include_router(newsroom_router(review, newsroom))
        async with store.database.begin() as session:
            session.add(StaffRow(password_hash=password_hash, created_at=clock(), **MIRA))
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://heidi.test") as client:
            yield Console(
                client=client,
                store=store,
                staff=staff,
                clock=clock,
                meaning=meaning,
                feeds=feeds,
            )


@pytest.fixture
async def signed_in(console: Console) -> Console:
    """With the cookie that a sign-in sets."""
    session = [MIRA["id"], await console.staff.stamp(MIRA["id"])]
    cookie = URLSafeTimedSerializer(SECRET, salt="heidi-staff-session").dumps(session)
    console.client.cookies.set(COOKIE, cookie, path="/review")
    return console
