"""Owns the LLM agent: a function-calling loop on any chat model, with the same guarantees as ever.

The model chooses tools and writes sentences. What it may read, write and say is decided by the
toolbox and by the speaker; nothing here trusts it.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field

import structlog

from assistant.agents.model import (
    ChatModel,
    ModelMessage,
    ModelPiece,
    ModelUnavailable,
    TextPiece,
    ToolDefinition,
    ToolRequest,
    Usage,
)
from assistant.agents.speaking import Evidence, Speaker
from assistant.core.caller import Caller
from assistant.core.events import (
    ConfirmationRequired,
    EventBody,
    JsonObject,
    Outcome,
    Retrieval,
    Status,
    Suggestions,
    TurnCompleted,
)
from assistant.core.passages import Retriever
from assistant.core.plain_speech import hosts_in, visible_text
from assistant.core.prompts import (
    PROMPT_VERSION,
    SEARCH_DESCRIPTION,
    SEARCH_SCHEMA,
    SEARCH_TOOL,
    history,
    instructions,
    passages_as_data,
    tool_result_as_data,
)
from assistant.core.toolbox import SignInNeeded, Toolbox
from assistant.core.turns import Agent, Turn

logger = structlog.get_logger(__name__)

NOT_IN_BRIEFINGS = "That isn't in our briefings."
SIGN_IN = "Please sign in so I can look into your account. I'll answer as soon as you have."
CALL_ID_LENGTH = 100
CONFIRM = "Please check the details and confirm."


@dataclass(frozen=True, kw_only=True)
class LlmLimits:
    """What one turn may use."""

    steps: int = 6
    """Calls of the model."""
    requests_per_step: int = 4
    """Tools one call may ask for; the rest are left out."""
    tokens_per_step: int = 800
    tokens_per_turn: int = 24_000
    characters_per_step: int = 40_000
    """Of text; a provider that does not keep to its tokens is not listened to any longer."""
    argument_characters: int = 20_000
    """Of one tool request."""


@dataclass(kw_only=True)
class _Run:
    """The state of one turn."""

    turn: Turn
    toolbox: Toolbox
    evidence: Evidence
    speaker: Speaker
    messages: list[ModelMessage]
    started: float = field(default_factory=time.perf_counter)
    steps: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    ending: Outcome | None = None
    """Set when a tool ends the turn: the visitor must sign in or confirm."""
    requests: list[ToolRequest] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        """Tokens used so far."""
        return self.prompt_tokens + self.completion_tokens


class LlmAgent:
    """Answers with a chat model; falls back to another agent while nothing has been said.

    Args:
        model: the chat model.
        retriever: finds passages of briefings.
        fallback: answers when the model is unavailable from the start; None lets the turn fail.
        limits: budgets of a turn.
    """

    def __init__(
        self,
        model: ChatModel,
        retriever: Retriever,
        *,
        fallback: Agent | None = None,
        limits: LlmLimits | None = None,
    ) -> None:
        self._model = model
        self._retriever = retriever
        self._fallback = fallback
        self._limits = limits or LlmLimits()

    @property
    def name(self) -> str:
        """`llm:<model>`."""
        return f"llm:{self._model.name}"

    async def answer(
        self, turn: Turn, caller: Caller, toolbox: Toolbox
    ) -> AsyncIterator[EventBody]:
        """Answer one turn as a stream of events.

        Raises:
            ModelUnavailable: the model failed in the middle of an answer, or without a fallback.
        """
        run = self._run(turn, caller, toolbox)
        yield Status(text="Thinking", detail={"prompt": PROMPT_VERSION, "model": self._model.name})
        has_spoken = False
        try:
            async for event in self._loop(run):
                has_spoken = has_spoken or not isinstance(event, Status)
                yield event
        except ModelUnavailable as error:
            if has_spoken or self._fallback is None:
                raise
            logger.warning("llm.fallback", model=self._model.name, reason=error.detail)
            yield Status(
                text="Searching the briefings",
                detail={"fallback": self._fallback.name, "reason": error.detail},
            )
            async for event in self._fallback.answer(turn, caller, toolbox):
                yield event

    def _run(self, turn: Turn, caller: Caller, toolbox: Toolbox) -> _Run:
        system = instructions(turn, caller)
        local = turn.now.astimezone(turn.timezone)
        evidence = Evidence(
            texts=[turn.message, f"Heidi JMAC Web {local:%A} {local.day} {local:%B %Y %H:%M}"]
        )
        messages = [ModelMessage(role="system", content=system)]
        for message, answer in history(turn):
            messages.append(ModelMessage(role="user", content=message))
            messages.append(ModelMessage(role="assistant", content=answer))
        messages.append(ModelMessage(role="user", content=turn.message))
        return _Run(
            turn=turn,
            toolbox=toolbox,
            evidence=evidence,
            speaker=Speaker(evidence, private=[_rules(system)]),
            messages=messages,
        )

    async def _loop(self, run: _Run) -> AsyncIterator[EventBody]:
        definitions = _definitions(run.toolbox)
        for step in range(self._limits.steps):
            is_last = step == self._limits.steps - 1 or run.tokens > self._limits.tokens_per_turn
            async for event in self._step(run, () if is_last else definitions):
                yield event
            if not run.requests or run.ending or is_last:
                break
        for event in run.speaker.finish():
            yield event
        for event in _closing(run):
            yield event

    async def _step(
        self, run: _Run, definitions: Sequence[ToolDefinition]
    ) -> AsyncIterator[EventBody]:
        """One call of the model, and the tools it asks for."""
        run.steps += 1
        run.requests = []
        text = ""
        async for piece in self._model.stream(
            run.messages, definitions, max_tokens=self._limits.tokens_per_step
        ):
            cut = self._cut(piece, len(text))
            text += cut.text if isinstance(cut, TextPiece) else ""
            for event in _take(run, cut):
                yield event
            if self._is_too_much(text, run):
                logger.warning("llm.cut", model=self._model.name, steps=run.steps)
                break
        run.requests = run.requests[: self._limits.requests_per_step] if definitions else []
        run.messages.append(
            ModelMessage(role="assistant", content=text, tool_requests=tuple(run.requests))
        )
        for request in run.requests:
            async for event in self._serve(run, request):
                yield event
            if run.ending:
                return

    def _cut(self, piece: ModelPiece, so_far: int) -> ModelPiece:
        if isinstance(piece, TextPiece):
            return TextPiece(text=piece.text[: self._limits.characters_per_step - so_far])
        return piece

    def _is_too_much(self, text: str, run: _Run) -> bool:
        """Whether a provider goes on for longer than it was asked to."""
        most_requests = 4 * self._limits.requests_per_step
        return len(text) >= self._limits.characters_per_step or len(run.requests) >= most_requests

    async def _serve(self, run: _Run, request: ToolRequest) -> AsyncIterator[EventBody]:
        """Do what one tool request asks for, and give the model its result."""
        arguments = _arguments(request, self._limits.argument_characters)
        if arguments is None:
            _reply(run, request, '{"error": "The arguments are no JSON object."}')
            return
        if request.name == SEARCH_TOOL:
            async for event in self._search(run, request, arguments):
                yield event
            return
        if _is_planted(run, request.name, arguments):
            _reply(
                run, request, '{"error": "Only an address that the visitor gave may be written."}'
            )
            return
        events, invocation, text = await run.toolbox.call(
            request.name, arguments, call_id=_call_id(request)
        )
        for event in events:
            yield event
        match invocation:
            case SignInNeeded():
                run.ending = Outcome.SIGN_IN_REQUIRED
            case ConfirmationRequired():
                run.ending = Outcome.CONFIRMATION_REQUIRED
            case _:
                run.evidence.has_tool_results |= invocation.ok
                data = tool_result_as_data(invocation.output, text)
                run.evidence.texts.extend([text, data])
                _reply(run, request, data)

    async def _search(
        self, run: _Run, request: ToolRequest, arguments: JsonObject
    ) -> AsyncIterator[EventBody]:
        text = visible_text(str(arguments.get("query") or run.turn.message))[:400]
        yield Status(text="Searching the briefings")
        started = time.perf_counter()
        query = await self._retriever.understand(text, run.turn.now)
        passages = await self._retriever.search(query)
        yield Retrieval(
            query=query.text,
            filters=_filters(query),
            passages=tuple(passage.as_ref() for passage in passages),
            elapsed_ms=round((time.perf_counter() - started) * 1000, 1),
        )
        run.evidence.passages.extend(passages)
        _reply(run, request, passages_as_data(passages))


def _take(run: _Run, piece: ModelPiece) -> Iterator[EventBody]:
    """Keep a piece of the model's answer; gives the events of the sentences it completes."""
    match piece:
        case TextPiece():
            yield from run.speaker.hear(piece.text)
        case ToolRequest():
            run.requests.append(piece)
        case Usage():
            run.prompt_tokens += piece.prompt_tokens
            run.completion_tokens += piece.completion_tokens


