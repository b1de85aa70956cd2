"""The toolbox holds whatever the agent asks for to the caller's policy."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import structlog

from assistant.core.actions import ACTION_LIFETIME, Action
from assistant.core.caller import StaffMember
from assistant.core.errors import IdentityRequired as IdentityRequiredError
from assistant.core.errors import InvalidInput, ToolFailed
from assistant.core.events import (
    ConfirmationRequired,
    IdentityRequired,
    ToolCall,
    ToolResult,
)
from assistant.core.toolbox import SignInNeeded, ToolOutput, ToolPolicy, hash_arguments
from assistant.tools.execution import ToolLimits
from assistant.tools.toolbox import new_action_id
from tests.tools.conftest import ADA, NOBODY, NOW
from tests.tools.fakes_tools import WRITES, FakeTool


def raising(error: BaseException):
    async def fail(arguments, context):
        raise error

    return fail


def returning(**parts):
    async def give(arguments, context):
        return ToolOutput(**{"data": {}, "text": "Done.", **parts})

    return give


async def test_a_reading_tool_runs_and_is_logged(make_toolbox):
    tool = FakeTool()
    events, ended, text = await make_toolbox([tool]).call("say", {"text": "hi"})
    call = ToolCall(call_id="call-1", tool="say", arguments={"text": "hi"}, label="Saying")
    result = ToolResult(
        call_id="call-1", tool="say", ok=True, output={"said": "hi"}, card=None, elapsed_ms=0.0
    )
    assert (events, ended, text) == ((call, result), result, "Hello.")
    assert tool.ran == [({"text": "hi"}, "")]


async def test_the_agent_s_own_call_id_is_kept(make_toolbox):
    _, ended, _ = await make_toolbox([FakeTool()]).call("say", {}, call_id="m-7")
    assert ended.call_id == "m-7"


async def test_an_unknown_tool_is_a_failed_result(make_toolbox):
    events, ended, text = await make_toolbox([FakeTool()]).call("r\x1bm" + "x" * 500, {"a": 1})
    assert [event.type for event in events] == ["tool.call", "tool.result"]
    assert events[0].arguments == {}
    assert ended.output["error"] == "unknown-tool"
    assert text.startswith("There is no tool called r mxxx")
    assert len(text) < 100


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"text": 5}, "text"),
        ({"text": "x" * 11}, "text"),
        ({"text": "ok", "customer_id": "cust-ben"}, ""),
        (["text"], ""),
        ("text", ""),
        (None, ""),
        ({"text": float("nan")}, ""),
        ({"text": {1, 2}}, ""),
        ({"text": "x" * 9000}, ""),
    ],
)
async def test_arguments_that_break_the_schema_never_reach_the_tool(make_toolbox, arguments, field):
    tool = FakeTool()
    events, ended, text = await make_toolbox([tool]).call("say", arguments)
    assert (ended.ok, ended.output["error"], ended.output["field"]) == (
        False,
        "invalid-input",
        field,
    )
    assert tool.ran == []
    assert events[0].arguments == {}
    assert 0 < len(text) <= 250


async def test_arguments_nested_without_end_are_refused(make_toolbox):
    deep: dict = {}
    for _ in range(100_000):
        deep = {"a": deep}
    _, ended, _ = await make_toolbox([FakeTool()]).call("say", deep)
    assert ended.output["error"] == "invalid-input"


@pytest.mark.parametrize("caller", [NOBODY, StaffMember(staff_id="s1", name="Sam")])
async def test_an_account_tool_asks_anyone_but_a_customer_to_sign_in(make_toolbox, caller):
    tool = FakeTool(policy=ToolPolicy(needs_identity=True, writes=False))
    events, ended, text = await make_toolbox([tool], caller).call("say", {"text": "hi"})
    assert [type(event) for event in events] == [IdentityRequired]
    assert (ended, text, tool.ran) == (SignInNeeded(tool="say"), "", [])


async def test_a_tool_that_itself_misses_identity_asks_to_sign_in(make_toolbox):
    tool = FakeTool(does=raising(IdentityRequiredError("no")))
    _, ended, _ = await make_toolbox([tool]).call("say", {})
    assert ended == SignInNeeded(tool="say")


async def test_a_write_waits_for_the_visitor_and_does_not_run(make_toolbox, actions):
    tool = FakeTool(policy=WRITES)
    events, ended, text = await make_toolbox([tool]).call("say", {"text": " hi "})
    digest = hash_arguments("say", {"text": "hi"})
    assert ended == ConfirmationRequired(
        action_id="action-1",
        tool="say",
        arguments={"text": "hi"},
        arguments_hash=digest,
        title="Say it?",
        rows=(("Text", " hi "),),
        confirm_label="Say it",
        expires_at=NOW + ACTION_LIFETIME,
    )
    assert (events, text, tool.ran) == ((ended,), "", [])
    assert actions.actions == {
        "action-1": Action(
            id="action-1",
            conversation_id="c1",
            turn_id="t1",
            customer_id=ADA.customer_id,
            tool="say",
            arguments={"text": "hi"},
            arguments_hash=digest,
            title="Say it?",
            created_at=NOW,
            expires_at=NOW + ACTION_LIFETIME,
        )
    }


async def test_a_newer_write_supersedes_the_one_that_waits(make_toolbox, actions):
    toolbox = make_toolbox([FakeTool(policy=WRITES)])
    await toolbox.call("say", {"text": "a"})
    await toolbox.call("say", {"text": "b"})
    assert [action.status for action in actions.actions.values()] == ["superseded", "pending"]


async def test_a_write_whose_preview_fails_asks_nothing(make_toolbox, actions):
    tool = FakeTool(policy=WRITES)
    tool.preview = raising(ToolFailed("It is taken.", remedy="Choose another."))
    events, ended, text = await make_toolbox([tool]).call("say", {"text": "hi"})
    assert [event.type for event in events] == ["tool.call", "tool.result"]
    assert (ended.ok, text, actions.actions) == (False, "It is taken. Choose another.", {})


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (
            InvalidInput("Bad day.", field="since", remedy="Say another."),
            "invalid-input",
            "Bad day. Say another.",
        ),
        (ToolFailed("The bank is closed."), "tool-failed", "The bank is closed."),
        (
            RuntimeError("password=hunter2 at /srv/db"),
            "internal",
            "Something went wrong on our side. Please try again in a moment.",
        ),
    ],
)
async def test_a_failing_tool_is_a_result_without_internals(make_toolbox, error, code, message):
    with structlog.testing.capture_logs():
        _, ended, text = await make_toolbox([FakeTool(does=raising(error))]).call("say", {})
    assert (ended.ok, ended.output["error"], text) == (False, code, message)
    assert "hunter2" not in repr(ended)


async def test_an_unexpected_error_is_logged_with_its_traceback(make_toolbox):
    error = RuntimeError("boom")
    with structlog.testing.capture_logs() as logs:
        await make_toolbox([FakeTool(does=raising(error))]).call("say", {})
    assert logs == [{"event": "tool broke", "log_level": "error", "tool": "say", "exc_info": error}]


async def test_cancelling_the_turn_goes_through(make_toolbox):
    with pytest.raises(asyncio.CancelledError):
        await make_toolbox([FakeTool(does=raising(asyncio.CancelledError()))]).call("say", {})


async def test_a_tool_that_hangs_is_given_up(make_toolbox):
    async def hang(arguments, context):
        await asyncio.Event().wait()

    limits = ToolLimits(timeout_s=0.01)
    with structlog.testing.capture_logs():
        _, ended, text = await make_toolbox([FakeTool(does=hang)], limits=limits).call("say", {})
    assert (ended.output["error"], text) == (
        "time-out",
        "That took too long. Please try again in a moment.",
    )


@pytest.mark.parametrize("parts", [{"data": {"rows": "x" * 900}}, {"card": {"rows": "x" * 900}}])
async def test_a_giant_result_is_refused_with_what_to_do(make_toolbox, parts):
    limits = ToolLimits(result_bytes=500)
    tool = FakeTool(does=returning(**parts))
    _, ended, text = await make_toolbox([tool], limits=limits).call("say", {})
    assert (ended.ok, ended.card) == (False, None)
    assert text.endswith("Ask for a shorter period or fewer entries.")


async def test_a_long_text_is_cut(make_toolbox):
    limits = ToolLimits(text_length=5)
    tool = FakeTool(does=returning(text="x" * 50))
    assert (await make_toolbox([tool], limits=limits).call("say", {}))[2] == "xxxxx"


async def test_a_result_that_is_no_json_is_a_failure(make_toolbox):
    tool = FakeTool(does=returning(data={"when": timedelta(1)}))
    with structlog.testing.capture_logs():
        _, ended, _ = await make_toolbox([tool]).call("say", {})
    assert ended.output["error"] == "internal"


async def test_a_turn_has_a_budget_of_calls(make_toolbox):
    tool = FakeTool()
    toolbox = make_toolbox([tool], limits=ToolLimits(calls_per_turn=3))
    ended = [(await toolbox.call("say", {}))[1].ok for _ in range(5)]
    assert ended == [True, True, True, False, False]
    assert len(tool.ran) == 3


def test_ids_of_actions_can_not_be_guessed():
    ids = {new_action_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert min(map(len, ids)) >= 32
