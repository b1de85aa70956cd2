"""Tools for tests, each with one behaviour."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from assistant.core.events import JsonObject
from assistant.core.toolbox import Preview, ToolContext, ToolOutput, ToolPolicy
from assistant.tools.base import object_schema

READS = ToolPolicy(needs_identity=False, writes=False)
WRITES = ToolPolicy(needs_identity=True, writes=True)
TEXT = object_schema({"text": {"type": "string", "maxLength": 10}})


async def say_hello(arguments: JsonObject, context: ToolContext) -> ToolOutput:
    return ToolOutput(data={"said": arguments.get("text", "")}, text="Hello.")


@dataclass(kw_only=True)
class FakeTool:
    """A tool that does what it is given to do, and records how it was called."""

    does: Callable[[JsonObject, ToolContext], Awaitable[ToolOutput]] = say_hello
    name: str = "say"
    description: str = "Says."
    label: str = "Saying"
    schema: JsonObject = field(default_factory=lambda: TEXT)
    policy: ToolPolicy = READS
    ran: list[tuple[JsonObject, str]] = field(default_factory=list)

    async def run(self, arguments: JsonObject, context: ToolContext) -> ToolOutput:
        self.ran.append((arguments, context.idempotency_key))
        return await self.does(arguments, context)

    async def preview(self, arguments: JsonObject, context: ToolContext) -> Preview:
        return Preview(
            title="Say it?",
            rows=(("Text", arguments.get("text", "")),),
            confirm_label="Say it",
            arguments={"text": arguments.get("text", "").strip()},
        )
