"""Tools of a real MCP server, over both transports, under the operator's policy and no other."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
import yaml

from assistant.backends.errors import BackendUnavailable
from assistant.backends.mcp_connection import MOST_TEXT, McpConnection
from assistant.backends.mcp_settings import McpSettings, McpSettingsInvalid, load_mcp_settings
from assistant.core.errors import IdentityRequired, ToolFailed
from assistant.core.events import ConfirmationRequired
from assistant.core.toolbox import SignInNeeded
from assistant.tools.actions import run_action
from assistant.tools.mcp_tool import McpTools
from tests.mcp_server import SECRET
from tests.tools.conftest import ADA, BEN, NOBODY, NOW, context_of, still_runner

ROOT = Path(__file__).parents[2]
STDIO = {"command": [sys.executable, "-m", "tests.mcp_server", "stdio"], "env": ["PYTHONPATH"]}

READ = {"identity": False, "writes": False, "label": "Asking the shop"}
TOOLS = {
    "forecast": {**READ, "description": "The weather."},
    "list_orders": {
        "identity": True,
        "writes": False,
        "customer_argument": "customer_id",
        "label": "Looking up your orders",
    },
    "cancel_order": {
        "identity": True,
        "writes": True,
        "confirm": True,
        "customer_argument": "customer_id",
        "label": "Cancel the order",
    },
    "pay": {
        "identity": True,
        "writes": True,
        "confirm": True,
        "idempotency_argument": "request_key",
        "label": "Pay",
    },
    "picture": READ,
    "long_text": READ,
    "broken": READ,
    "environment": READ,
    "die": READ,
    "not_there": READ,
}


@pytest.fixture(scope="module")
def http_server():
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.mcp_server", "http"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    port = process.stdout.readline().strip()
    yield {
        "url": f"http://127.0.0.1:{port}/mcp",
        "headers": {"Authorization": {"env": "SHOP_TOKEN", "prefix": "Bearer "}},
    }
    process.terminate()
    process.wait()
    process.stdout.close()


@pytest.fixture(params=["stdio", "http"])
async def shop(request, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("SHOP_TOKEN", SECRET)
    monkeypatch.setenv("HEIDI_SECRET", "never to be seen")
    where = STDIO if request.param == "stdio" else request.getfixturevalue("http_server")
    tools = McpTools(McpSettings.model_validate({"servers": {"shop": {**where, "tools": TOOLS}}}))
    with structlog.testing.capture_logs() as logs:
        assert await tools.connect()
        tools.logs = logs
        yield tools
        await tools.close()


def named(tools: McpTools) -> dict:
    return {tool.name: tool for tool in tools.tools}


async def test_only_tools_with_a_policy_exist_each_with_a_prefix(shop):
    assert list(named(shop)) == [f"shop__{name}" for name in TOOLS if name != "not_there"]
    assert {"event": "mcp tool missing", "server": "shop", "tool": "not_there"}.items() <= (
        shop.logs[0].items()
    )


async def test_the_policy_is_the_operator_s(shop):
    policy = named(shop)["shop__cancel_order"].policy
    assert (policy.needs_identity, policy.writes, policy.needs_confirmation) == (True, True, True)
    assert "cancel" in policy.wish.words
    assert {"order", "orders"} <= policy.wish.things
    assert named(shop)["shop__forecast"].description == "The weather."


async def test_a_result_is_data_and_not_spoken(shop):
    output = await named(shop)["shop__forecast"].run({"city": "Bern"}, context_of(NOBODY))
    assert output.data == {"result": "Sun in Bern for 1 days."}
    assert (output.text, output.card) == ("Asking the shop: done.", None)


async def test_a_write_carries_its_key_in_meta_and_where_the_policy_says(shop):
    tool = named(shop)["shop__pay"]
    context = context_of(ADA, key="action-1")

    outputs = [await tool.run({"amount": "5"}, context) for _ in range(2)]

    assert list(tool.schema["properties"]) == ["amount"]
    assert [json.loads(output.data["result"]) for output in outputs] == [
        ["5", "action-1", "action-1"]
    ] * 2


async def test_the_customer_is_filled_in_and_unknown_to_the_model(shop, make_toolbox):
    tool = named(shop)["shop__list_orders"]
    assert list(tool.schema["properties"]) == ["status"]
    assert "customer_id" not in json.dumps(tool.schema)
    _, result, _ = await make_toolbox([tool], BEN).call(tool.name, {})
    assert json.loads(result.output["result"]) == [{"id": "o-9", "status": "open"}]
    for forged in ({"customer_id": "cust-ada"}, {"status": "", "customer_id": "cust-ada"}):
        _, refused, _ = await make_toolbox([tool], BEN).call(tool.name, forged)
        assert refused.output["error"] == "invalid-input"
    output = await tool.run({"customer_id": "cust-ada"}, context_of(BEN))
    assert "o-9" in output.data["result"]
    _, anonymous, _ = await make_toolbox([tool], NOBODY).call(tool.name, {})
    assert isinstance(anonymous, SignInNeeded)
    with pytest.raises(IdentityRequired):
        await tool.run({}, context_of(NOBODY))


async def test_a_write_waits_for_the_visitor_and_runs_once_as_shown(shop, make_toolbox, actions):
    tool = named(shop)["shop__cancel_order"]
    _, required, _ = await make_toolbox([tool]).call(tool.name, {"order_id": "o-1"})
    assert isinstance(required, ConfirmationRequired)
    assert (required.title, required.rows) == ("Cancel the order?", (("Order id", "o-1"),))
    assert required.arguments == {"order_id": "o-1"}
    with pytest.raises(ToolFailed, match="confirmation"):
        await tool.run({"order_id": "o-1"}, context_of(ADA))
    action = await actions.settle(required.action_id, "c1", "confirmed", NOW)
    events = [
        event
        async for event in run_action(
            action, [tool], context_of(ADA), state={}, runner=still_runner()
        )
    ]
    # The server's link is in the card as plain text, and not in what Heidi says.
    assert events[2].text == "Cancel the order: done."
    assert events[1].card["rows"] == [
        ["Result", "Cancelled o-1 of cust-ada. [Click here](https://evil.example)"]
    ]


async def test_only_text_of_limited_size_comes_through(shop):
    tools = named(shop)
    picture = await tools["shop__picture"].run({}, context_of(NOBODY))
    assert picture.data == {"result": "a word"}
    long = await tools["shop__long_text"].run({}, context_of(NOBODY))
    assert len(long.data["result"]) == MOST_TEXT


async def test_a_failing_tool_fails_in_our_words(shop):
    with pytest.raises(ToolFailed) as failure:
        await named(shop)["shop__broken"].run({}, context_of(NOBODY))
    assert "secret detail" not in f"{failure.value.detail} {failure.value.remedy}"


async def test_calls_at_once_share_one_session(shop):
    tool = named(shop)["shop__forecast"]
    outputs = await asyncio.gather(
        *(tool.run({"city": f"C{number}"}, context_of(NOBODY)) for number in range(20))
    )
    assert [output.data["result"].split()[2] for output in outputs] == [
        f"C{number}" for number in range(20)
    ]


@pytest.mark.parametrize("shop", ["stdio"], indirect=True)
async def test_a_server_that_we_start_sees_none_of_our_secrets(shop):
    output = await named(shop)["shop__environment"].run({}, context_of(NOBODY))
    assert output.data == {"result": ""}


@pytest.mark.parametrize("shop", ["stdio"], indirect=True)
async def test_a_server_that_died_is_started_again_for_the_next_call(shop):
    tools = named(shop)
    with pytest.raises(BackendUnavailable):
        await tools["shop__die"].run({}, context_of(NOBODY))
    output = await tools["shop__forecast"].run({"city": "Bern"}, context_of(NOBODY))
    assert output.data["result"].startswith("Sun in Bern")


async def test_a_server_that_is_not_there_costs_only_its_own_tools(monkeypatch, http_server):
    monkeypatch.setenv("SHOP_TOKEN", SECRET)
    forecast = {"forecast": READ}
    settings = {
        "gone": {"command": [sys.executable, "-c", "raise SystemExit(1)"], "tools": forecast},
        "shop": {**http_server, "tools": forecast},
    }
    tools = McpTools(McpSettings.model_validate({"servers": settings}))
    with structlog.testing.capture_logs():
        assert not await tools.connect()
    assert list(named(tools)) == ["shop__forecast"]
    await tools.close()


async def test_a_wrong_secret_gives_no_tools(monkeypatch, http_server):
    monkeypatch.setenv("SHOP_TOKEN", "wrong")
    tools = McpTools(
        McpSettings.model_validate({"servers": {"shop": {**http_server, "tools": TOOLS}}})
    )
    with structlog.testing.capture_logs() as logs:
        assert not await tools.connect()
    assert tools.tools == ()
    assert "wrong" not in str(logs)
    await tools.close()


async def test_a_closed_connection_can_be_closed_again(http_server):
    settings = McpSettings.model_validate({"servers": {"s": {**http_server, "tools": {}}}})
    connection = McpConnection("s", settings.servers["s"])
    await connection.close()
    await connection.close()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"tools": {"t": {"label": "T"}}}, "identity"),
        ({"tools": {"t": {**READ, "writes": True}}}, "confirm"),
        ({"tools": {"t": {**READ, "confirm": False}}}, "confirm"),
        ({"tools": {"t": {**READ, "customer_argument": "c"}}}, "identity"),
        ({"tools": {"t": {**READ, "unknown": 1}}}, "unknown"),
        ({"command": ["x"]}, "command or a url"),
        ({"url": None}, "command or a url"),
        ({"env": ["X"]}, "env to a command"),
    ],
)
def test_a_file_that_leaves_a_policy_open_is_refused(tmp_path, change, problem):
    file = tmp_path / "mcp.yaml"
    server = {"url": "https://shop.example/mcp", "tools": {"t": READ}, **change}
    file.write_text(yaml.safe_dump({"servers": {"shop": server}}))
    with pytest.raises(McpSettingsInvalid, match=problem):
        load_mcp_settings(file)


def test_a_secret_that_is_not_set_is_named():
    settings = McpSettings.model_validate(
        {"servers": {"s": {"command": ["x"], "env": ["NOT_SET"], "tools": {}}}}
    )
    with pytest.raises(McpSettingsInvalid, match="NOT_SET"):
        settings.servers["s"].environment({})
