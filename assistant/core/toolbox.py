"""Owns the contract of tools: definition, policy, invocation and the toolbox an agent is given.

The toolbox, not the agent, enforces policy: it knows the caller and refuses account tools to
anyone else, and it turns every write into a confirmation that only the visitor can resolve. The
tools themselves are in `assistant/tools`, the enforcing toolbox in `assistant/tools/toolbox.py`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from assistant.core.caller import Caller
from assistant.core.events import (
    ConfirmationRequired,
    EventBody,
    JsonObject,
    ToolResult,
)
from assistant.core.provenance import VisitorWords
from assistant.core.wishes import Wish


@dataclass(frozen=True, kw_only=True)
class ToolPolicy:
    """What a tool may do and for whom."""

    needs_identity: bool
    """Only for a verified customer; reads and writes that customer's data only."""
    writes: bool
    """Changes something; confirmed by the visitor first."""
    needs_confirmation: bool = True
    """False for a write that harms nobody and may be repeated: it runs like a read."""
    wish: Wish | None = None
    """How visitors ask for it; None: it may be done unasked."""


@dataclass(frozen=True, kw_only=True)
class ReadResult:
    """What a tool has told in this turn."""

    tool: str
    is_private: bool
    """It is of a customer's own data."""
    text: str
    """As JSON."""


@dataclass(frozen=True, kw_only=True)
class ToolContext:
    """What the server, never the model, tells a tool."""

    caller: Caller
    now: datetime
    timezone: ZoneInfo
    conversation_id: str
    idempotency_key: str = ""
    """The action's id when a confirmed write runs: the same key never writes twice."""
    words: VisitorWords | None = None
    """What the visitor has said; None: nothing to compare with."""
    read: tuple[ReadResult, ...] = ()
    """What the tools of this turn have told so far."""


@dataclass(frozen=True, kw_only=True)
class ToolOutput:
    """What a tool gives back."""

    data: JsonObject
    """Structured result for the agent and the trace; JSON types only, money as decimal strings."""
    text: str
    """The result said in one or two sentences (used by the built-in agent and for actions)."""
    card: JsonObject | None = None
    """What the bubble shows; see `core/cards.py`."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A write explained before it is confirmed."""

    title: str
    rows: tuple[tuple[str, str], ...]
    confirm_label: str
    arguments: JsonObject
    """The arguments, normalised (absolute times, resolved ids): exactly what will run."""


class Tool(Protocol):
    """A typed function that an agent may call."""

    name: str
    """`snake_case`, unique, stable."""
    description: str
    """For the model: what it gives and when to use it."""
    label: str
    """For the visitor: "Looking up your balance"."""
    schema: JsonObject
    """JSON Schema (2020-12) of the arguments: an object without additional properties."""
    policy: ToolPolicy

    async def run(self, arguments: JsonObject, context: ToolContext) -> ToolOutput:
        """Do the work.

        Raises:
            InvalidInput: arguments that make no sense; says what to send instead.
            ToolFailed: the backend could not do it; says why and what to do.
        """
        ...

    async def preview(self, arguments: JsonObject, context: ToolContext) -> Preview:
        """Check and explain a write before it is confirmed; only for tools that write.

        Raises:
            InvalidInput, ToolFailed: as `run`, for what can be known before.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class SignInNeeded:
    """The tool needs a verified customer and the caller is none."""

    tool: str


Invocation = ToolResult | ConfirmationRequired | SignInNeeded
"""How a tool call ends for an agent: it ran (or failed), it waits, or the visitor must sign in."""


class Toolbox(Protocol):
    """The tools one turn may use, bound to its caller."""

    def tools(self) -> Sequence[Tool]:
        """Every tool that exists for this site; policy is enforced on calling."""
        ...

    async def call(
        self, name: str, arguments: JsonObject, *, call_id: str | None = None
    ) -> tuple[tuple[EventBody, ...], Invocation, str]:
        """Call a tool under its policy.

        Returns:
            The events to yield (`ToolCall` and `ToolResult`, or `ConfirmationRequired`, or
            `IdentityRequired`), how the call ended, and the tool's `text` ("" unless it ran).
            Never raises for a failing tool: failure is `ToolResult(ok=False)` whose text says
            what to do. An unknown tool or arguments that break the schema are failures too.
        """
        ...


def hash_arguments(tool: str, arguments: JsonObject) -> str:
    """SHA-256 (hex) of a tool's name and its arguments as canonical JSON (RFC 8785 key order)."""
    canonical = json.dumps(
        [tool, arguments], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()