def _definitions(toolbox: Toolbox) -> tuple[ToolDefinition, ...]:
    search = ToolDefinition(name=SEARCH_TOOL, description=SEARCH_DESCRIPTION, schema=SEARCH_SCHEMA)
    return (
        search,
        *(
            ToolDefinition(name=tool.name, description=tool.description, schema=tool.schema)
            for tool in toolbox.tools()
        ),
    )


def _arguments(request: ToolRequest, most_characters: int) -> JsonObject | None:
    if len(request.arguments_json) > most_characters:
        return None
    try:
        arguments = json.loads(request.arguments_json)
    except (ValueError, RecursionError):
        return None
    return arguments if isinstance(arguments, dict) else None


def _is_planted(run: _Run, tool_name: str, arguments: JsonObject) -> bool:
    """Whether a write names an address that the visitor did not, after other texts were read.

    What stands in a briefing or in a tool's result must not steer a write, however well the
    confirmation explains it.
    """
    is_tainted = bool(run.evidence.passages) or run.evidence.has_tool_results
    is_write = any(tool.name == tool_name and tool.policy.writes for tool in run.toolbox.tools())
    if not (is_tainted and is_write):
        return False
    own = [run.turn.message, *(past.message for past in run.turn.history)]
    named = hosts_in(json.dumps(arguments, ensure_ascii=False))
    return not named <= hosts_in("\n".join(own))


