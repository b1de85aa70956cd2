"""A chat API around a scripted agent, on a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import jwt
import pytest
from fastapi import FastAPI

from assistant.agents.runner import RunnerLimits, TurnRunner
from assistant.core.events import Outcome, TextDelta, TurnCompleted
from assistant.http.callers import CallerReader
from assistant.http.chat import ChatServices, chat_router
from assistant.http.errors import install_error_handlers
from assistant.http.middleware import BodyLimit, PlainAddresses, SecuredApp
from assistant.http.readers import Readers
from assistant.http.rotation import SuccessorHeader, VisitorRotation
from assistant.http.signing_out import sign_out_router
from assistant.http.tokens import IdentityTokens, VisitorTokens
from assistant.store.actions import SqlActionStore
from assistant.store.base import Base
from assistant.store.budgets import Budgets, Ledger
from assistant.store.conversations import Conversations
from assistant.store.database import Database
from assistant.store.event_log import EventLog
from assistant.store.revocations import Revocations
from assistant.store.token_generations import TokenGenerations
from assistant.streaming.notifier import InProcessNotifier
from assistant.streaming.tail import Tail
from tests.fakes_agent import FakeClock, ScriptedAgent

IDENTITY_SECRET = "host-secret-of-at-least-32-bytes!!"


@dataclass(kw_only=True)
class Api:
    """The API under test and what is behind it."""

    client: httpx.AsyncClient
    agent: ScriptedAgent
    clock: FakeClock
    database: Database
    log: EventLog
    notifier: InProcessNotifier
    conversations: Conversations
    actions: SqlActionStore
    runner: TurnRunner
    callers: CallerReader
    visitor_tokens: VisitorTokens
    generations: TokenGenerations
    revocations: Revocations
    app: FastAPI

    async def start(self) -> tuple[str, dict[str, str]]:
        """A new conversation: its id and the headers that own it."""
        created = (await self.client.post("/v1/conversations", json={})).json()
        return created["id"], {"Authorization": f"Bearer {created['token']}"}

    def identity(self, customer: str = "cust-ada", **claims: object) -> dict[str, str]:
        """The header of a verified customer."""
        now = int(self.clock().timestamp())
        payload = {
            "sub": customer,
            "name": "Ada",
            "iss": "demo-site",
            "aud": "heidi",
            "iat": now,
            "exp": now + 300,
            **claims,
        }
        return {"X-Heidi-Identity": jwt.encode(payload, IDENTITY_SECRET, algorithm="HS256")}


async def run_fake_action(action, decision, turn, caller):
    yield TextDelta(text=f"{decision}: {action.title}")
    yield TurnCompleted(outcome=Outcome.ANSWERED, state={}, usage={}, elapsed_ms=1.0)


@asynccontextmanager
async def open_api(
    folder: Path,
    *,
    pause_after_s: float = 3600,
    limits: RunnerLimits | None = None,
    budgets: Budgets | None = None,
    link_hosts: tuple[str, ...] = (),
) -> AsyncIterator[Api]:
    """The API on a database in a folder."""
    clock = FakeClock(datetime.now(UTC).replace(microsecond=0))
    database = Database(f"sqlite+aiosqlite:///{folder / 'heidi.sqlite3'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    notifier = InProcessNotifier()
    ledger = Ledger(budgets or Budgets())
    log = EventLog(database, notifier, ledger)
    conversations = Conversations(database, ledger)
    actions = SqlActionStore(database)
    agent = ScriptedAgent()
    runner = TurnRunner(
        log=log,
        conversations=conversations,
        actions=actions,
        agent=agent,
        make_toolbox=lambda turn, caller: None,
        run_action=run_fake_action,
        clock=clock,
        limits=limits or RunnerLimits(),
    )
    visitor_tokens = VisitorTokens("visitor-secret-of-at-least-32-bytes", clock)
    generations, revocations = TokenGenerations(database), Revocations(database)
    app = SecuredApp()
    install_error_handlers(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(PlainAddresses)
    app.add_middleware(SuccessorHeader)
    callers = CallerReader(
        visitor_tokens,
        IdentityTokens(IDENTITY_SECRET, "demo-site"),
        conversations,
        revocations,
        VisitorRotation(visitor_tokens, generations, clock),
        notifier,
        clock,
    )
    app.include_router(sign_out_router(callers))
    app.include_router(
        chat_router(
            ChatServices(
                conversations=conversations,
                log=log,
                readers=Readers(Tail(log, notifier), callers, clock),
                runner=runner,
                callers=callers,
                visitor_tokens=visitor_tokens,
                clock=clock,
                suggestions=("What's new in AI?",),
                link_hosts=link_hosts,
                pause_after_s=pause_after_s,
            )
        )
    )
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://heidi.test") as client:
        yield Api(
            client=client,
            agent=agent,
            clock=clock,
            database=database,
            log=log,
            notifier=notifier,
            conversations=conversations,
            actions=actions,
            runner=runner,
            callers=callers,
            visitor_tokens=visitor_tokens,
            generations=generations,
            revocations=revocations,
            app=app,
        )
    await runner.shut_down(grace_s=0)
    await database.close()


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    async with open_api(tmp_path) as opened:
        yield opened
