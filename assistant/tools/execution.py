"""Owns running one tool safely: time-out, size cap, and failures turned into results.

Nothing that a tool raises leaves this module; what the agent and the visitor are told of it never
holds internals. Does not own policy (`toolbox.py`, `actions.py`).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from assistant.core.errors import (
    HeidiError,
    IdentityRequired,
    InvalidInput,
    LimitExceeded,
    NotFound,
)
from assistant.core.events import JsonObject, ToolResult
from assistant.core.phrasing import plain_text
from assistant.core.plain_speech import without_links
from assistant.core.toolbox import Preview, Tool, ToolContext, ToolOutput
from assistant.tools.errors import SlotTaken

MESSAGE_LENGTH = 500

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class ToolLimits:
    """What one turn may use."""

    calls_per_turn: int = 12
    timeout_s: float = 10.0
    """For each call."""
    argument_bytes: int = 8_000
    result_bytes: int = 60_000
    """Of a result's data, and of its card, as JSON."""
    text_length: int = 2_000


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a tool gave nothing, in words for agent and visitor."""

    code: str
    """Stable, such as `invalid-input`, `slot-taken`, `time-out`."""
    message: str
    """What happened and what to do."""
    extra: JsonObject
    card: JsonObject | None = None


@dataclass(frozen=True, kw_only=True)
class ToolRunner:
    """Runs tools under limits and times them."""

    limits: ToolLimits = ToolLimits()
    timer: Callable[[], float] = time.perf_counter
    """Seconds from any start."""

    async def run(
        self, tool: Tool, arguments: JsonObject, context: ToolContext, call_id: str
    ) -> tuple[ToolResult, str]:
        """Run a tool; gives its result and what to say about it.

        Raises:
            IdentityRequired: the tool itself refused a caller who is no verified customer.
        """
        started = self.timer()
        try:
            async with asyncio.timeout(self.limits.timeout_s):
                output = await tool.run(arguments, context)
            self._check_size(output)
        except IdentityRequired:
            raise
        except Exception as error:  # the outermost edge of what a tool may do
            failure = describe_failure(error, tool)
            return self.failed(tool.name, call_id, failure, started), failure.message
        result = ToolResult(
            call_id=call_id,
            tool=tool.name,
            ok=True,
            output=output.data,
            card=output.card,
            elapsed_ms=self._elapsed_ms(started),
        )
        return result, without_links(output.text[: self.limits.text_length])

    async def preview(
        self, tool: Tool, arguments: JsonObject, context: ToolContext
    ) -> Preview | Failure:
        """Check and explain a write; gives why not when it can't be done.

        Raises:
            IdentityRequired: the tool itself refused a caller who is no verified customer.
        """
        try:
            async with asyncio.timeout(self.limits.timeout_s):
                return await tool.preview(arguments, context)
        except IdentityRequired:
            raise
        except Exception as error:  # the outermost edge of what a tool may do
            return describe_failure(error, tool)

    def failed(self, tool_name: str, call_id: str, failure: Failure, started: float) -> ToolResult:
        """A failure as a tool's result."""
        return ToolResult(
            call_id=call_id,
            tool=tool_name,
            ok=False,
            output={"error": failure.code, "message": failure.message, **failure.extra},
            card=failure.card,
            elapsed_ms=self._elapsed_ms(started),
        )

    def _elapsed_ms(self, started: float) -> float:
        return round((self.timer() - started) * 1000, 1)

    def _check_size(self, output: ToolOutput) -> None:
        for part in (output.data, output.card):
            if json_size(part) > self.limits.result_bytes:
                raise LimitExceeded(
                    "That is more than I can show at once.",
                    remedy="Ask for a shorter period or fewer entries.",
                )


def json_size(value: object) -> int:
    """Bytes of a value as JSON.

    Raises:
        ValueError, TypeError, RecursionError: it is no JSON.
    """
    return len(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())


def describe_failure(error: Exception, tool: Tool) -> Failure:
    """What agent and visitor are told about an error; the rest goes to the server's log."""
    match error:
        case SlotTaken():
            return Failure(
                code="slot-taken", message=_words(error), extra=error.data, card=error.card
            )
        case InvalidInput():
            return Failure(
                code="invalid-input", message=_words(error), extra={"field": error.field}
            )
        case NotFound():
            return Failure(code="not-found", message=_words(error), extra={})
        case HeidiError():
            return Failure(code="tool-failed", message=_words(error), extra={})
        case TimeoutError():
            log.warning("tool timed out", tool=tool.name)
            return Failure(code="time-out", message=_say_timeout(tool), extra={})
        case _:
            log.error("tool broke", tool=tool.name, exc_info=error)
            return Failure(
                code="internal",
                message="Something went wrong on our side. Please try again in a moment.",
                extra={},
            )


def _words(error: HeidiError) -> str:
    return without_links(plain_text(f"{error.detail} {error.remedy}", MESSAGE_LENGTH))


def _say_timeout(tool: Tool) -> str:
    if tool.policy.writes:
        return (
            "That took too long, so I can't tell whether it went through. "
            "Please check before you try again."
        )
    return "That took too long. Please try again in a moment."
