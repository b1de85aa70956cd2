"""Owns what happens after the visitor's decision on an action: the write runs, once, as shown.

The caller of `run_action` has settled the action before (`ActionStore.settle` lets exactly one
decision through) and logs `ConfirmationResolved` itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import structlog

from assistant.core.actions import Action
from assistant.core.caller import VerifiedCustomer
from assistant.core.events import (
    EventBody,
    JsonObject,
    Outcome,
    TextDelta,
    ToolCall,
    ToolResult,
    TurnCompleted,
)
from assistant.core.toolbox import Tool, ToolContext, hash_arguments
from assistant.tools.execution import ToolRunner
from assistant.tools.holding import release_hold
from assistant.tools.toolbox import find_problem

DECLINED = {
    "book_meeting": "Okay, nothing was booked.",
    "move_meeting": "Okay, the meeting stays where it was.",
    "cancel_meeting": "Okay, the meeting stays booked.",
}
DECLINED_OTHERWISE = "Okay, nothing was changed."
EXPIRED = "That request has expired, so nothing was changed. Ask me again to get a new one."
REFUSED = "I could not do that: the request does not match what you confirmed. Please ask again."

LAST_MEETING = "last_meeting_id"
"""Key of the dialogue's state: the meeting that "it" means."""

log = structlog.get_logger(__name__)


async def run_action(
    action: Action,
    tools: Sequence[Tool],
    context: ToolContext,
    *,
    state: JsonObject,
    runner: ToolRunner | None = None,
) -> AsyncIterator[EventBody]:
    """Answer the turn that a decision started.

    Args:
        action: as settled; only a `confirmed` one runs.
        tools: every tool of this site.
        context: of the turn; its caller must be the action's customer.
        state: dialogue state so far, passed on with what changed.
        runner: runs the tool under limits.
    """
    runner = runner or ToolRunner()
    started = runner.timer()
    if action.status == "confirmed":
        tool = _permitted_tool(action, tools, context, runner)
        if tool is None:
            text = REFUSED
        else:
            call_id = f"action-{action.id[:8]}"
            yield ToolCall(
                call_id=call_id, tool=tool.name, arguments=action.arguments, label=tool.label
            )
            result, text = await _run(action, tool, context, runner, call_id)
            await release_hold(tool, context)
            yield result
            state = next_state(state, result)
    elif action.status == "declined":
        text = DECLINED.get(action.tool, DECLINED_OTHERWISE)
        if _is_callers(action, context):
            await release_hold(_tool_called(action.tool, tools), context)
    else:
        text = EXPIRED
    yield TextDelta(text=text)
    yield TurnCompleted(
        outcome=Outcome.ANSWERED,
        state=dict(state),
        usage={},
        elapsed_ms=round((runner.timer() - started) * 1000, 1),
    )


def next_state(state: JsonObject, result: ToolResult) -> JsonObject:
    """The state after a tool: remembers a meeting booked or moved, forgets a cancelled one."""
    meeting = result.output.get("meeting")
    if not result.ok or not isinstance(meeting, dict):
        return state
    kept = {key: value for key, value in state.items() if key != LAST_MEETING}
    return kept if meeting["status"] == "cancelled" else {**kept, LAST_MEETING: meeting["id"]}


async def _run(
    action: Action, tool: Tool, context: ToolContext, runner: ToolRunner, call_id: str
) -> tuple[ToolResult, str]:
    return await runner.run(
        tool, action.arguments, replace(context, idempotency_key=action.id), call_id
    )


def _permitted_tool(
    action: Action, tools: Sequence[Tool], context: ToolContext, runner: ToolRunner
) -> Tool | None:
    """The action's tool, if everything is as it was when the visitor was asked."""
    tool = _tool_called(action.tool, tools)
    if tool is None or not tool.policy.writes:
        problem: str | None = "no such tool"
    else:
        problem = _find_mismatch(action, tool, context, runner)
    if problem is None:
        return tool
    log.error("action refused", action_id=action.id, tool=action.tool, problem=problem)
    return None


def _tool_called(name: str, tools: Sequence[Tool]) -> Tool | None:
    return next((tool for tool in tools if tool.name == name), None)


def _is_callers(action: Action, context: ToolContext) -> bool:
    caller = context.caller
    customer_id = caller.customer_id if isinstance(caller, VerifiedCustomer) else None
    return customer_id == action.customer_id and customer_id is not None


def _find_mismatch(
    action: Action, tool: Tool, context: ToolContext, runner: ToolRunner
) -> str | None:
    caller = context.caller
    customer_id = caller.customer_id if isinstance(caller, VerifiedCustomer) else None
    if customer_id != action.customer_id or (tool.policy.needs_identity and customer_id is None):
        return "another customer"
    if context.conversation_id != action.conversation_id:
        return "another conversation"
    if hash_arguments(action.tool, action.arguments) != action.arguments_hash:
        return "altered arguments"
    if find_problem(tool.schema, action.arguments, runner.limits.argument_bytes):
        return "arguments break the schema"
    return None
