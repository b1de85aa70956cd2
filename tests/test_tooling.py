"""The settings choose the backends; what they name wrongly is said in one sentence."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import structlog
import yaml

from assistant.backends.accounts_http import HttpAccounts
from assistant.backends.accounts_sql import SqlAccounts
from assistant.backends.calendar_caldav import CalDavCalendar
from assistant.backends.calendar_sql import SqlCalendar
from assistant.backends.demo_accounts import seed_demo_accounts
from assistant.core.caller import VerifiedCustomer
from assistant.core.errors import InvalidInput
from assistant.core.events import Outcome, TextDelta, TurnCompleted, TurnStarted
from assistant.core.toolbox import ToolContext
from assistant.settings import Settings
from assistant.store.base import Base
from assistant.store.conversation_tables import Conversation
from assistant.store.conversations import Conversations
from assistant.store.database import Database
from assistant.store.event_log import EventLog
from assistant.streaming.notifier import InProcessNotifier
from assistant.tooling import Tooling

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "docs/examples"
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path):
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'heidi.sqlite3'}")
    async with opened.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield opened
    await opened.close()


@pytest.fixture
def open_tooling(database, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    log = EventLog(database, InProcessNotifier())

    def make(**settings) -> Tooling:
        return Tooling(Settings(data_dir=tmp_path, **settings), database, log, lambda: NOW)

    return make


def names(tooling: Tooling) -> list[str]:
    return [tool.name for tool in tooling.tools()]


async def test_without_settings_everything_is_in_the_database(open_tooling):
    tooling = open_tooling()
    assert isinstance(tooling.accounts, SqlAccounts)
    assert isinstance(tooling.calendar, SqlCalendar)
    assert names(tooling)[-1] == "request_person"
    await tooling.start()
    await tooling.close()


async def test_files_choose_other_backends(open_tooling, monkeypatch, database):
    monkeypatch.setenv("ACCOUNTS_TOKEN", "secret")
    monkeypatch.setenv("CALDAV_PASSWORD", "secret")
    pytest.importorskip("caldav")
    tooling = open_tooling(
        accounts_file=EXAMPLES / "accounts.yaml", staff_file=EXAMPLES / "staff.yaml"
    )
    assert isinstance(tooling.accounts, HttpAccounts)
    assert isinstance(tooling.calendar, CalDavCalendar)
    assert tooling.has_own_staff
    await tooling.start()
    assert [team.id for team in await tooling.calendar.teams()] == ["sales"]
    await tooling.close()


async def test_tools_of_an_mcp_server_come_when_it_answers(open_tooling, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    file = tmp_path / "mcp.yaml"
    server = {
        "command": [sys.executable, "-m", "tests.mcp_server", "stdio"],
        "env": ["PYTHONPATH"],
        "tools": {"forecast": {"identity": False, "writes": False, "label": "Looking at the sky"}},
    }
    file.write_text(yaml.safe_dump({"servers": {"weather": server}}))
    tooling = open_tooling(mcp_file=file)
    with structlog.testing.capture_logs():
        await tooling.start()
        await tooling._background
        assert names(tooling)[-1] == "weather__forecast"
        await tooling.close()


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"accounts_file": "nowhere.yaml"}, "HEIDI_ACCOUNTS_FILE.*nowhere"),
        ({"staff_file": "nowhere.yaml"}, "HEIDI_STAFF_FILE.*nowhere"),
        ({"mcp_file": "nowhere.yaml"}, "HEIDI_MCP_FILE.*nowhere"),
        ({"smtp_url": "http://x", "mail_from": "a@example.com"}, "HEIDI_SMTP_URL"),
        ({"smtp_url": "smtp://x"}, "HEIDI_SMTP_URL"),
        ({"support_hours": "sometimes"}, "HEIDI_SUPPORT_HOURS"),
    ],
)
def test_a_setting_that_can_not_be_used_is_named(open_tooling, settings, problem):
    with pytest.raises(InvalidInput, match=problem):
        open_tooling(**settings)


async def test_whoever_takes_over_reads_the_last_turns(open_tooling, database):
    await seed_demo_accounts(database, NOW)
    tooling = open_tooling()
    await Conversations(database).create(
        Conversation(
            id="c1",
            visitor_id="v",
            customer_id=None,
            customer_name="",
            timezone="UTC",
            locale="en",
            is_paused=False,
            first_message="",
            turn_count=0,
            created_at=NOW,
            updated_at=NOW,
        )
    )
    log = EventLog(database, InProcessNotifier())
    started = TurnStarted(message="Where is my refund?", client_turn_id="1", agent="built-in")
    ended = TurnCompleted(outcome=Outcome.ABSTAINED, state={}, usage={}, elapsed_ms=1.0)
    await log.append("c1", "t1", [started, TextDelta(text="I don't know."), ended], NOW)
    again = TurnStarted(message="A person, please", client_turn_id="2", agent="built-in")
    await log.append("c1", "t2", [again], NOW)
    ada = VerifiedCustomer(visitor_id="v", customer_id="cust-ada", name="Ada Moreau")
    context = ToolContext(caller=ada, now=NOW, timezone=ZoneInfo("UTC"), conversation_id="c1")
    [tool] = [tool for tool in tooling.tools() if tool.name == "request_person"]
    await tool.run({}, context)
    [ticket] = await tooling.tickets.waiting()
    assert ticket.summary == (
        "Visitor: Where is my refund?\nHeidi: I don't know.\nVisitor: A person, please"
    )
    assert (ticket.customer_name, ticket.email) == ("Ada Moreau", "ada.moreau@example.com")
