"""Owns what a model's tool requests bring: reads at the same time, writes one by one, in order.

The requests are not trusted; who may do what is the toolbox's to decide.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from assistant.agents.handing_over import HANDED_OVER
from assistant.agents.llm_run import LlmLimits, Run
from assistant.agents.model import ModelMessage, ToolDefinition, ToolRequest
from assistant.core.events import (
    ConfirmationRequired,
    EventBody,
    IdentityRequired,
    JsonObject,
    Outcome,
    Retrieval,
    Status,
)
from assistant.core.passages import Passage, Retriever
from assistant.core.plain_speech import hosts_in, visible_text
from assistant.core.prompts import (
    SEARCH_DESCRIPTION,
    SEARCH_SCHEMA,
    SEARCH_TOOL,
    passages_as_data,
    tool_result_as_data,
)
from assistant.core.toolbox import SignInNeeded, Tool

CALL_ID_LENGTH = 100
QUERY_LENGTH = 400
NAME_LENGTH = 64
REQUEST_PERSON = "request_person"
NO_JSON = "The arguments are no JSON object."
NOT_OFFERED = "This tool is not offered for this message."
PLANTED = "Only an address that the visitor gave may be written."


@dataclass(frozen=True, kw_only=True)
class _Served:
    """What one request brought."""

    request: ToolRequest
    events: tuple[EventBody, ...] = ()
    reply: str = ""
    ending: Outcome | None = None
    passages: tuple[Passage, ...] | None = None
    texts: tuple[str, ...] = ()
    is_result: bool = False
    changes: JsonObject = field(default_factory=dict)


class ToolServer:
    """Serves the tool requests of a turn.

    Args:
        retriever: finds passages of briefings.
        limits: of a request.
    """

    def __init__(self, retriever: Retriever, limits: LlmLimits) -> None:
        self._retriever = retriever
        self._limits = limits

    async def serve(self, run: Run, requests: Sequence[ToolRequest]) -> AsyncIterator[EventBody]:
        """Do what the requests ask for and give the model their results, in their order.

        Stops where the visitor must sign in or confirm.
        """
        writing = {tool.name for tool in run.toolbox.tools() if tool.policy.writes}
        for batch in _batches(requests, writing):
            if any(request.name == SEARCH_TOOL for request in batch):
                yield Status(text="Searching the briefings")
            for served in await _together([self._serve(run, request) for request in batch]):
                for event in _apply(run, served):
                    yield event
            if run.ending:
                return

    async def search_first(self, run: Run, question: str) -> AsyncIterator[EventBody]:
        """Search before the model is asked, as if it had asked for it: it would, for the news."""
        arguments = json.dumps({"query": question}, ensure_ascii=False)
        request = ToolRequest(call_id="search_first", name=SEARCH_TOOL, arguments_json=arguments)
        run.messages.append(ModelMessage(role="assistant", content="", tool_requests=(request,)))
        async for event in self.serve(run, [request]):
            yield event

    async def _serve(self, run: Run, request: ToolRequest) -> _Served:
        arguments = _arguments(request, self._limits.argument_characters)
        if arguments is None:
            return _refused(run, request, NO_JSON)
        if request.name == SEARCH_TOOL:
            return await self._search(run, request, arguments)
        tool = next((each for each in run.toolbox.tools() if each.name == request.name), None)
        if tool is not None and tool.name not in run.offered:
            return _refused(run, request, NOT_OFFERED)
        if tool is not None and _is_planted(run, tool, arguments):
            return _refused(run, request, PLANTED)
        return await _call(run, request, arguments)

    async def _search(self, run: Run, request: ToolRequest, arguments: JsonObject) -> _Served:
        asked = visible_text(str(arguments.get("query") or "")).strip()
        if not asked or asked.lower() == run.turn.message.strip().lower():
            asked = run.question or run.turn.message
        started = time.perf_counter()
        query = await self._retriever.understand(asked[:QUERY_LENGTH], run.turn.now)
        passages = await self._retriever.search(query)
        told = Retrieval(
            query=query.text,
            filters=query.filters,
            passages=tuple(passage.as_ref() for passage in passages),
            elapsed_ms=round((time.perf_counter() - started) * 1000, 1),
        )
        return _Served(request=request, events=(told,), passages=passages)


def definitions_of(tools: Sequence[Tool]) -> tuple[ToolDefinition, ...]:
    """The search and the tools, as the model is told of them."""
    search = ToolDefinition(name=SEARCH_TOOL, description=SEARCH_DESCRIPTION, schema=SEARCH_SCHEMA)
    others = (
        ToolDefinition(name=tool.name, description=tool.description, schema=tool.schema)
        for tool in tools
    )
    return (search, *others)


def _batches(
    requests: Sequence[ToolRequest], writing: set[str]
) -> Iterator[tuple[ToolRequest, ...]]:
    """Neighbouring reads together, each write alone."""
    for is_write, group in groupby(requests, key=lambda request: request.name in writing):
        if is_write:
            yield from ((request,) for request in group)
        else:
            yield tuple(group)


async def _together(calls: Sequence[Awaitable[_Served]]) -> list[_Served]:
    """All at once; the first failure is raised when none runs any longer."""
    results = await asyncio.gather(*calls, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if isinstance(result, _Served)]


def _apply(run: Run, served: _Served) -> Iterator[EventBody]:
    """Keep what a request brought; gives its events."""
    for event in served.events:
        # Several reads of one message may all need it; the visitor is asked once.
        if run.ending is None or not isinstance(event, IdentityRequired):
            yield event
    reply = served.reply
    if served.passages is not None:
        reply = passages_as_data(served.passages, first_id=len(run.evidence.passages) + 1)
        run.evidence.passages.extend(served.passages)
        run.evidence.has_searched = True
    run.evidence.texts.extend(served.texts)
    run.evidence.has_tool_results |= served.is_result
    run.changes.update(served.changes)
    run.ending = run.ending or served.ending
    if not served.ending:
        run.reply(served.request, reply)


async def _call(run: Run, request: ToolRequest, arguments: JsonObject) -> _Served:
    events, invocation, text = await run.toolbox.call(
        request.name, arguments, call_id=_call_id(run, request)
    )
    match invocation:
        case SignInNeeded():
            return _Served(request=request, events=events, ending=Outcome.SIGN_IN_REQUIRED)
        case ConfirmationRequired():
            return _Served(request=request, events=events, ending=Outcome.CONFIRMATION_REQUIRED)
        case _:
            data = tool_result_as_data(invocation.output, text)
            is_handed_over = invocation.ok and request.name == REQUEST_PERSON
            return _Served(
                request=request,
                events=events,
                reply=data,
                texts=(text, data),
                is_result=invocation.ok,
                changes={HANDED_OVER: True} if is_handed_over else {},
            )


def _refused(run: Run, request: ToolRequest, why: str) -> _Served:
    run.refused.append(f"{visible_text(request.name)[:NAME_LENGTH]}: {why}")
    return _Served(request=request, reply=json.dumps({"error": why}))


def _arguments(request: ToolRequest, most_characters: int) -> JsonObject | None:
    if len(request.arguments_json) > most_characters:
        return None
    try:
        arguments = json.loads(request.arguments_json)
    except (ValueError, RecursionError):
        return None
    return arguments if isinstance(arguments, dict) else None


def _is_planted(run: Run, tool: Tool, arguments: JsonObject) -> bool:
    """Whether a write names an address that the visitor did not, after other texts were read.

    What stands in a briefing or in a tool's result must not steer a write, however well the
    confirmation explains it.
    """
    is_tainted = bool(run.evidence.passages) or run.evidence.has_tool_results
    if not (is_tainted and tool.policy.writes):
        return False
    own = [run.turn.message, *(past.message for past in run.turn.history)]
    named = hosts_in(json.dumps(arguments, ensure_ascii=False))
    return not named <= hosts_in("\n".join(own))


def _call_id(run: Run, request: ToolRequest) -> str | None:
    """The model's name for a call, as the log may keep it; None lets the toolbox number it."""
    name = visible_text(request.call_id)[:CALL_ID_LENGTH]
    if not name or name in run.call_ids:
        return None
    run.call_ids.add(name)
    return name
