"""A confirmed write runs once, exactly as shown, for the customer who was asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import structlog

from assistant.core.actions import Action
from assistant.core.errors import ToolFailed
from assistant.core.events import Outcome, TextDelta, ToolCall, ToolResult, TurnCompleted
from assistant.core.toolbox import ToolOutput, hash_arguments
from assistant.tools.actions import run_action
from tests.tools.conftest import ADA, BEN, NOBODY, NOW, context_of, still_runner
from tests.tools.fakes_tools import WRITES, FakeTool

ARGUMENTS = {"text": "hi"}
ACTION = Action(
    id="abcdefghijkl",
    conversation_id="c1",
    turn_id="t1",
    customer_id="cust-ada",
    tool="say",
    arguments=ARGUMENTS,
    arguments_hash=hash_arguments("say", ARGUMENTS),
    title="Say it?",
    created_at=NOW,
    expires_at=NOW + timedelta(minutes=10),
    status="confirmed",
)


async def run(action, tools, caller=ADA, state=None):
    return [
        event
        async for event in run_action(
            action, tools, context_of(caller), state=state or {}, runner=still_runner()
        )
    ]


def completed(state=None) -> TurnCompleted:
    return TurnCompleted(outcome=Outcome.ANSWERED, state=state or {}, usage={}, elapsed_ms=0.0)


def gives_meeting(status: str):
    async def give(arguments, context):
        return ToolOutput(data={"meeting": {"id": "M-2", "status": status}}, text="Done.")

    return give


async def test_a_confirmed_write_runs_with_the_action_s_id_as_its_key():
    tool = FakeTool(policy=WRITES)
    assert await run(ACTION, [tool], state={"topic": "x"}) == [
        ToolCall(call_id="action-abcdefgh", tool="say", arguments=ARGUMENTS, label="Saying"),
        ToolResult(
            call_id="action-abcdefgh",
            tool="say",
            ok=True,
            output={"said": "hi"},
            card=None,
            elapsed_ms=0.0,
        ),
        TextDelta(text="Hello."),
        completed({"topic": "x"}),
    ]
    assert tool.ran == [(ARGUMENTS, "abcdefghijkl")]


@pytest.mark.parametrize(
    ("tool", "text"),
    [
        ("book_meeting", "Okay, nothing was booked."),
        ("move_meeting", "Okay, the meeting stays where it was."),
        ("cancel_meeting", "Okay, the meeting stays booked."),
        ("update_contact", "Okay, nothing was changed."),
    ],
)
async def test_a_declined_write_does_not_run(tool, text):
    fake = FakeTool(policy=WRITES, name=tool)
    declined = replace(ACTION, tool=tool, status="declined")
    assert await run(declined, [fake]) == [TextDelta(text=text), completed()]
    assert fake.ran == []


@pytest.mark.parametrize("status", ["pending", "expired", "superseded"])
async def test_an_action_that_was_not_confirmed_does_not_run(status):
    tool = FakeTool(policy=WRITES)
    [delta, end] = await run(replace(ACTION, status=status), [tool])
    assert "expired" in delta.text
    assert (end, tool.ran) == (completed(), [])


@pytest.mark.parametrize(
    ("action", "caller"),
    [
        (ACTION, BEN),
        (ACTION, NOBODY),
        (replace(ACTION, customer_id=None), ADA),
        (replace(ACTION, customer_id=None), NOBODY),
        (replace(ACTION, conversation_id="c2"), ADA),
        (replace(ACTION, arguments={"text": "ho"}), ADA),
        (replace(ACTION, tool="shout"), ADA),
        (
            replace(ACTION, arguments={"x": 1}, arguments_hash=hash_arguments("say", {"x": 1})),
            ADA,
        ),
    ],
)
async def test_an_altered_or_someone_else_s_action_does_not_run(action, caller):
    tool = FakeTool(policy=WRITES)
    with structlog.testing.capture_logs() as logs:
        [delta, end] = await run(action, [tool], caller)
    assert delta.text.startswith("I could not do that")
    assert (end, tool.ran) == (completed(), [])
    assert [log["event"] for log in logs] == ["action refused"]


async def test_an_action_never_runs_a_tool_that_only_reads():
    tool = FakeTool()
    with structlog.testing.capture_logs():
        [delta, _] = await run(ACTION, [tool])
    assert (delta.text[:19], tool.ran) == ("I could not do that", [])


async def test_a_failed_write_says_why_and_keeps_the_state():
    async def fail(arguments, context):
        raise ToolFailed("It is taken.", remedy="Choose another time.")

    tool = FakeTool(policy=WRITES, does=fail)
    [_, result, delta, end] = await run(ACTION, [tool], state={"last_meeting_id": "M-1"})
    assert (result.ok, delta.text) == (False, "It is taken. Choose another time.")
    assert end == completed({"last_meeting_id": "M-1"})


async def test_a_booked_meeting_becomes_the_one_that_it_means():
    tool = FakeTool(policy=WRITES, does=gives_meeting("booked"))
    state = {"last_meeting_id": "M-1", "a": 1}
    assert (await run(ACTION, [tool], state=state))[-1] == completed(
        {"last_meeting_id": "M-2", "a": 1}
    )


async def test_a_cancelled_meeting_is_forgotten():
    tool = FakeTool(policy=WRITES, does=gives_meeting("cancelled"))
    state = {"last_meeting_id": "M-2", "a": 1}
    assert (await run(ACTION, [tool], state=state))[-1] == completed({"a": 1})