def _call_id(request: ToolRequest) -> str | None:
    """The model's name for a call, as the log may keep it; None lets the toolbox number it."""
    return visible_text(request.call_id)[:CALL_ID_LENGTH] or None


def _rules(system: str) -> str:
    """What of the instructions is not for the visitor; the date and who speaks may be said."""
    return system.partition("Rules:")[2]


def _reply(run: _Run, request: ToolRequest, content: str) -> None:
    run.messages.append(ModelMessage(role="tool", content=content, call_id=request.call_id))


def _filters(query: object) -> JsonObject:
    fields = ("since", "until", "categories", "sentiment", "prefers_recent")
    values = {name: getattr(query, name) for name in fields}
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in values.items()
        if value
    }


def _closing(run: _Run) -> list[EventBody]:
    """What the server adds at the end: a fixed sentence where one is due, and the completion."""
    events: list[EventBody] = []
    outcome = run.ending or Outcome.ANSWERED
    if run.ending is Outcome.SIGN_IN_REQUIRED:
        events += run.speaker.say(SIGN_IN)
    elif run.ending is Outcome.CONFIRMATION_REQUIRED:
        events += run.speaker.say(CONFIRM)
    elif run.speaker.length == 0:
        outcome = Outcome.ABSTAINED
        events += run.speaker.say(NOT_IN_BRIEFINGS)
        nearest = {passage.path: passage.title for passage in run.evidence.passages}
        briefings = tuple((title, path) for path, title in list(nearest.items())[:3])
        events.append(Suggestions(questions=("Talk to a person",), briefings=briefings))
    usage: dict[str, object] = {
        "steps": run.steps,
        "prompt_tokens": run.prompt_tokens,
        "completion_tokens": run.completion_tokens,
    }
    if run.speaker.dropped:
        usage["unsupported_sentences"] = list(run.speaker.dropped)
    events.append(
        TurnCompleted(
            outcome=outcome,
            state=dict(run.turn.state),
            usage=usage,
            elapsed_ms=round((time.perf_counter() - run.started) * 1000, 1),
        )
    )
    return events
