"""The site's tools on the demo data, in memory where the database is not the point."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from assistant.backends.accounts_sql import SqlAccounts
from assistant.backends.demo_accounts import seed_demo_accounts
from assistant.backends.handoff import Handoff
from assistant.core.caller import AnonymousVisitor, Caller, VerifiedCustomer
from assistant.core.toolbox import Tool, ToolContext
from assistant.tools.execution import ToolLimits, ToolRunner
from assistant.tools.registry import make_tools
from assistant.tools.toolbox import PolicyToolbox
from tests.contracts.databases import ACCOUNT_TABLES, open_database
from tests.fakes_actions import InMemoryActionStore
from tests.fakes_calendar import InMemoryCalendar

NOW = datetime(2026, 11, 24, 10, 7, tzinfo=UTC)
ZURICH = ZoneInfo("Europe/Zurich")
ADA = VerifiedCustomer(visitor_id="v1", customer_id="cust-ada", name="Ada Moreau")
BEN = VerifiedCustomer(visitor_id="v2", customer_id="cust-ben", name="Ben Whitaker")
NOBODY = AnonymousVisitor(visitor_id="v3")


class FakeHandoffs:
    """Somebody is always there."""

    async def ask(self, conversation_id, caller, *, reason, now) -> Handoff:
        return Handoff(ticket_id="tkt_1", is_new=True, is_staffed=True, can_reply_by_mail=False)


MakeToolbox = Callable[..., PolicyToolbox]


def context_of(caller: Caller, key: str = "") -> ToolContext:
    return ToolContext(
        caller=caller, now=NOW, timezone=ZURICH, conversation_id="c1", idempotency_key=key
    )


def still_runner(limits: ToolLimits | None = None) -> ToolRunner:
    """A runner whose clock stands still, so that whole events can be compared."""
    return ToolRunner(limits=limits or ToolLimits(), timer=lambda: 0.0)


@pytest.fixture
async def tools(tmp_path):
    async with open_database("sqlite", tmp_path, ACCOUNT_TABLES) as database:
        await seed_demo_accounts(database, NOW)
        made = make_tools(SqlAccounts(database), InMemoryCalendar(), handoffs=FakeHandoffs())
        yield {tool.name: tool for tool in made}


@pytest.fixture
def actions():
    return InMemoryActionStore()


@pytest.fixture
def make_toolbox(actions) -> MakeToolbox:
    def make(tools: list[Tool], caller: Caller = ADA, limits: ToolLimits | None = None):
        ids = iter(f"action-{number}" for number in range(1, 100))
        return PolicyToolbox(
            tools,
            caller=caller,
            now=NOW,
            timezone=ZURICH,
            conversation_id="c1",
            turn_id="t1",
            actions=actions,
            runner=still_runner(limits),
            new_id=lambda: next(ids),
        )

    return make
