"""Owns tools of MCP servers: each runs under the policy that the operator wrote for it.

What a server answers is data: text of limited size for the agent, never words that Heidi speaks.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from mcp_types import Tool as RemoteTool

from assistant.backends.mcp_connection import McpConnection
from assistant.backends.mcp_schema import SchemaRefused, safe_schema
from assistant.backends.mcp_settings import McpServerSettings, McpSettings, McpToolPolicy
from assistant.core.cards import facts_card
from assistant.core.errors import HeidiError
from assistant.core.events import JsonObject
from assistant.core.phrasing import plain_text
from assistant.core.toolbox import Preview, ToolContext, ToolOutput, ToolPolicy
from assistant.tools.base import customer_of, key_of
from assistant.tools.sent import require_harmless_arguments, require_said_arguments

DESCRIPTION_LENGTH = 500
LONGEST_NAME = 64
ROW_LENGTH = 200
SHOWN_LENGTH = 500
RETRY_S = 30.0

log = structlog.get_logger(__name__)


@dataclass(kw_only=True)
class McpTool:
    """One tool of an MCP server."""

    name: str
    description: str
    label: str
    schema: JsonObject
    policy: ToolPolicy
    remote_name: str
    """What the server calls it."""
    customer_argument: str | None
    idempotency_argument: str | None
    free_arguments: tuple[str, ...]
    """What the model may word itself."""
    connection: McpConnection

    async def run(self, arguments: JsonObject, context: ToolContext) -> ToolOutput:
        """Call the server, for the caller and nobody else."""
        key = ""
        if self.policy.writes and self.policy.needs_confirmation:
            key = key_of(context)
        elif self.policy.writes:
            require_said_arguments(arguments, self.schema, self.free_arguments, context)
        else:
            own = self.name.partition("__")[0] + "__"
            require_harmless_arguments(arguments, self.schema, self.free_arguments, context, own)
        given: dict[str, Any] = dict(arguments)
        if self.policy.needs_identity:
            customer_id = customer_of(context)
            if self.customer_argument is not None:
                given[self.customer_argument] = customer_id
        if self.idempotency_argument is not None:
            given[self.idempotency_argument] = key or secrets.token_urlsafe(24)
        text = await self.connection.call(self.remote_name, given, idempotency_key=key)
        # Its words are shown as plain text, or given to the model as data, but not spoken: a
        # server could put a link or a claim into Heidi's mouth.
        return ToolOutput(
            data={"result": text},
            text=f"{self.label}: done.",
            card=facts_card(self.label, [("Result", plain_text(text, SHOWN_LENGTH))])
            if self.policy.writes
            else None,
        )

    async def preview(self, arguments: JsonObject, context: ToolContext) -> Preview:
        """Show what would be sent, as it is."""
        if self.policy.needs_identity:
            customer_of(context)
        require_said_arguments(arguments, self.schema, self.free_arguments, context)
        return Preview(
            title=f"{self.label}?",
            rows=tuple(
                (_words(name), plain_text(_say(value), ROW_LENGTH))
                for name, value in arguments.items()
            ),
            confirm_label="Do it",
            arguments=dict(arguments),
        )


class McpTools:
    """The tools of every server of the file, as far as their servers answer.

    Args:
        settings: the file.
    """

    def __init__(self, settings: McpSettings) -> None:
        self._servers = {
            name: (server, McpConnection(name, server)) for name, server in settings.servers.items()
        }
        self._found: dict[str, tuple[McpTool, ...]] = {}

    @property
    def tools(self) -> tuple[McpTool, ...]:
        """Tools of the servers that have answered, in the file's order."""
        return tuple(tool for name in self._servers for tool in self._found.get(name, ()))

    async def connect(self) -> bool:
        """Ask the servers that have not answered yet; gives whether all have."""
        missing = [name for name in self._servers if name not in self._found]
        await asyncio.gather(*map(self._connect, missing))
        return len(self._found) == len(self._servers)

    async def keep_connected(self, retry_s: float = RETRY_S) -> None:
        """Connect, and go on trying until every server has answered."""
        while not await self.connect():
            await asyncio.sleep(retry_s)

    async def close(self) -> None:
        """End every session."""
        await asyncio.gather(*(connection.close() for _, connection in self._servers.values()))

    async def _connect(self, name: str) -> None:
        server, connection = self._servers[name]
        try:
            listed = await connection.tools()
        except HeidiError as error:
            log.error("mcp server not reached", server=name, problem=error.detail)
            return
        # What a server offers later is not looked at: it was not what the operator allowed.
        self._found[name] = expose(name, server, connection, listed)
        log.info("mcp server connected", server=name, tools=len(self._found[name]))


def expose(
    prefix: str,
    server: McpServerSettings,
    connection: McpConnection,
    listed: Sequence[RemoteTool],
) -> tuple[McpTool, ...]:
    """The tools that have a policy and can be used under it."""
    by_name = {tool.name: tool for tool in listed}
    exposed: dict[str, McpTool] = {}
    for remote_name, policy in server.tools.items():
        remote = by_name.get(remote_name)
        if remote is None:
            log.error("mcp tool missing", server=prefix, tool=remote_name)
            continue
        try:
            tool = _tool(prefix, remote, policy, connection)
            exposed.setdefault(tool.name, tool)
        except SchemaRefused as error:
            log.error("mcp tool refused", server=prefix, tool=remote_name, problem=str(error))
    return tuple(exposed.values())


def _tool(
    prefix: str, remote: RemoteTool, policy: McpToolPolicy, connection: McpConnection
) -> McpTool:
    described = policy.description or remote.description or policy.label
    return McpTool(
        name=_own_name(prefix, remote.name),
        description=plain_text(described, DESCRIPTION_LENGTH),
        label=policy.label,
        schema=safe_schema(remote.input_schema, policy.own_arguments),
        policy=policy.policy,
        remote_name=remote.name,
        customer_argument=policy.customer_argument,
        idempotency_argument=policy.idempotency_argument,
        free_arguments=policy.free_arguments,
        connection=connection,
    )


def _own_name(prefix: str, remote_name: str) -> str:
    """`crm__list_orders`: never the name of one of ours, and every model accepts it."""
    plain = "".join(char if char.isascii() and char.isalnum() else "_" for char in remote_name)
    return f"{prefix}__{plain.lower()}"[:LONGEST_NAME]


def _words(name: str) -> str:
    return plain_text(name.replace("_", " ").capitalize(), ROW_LENGTH)


def _say(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else str(value)
