"""Owns the connection to one MCP server: opened when needed, and again after it broke."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import httpx2
import mcp
import structlog
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CONNECTION_CLOSED, CallToolResult, ListToolsResult, TextContent, Tool

from assistant.backends.errors import BackendUnavailable
from assistant.backends.mcp_settings import McpServerSettings
from assistant.core.errors import ToolFailed

MOST_TEXT = 8_000
IDEMPOTENCY_META = "heidi/idempotency-key"
MOST_TOOLS = 500
CONNECT_TIMEOUT_S = 10.0

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


class McpConnection:
    """A session with one server.

    Everything about it happens in one task of its own, because a session must be closed by the
    task that opened it; callers only wait for what it answers.

    Args:
        name: of the server, for the log.
        settings: where it is.
    """

    def __init__(self, name: str, settings: McpServerSettings) -> None:
        self._name = name
        self._settings = settings
        self._lock = asyncio.Lock()
        self._client: mcp.Client | None = None
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()

    async def tools(self) -> Sequence[Tool]:
        """Every tool that the server says it has.

        Raises:
            BackendUnavailable: it can't be reached.
        """
        listed: list[Tool] = []
        page = await self._ask(partial(_list_tools, cursor=None))
        listed += page.tools
        while page.next_cursor is not None and len(listed) < MOST_TOOLS:
            following = partial(_list_tools, cursor=page.next_cursor)
            page = await self._ask(following)
            listed += page.tools
        return listed

    async def call(
        self, tool: str, arguments: Mapping[str, Any], *, idempotency_key: str = ""
    ) -> str:
        """Call a tool once; gives the text of its result, cut to a size that fits.

        Args:
            tool: the server's name for it.
            arguments: what it is given.
            idempotency_key: of a write; goes along as `_meta`, so that the server can tell one
                that it has done already.

        Raises:
            ToolFailed: the tool says that it failed.
            BackendUnavailable: the server can't be reached, or took too long.
        """
        meta: Any = {IDEMPOTENCY_META: idempotency_key} if idempotency_key else None
        result = await self._ask(
            lambda client: client.call_tool(
                tool,
                dict(arguments),
                read_timeout_seconds=self._settings.timeout_s,
                meta=meta,
            )
        )
        text = text_of(result)
        if result.is_error:
            log.warning("mcp tool failed", server=self._name, tool=tool)
            raise ToolFailed("That service could not do it.", remedy="Try it another way.")
        return text

    async def close(self) -> None:
        """End the session, and the server if we started it."""
        async with self._lock:
            await self._end()

    async def _ask(self, question: Callable[[mcp.Client], Awaitable[Result]]) -> Result:
        client = await self._connected()
        try:
            async with asyncio.timeout(self._settings.timeout_s):
                return await question(client)
        except mcp.MCPError as error:
            if error.code == CONNECTION_CLOSED:
                self._stop.set()
                raise self._unavailable("closed") from error
            log.warning("mcp refused", server=self._name, code=error.code)
            raise ToolFailed("That service could not do it.") from error
        except TimeoutError as error:
            raise self._unavailable("time-out") from error
        except (OSError, httpx2.HTTPError, RuntimeError) as error:
            self._stop.set()
            raise self._unavailable(type(error).__name__) from error

    async def _connected(self) -> mcp.Client:
        async with self._lock:
            if self._client is None or self._stop.is_set():
                await self._end()
                self._client = await self._begin()
            return self._client

    async def _begin(self) -> mcp.Client:
        self._stop = asyncio.Event()
        opened: asyncio.Future[mcp.Client] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._keep_open(opened, self._stop))
        await asyncio.wait(
            (opened, self._task), timeout=CONNECT_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED
        )
        if opened.done() and not opened.cancelled():
            return opened.result()
        await self._end()
        raise self._unavailable("no connection")

    async def _keep_open(self, opened: asyncio.Future[mcp.Client], stop: asyncio.Event) -> None:
        try:
            async with _open(self._settings) as client:
                opened.set_result(client)
                await stop.wait()
        except Exception as error:  # the outermost edge of the session's own task
            log.warning("mcp connection failed", server=self._name, error=_innermost(error))
        finally:
            stop.set()

    async def _end(self) -> None:
        self._client = None
        self._stop.set()
        task, self._task = self._task, None
        if task is None:
            return
        _, running = await asyncio.wait((task,), timeout=CONNECT_TIMEOUT_S)
        for each in running:
            each.cancel()
            await asyncio.wait((each,))

    def _unavailable(self, why: str) -> BackendUnavailable:
        log.warning("mcp unavailable", server=self._name, why=why)
        return BackendUnavailable(
            "That service does not answer now.", remedy="Try again in a moment."
        )


def text_of(result: CallToolResult) -> str:
    """The text of a result; pictures, sound and links to resources are left out."""
    texts = [part.text for part in result.content if isinstance(part, TextContent)]
    if not texts and result.structured_content is not None:
        texts = [json.dumps(result.structured_content, ensure_ascii=False)]
    text = "\n".join(texts)
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"


async def _list_tools(client: mcp.Client, *, cursor: str | None) -> ListToolsResult:
    return await client.list_tools(cursor=cursor)


@asynccontextmanager
async def _open(settings: McpServerSettings) -> AsyncIterator[mcp.Client]:
    if settings.url is None:
        command, *arguments = settings.command
        parameters = mcp.StdioServerParameters(
            command=command, args=arguments, env=settings.environment()
        )
        async with mcp.Client(stdio_client(parameters), cache=None) as client:
            yield client
        return
    async with (
        httpx2.AsyncClient(
            headers=settings.header_values(), timeout=settings.timeout_s
        ) as http_client,
        mcp.Client(
            streamable_http_client(settings.url, http_client=http_client), cache=None
        ) as client,
    ):
        yield client


def _innermost(error: BaseException) -> str:
    """What went wrong, out of the groups that task groups put around it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"[:200]
