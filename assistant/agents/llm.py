"""Owns the LLM agent: a function-calling loop on any chat model, with the same guarantees as ever.

The model chooses tools and writes sentences. What it may read, write and say is decided by the
toolbox and by the speaker; nothing here trusts it. Does not own how tools are served
(`llm_tools.py`) or how the provider is asked (`resilient_model.py`, `openai_model.py`).
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import cast

import structlog

from assistant.agents.classifying import Classifier, Request
from assistant.agents.desk import Desk
from assistant.agents.handing_over import hand_over
from assistant.agents.llm_routing import (
    as_detail,
    hint_of,
    news_in,
    tools_for,
)
from assistant.agents.llm_run import LlmLimits, Run
from assistant.agents.llm_tools import ToolServer, definitions_of
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
from assistant.agents.query_writer import QueryWriter
from assistant.agents.speaking import Evidence, Speaker
from assistant.core.caller import Caller
from assistant.core.events import (
    EventBody,
    Outcome,
    Status,
    Suggestions,
    TextDelta,
    TurnCompleted,
)
from assistant.core.passages import Retriever
from assistant.core.prompts import PROMPT_VERSION, history, instructions, version_of
from assistant.core.replies import Reply, deltas, merge_state
from assistant.core.toolbox import Toolbox
from assistant.core.turns import Agent, Turn

logger = structlog.get_logger(__name__)

NOT_IN_BRIEFINGS = "That isn't in our briefings."
SIGN_IN = "Please sign in so I can look into your account. I'll answer as soon as you have."
NOTHING_IN_TIME = "The model has said nothing in time that may be said."
CONFIRM = "Please check the details and confirm."


class LlmAgent:
    """Answers with a chat model; falls back to another agent while nothing has been said.

    Args:
        model: the chat model.
        retriever: finds passages of briefings.
        fallback: answers when the model is unavailable; None lets the turn fail.
        limits: budgets of a turn.
        classifier: says what a message may ask for; None: the model is given no hint.
        rewriting: the model that makes follow-ups stand alone; None: the one that answers.
    """

    def __init__(
        self,
        model: ChatModel,
        retriever: Retriever,
        *,
        fallback: Agent | None = None,
        limits: LlmLimits | None = None,
        classifier: Classifier | None = None,
        rewriting: ChatModel | None = None,
    ) -> None:
        self._model = model
        self._fallback = fallback
        self._limits = limits or LlmLimits()
        self._classifier = classifier
        self._server = ToolServer(retriever, self._limits)
        self._writer = QueryWriter(rewriting or model)

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
        reply = await hand_over(Desk(turn=turn, toolbox=toolbox))
        if reply is not None:
            for event in _told(reply, turn):
                yield event
            return
        requests = (
            await self._classifier.classify_requests(turn.message) if self._classifier else ()
        )
        definitions = definitions_of(tools_for(turn, requests, toolbox.tools()))
        run = self._run(turn, caller, toolbox, hint_of(requests), definitions)
        yield Status(text="Thinking", detail={**run.versions, "requests": as_detail(requests)})
        has_spoken = False
        try:
            async for event in self._loop(run, requests, definitions):
                has_spoken = has_spoken or isinstance(event, TextDelta)
                yield event
        except ModelUnavailable as error:
            if has_spoken or self._fallback is None:
                raise
            async for event in self._fall_back(self._fallback, error, run, caller):
                yield event

    async def _fall_back(
        self, fallback: Agent, error: ModelUnavailable, run: Run, caller: Caller
    ) -> AsyncIterator[EventBody]:
        """Let another agent answer; what the model has used until then is counted all the same."""
        logger.warning("llm.fallback", model=self._model.name, reason=error.detail)
        detail = {"fallback": fallback.name, "reason": error.detail}
        yield Status(text="Searching the briefings", detail=detail)
        async for event in fallback.answer(run.turn, caller, run.toolbox):
            if isinstance(event, TurnCompleted):
                usage = {**run.usage, **event.usage, "fallback": fallback.name}
                event = replace(event, usage=usage)
            yield event

    def _run(
        self,
        turn: Turn,
        caller: Caller,
        toolbox: Toolbox,
        hint: str,
        definitions: Sequence[ToolDefinition],
    ) -> Run:
        system = instructions(turn, caller, hint)
        local = turn.now.astimezone(turn.timezone)
        evidence = Evidence(
            texts=[turn.message, f"Heidi JMAC Web {local:%A} {local.day} {local:%B %Y %H:%M}"]
        )
        messages = [ModelMessage(role="system", content=system)]
        for message, answer in history(turn):
            messages.append(ModelMessage(role="user", content=message))
            messages.append(ModelMessage(role="assistant", content=answer))
        messages.append(ModelMessage(role="user", content=turn.message))
        return Run(
            turn=turn,
            toolbox=toolbox,
            evidence=evidence,
            speaker=Speaker(evidence, private=[_rules(system)]),
            messages=messages,
            offered=frozenset(definition.name for definition in definitions),
            versions={
                "model": self._model.name,
                "prompt": PROMPT_VERSION,
                "tools": _version(definitions),
            },
        )

    async def _loop(
        self, run: Run, requests: Sequence[Request], definitions: Sequence[ToolDefinition]
    ) -> AsyncIterator[EventBody]:
        async for event in self._look_first(run, requests):
            yield event
        for step in range(self._limits.steps):
            is_last = step == self._limits.steps - 1 or self._is_spent(run)
            async for event in self._step(run, () if is_last else definitions):
                yield event
            if not run.requests or run.ending or is_last:
                break
        for event in run.speaker.finish():
            yield event
        for event in _closing(run):
            yield event

    async def _look_first(self, run: Run, requests: Sequence[Request]) -> AsyncIterator[EventBody]:
        """Search the briefings at once for what is news: it spares a call of the model."""
        words = news_in(run.turn, requests)
        if words is None:
            return
        query = await self._writer.write(replace(run.turn, message=words), run.spent)
        run.question = query.text
        yield Status(text="Thinking", detail={"question": query.text, "worded_by": query.by})
        async for event in self._server.search_first(run, query.text):
            yield event

    def _is_spent(self, run: Run) -> bool:
        limits = self._limits
        has_tokens = run.spent.tokens <= limits.tokens_per_turn
        return not has_tokens or run.served >= limits.requests_per_turn

    async def _step(
        self, run: Run, definitions: Sequence[ToolDefinition]
    ) -> AsyncIterator[EventBody]:
        """One call of the model, and the tools it asks for."""
        run.steps += 1
        run.requests = []
        text, is_counted = "", False
        pieces = self._model.stream(
            run.messages, definitions, max_tokens=self._limits.tokens_per_step
        )
        async with aclosing(cast("AsyncGenerator[ModelPiece, None]", pieces)) as stream:
            async for piece in stream:
                cut = self._cut(piece, len(text))
                text += cut.text if isinstance(cut, TextPiece) else ""
                is_counted = is_counted or isinstance(cut, Usage)
                for event in _take(run, cut):
                    yield event
                self._check_time(run)
                if self._is_too_much(text, run):
                    logger.warning("llm.cut", model=self._model.name, steps=run.steps)
                    break
        if not is_counted:
            _estimate(run, text)
        left = self._limits.requests_per_turn - run.served
        most = min(self._limits.requests_per_step, left) if definitions else 0
        run.requests = run.requests[:most]
        run.served += len(run.requests)
        run.messages.append(
            ModelMessage(role="assistant", content=text, tool_requests=tuple(run.requests))
        )
        async for event in self._server.serve(run, run.requests):
            yield event

    def _check_time(self, run: Run) -> None:
        """Give up a model that talks on without a sentence that may be said."""
        is_late = run.elapsed_ms > self._limits.unspoken_s * 1000
        if self._fallback is not None and is_late and run.speaker.length == 0:
            raise ModelUnavailable(NOTHING_IN_TIME)

    def _cut(self, piece: ModelPiece, so_far: int) -> ModelPiece:
        if isinstance(piece, TextPiece):
            return TextPiece(text=piece.text[: self._limits.characters_per_step - so_far])
        return piece

    def _is_too_much(self, text: str, run: Run) -> bool:
        """Whether a provider goes on for longer than it was asked to."""
        most_requests = 4 * self._limits.requests_per_step
        return len(text) >= self._limits.characters_per_step or len(run.requests) >= most_requests


def _take(run: Run, piece: ModelPiece) -> Iterator[EventBody]:
    """Keep a piece of the model's answer; gives the events of the sentences it completes."""
    match piece:
        case TextPiece():
            yield from run.speaker.hear(piece.text)
        case ToolRequest():
            run.requests.append(piece)
        case Usage():
            run.spent.add(piece)


def _estimate(run: Run, text: str) -> None:
    asked = sum(len(request.arguments_json) for request in run.requests)
    read = sum(len(message.content) for message in run.messages)
    run.spent.estimate(read, len(text) + asked)


def _version(definitions: Sequence[ToolDefinition]) -> str:
    """Of names, descriptions and schemas as the model reads them."""
    told = [[each.name, each.description, dict(each.schema)] for each in definitions]
    return version_of(json.dumps(told, sort_keys=True))


def _rules(system: str) -> str:
    """What of the instructions is not for the visitor; the date and who speaks may be said."""
    return system.partition("Rules:")[2]


def _told(reply: Reply, turn: Turn) -> list[EventBody]:
    """A fixed reply as a whole turn."""
    events: list[EventBody] = [*reply.events, *deltas(reply.text)]
    if reply.questions:
        events.append(Suggestions(questions=reply.questions))
    state = merge_state(turn.state, reply.changes)
    events.append(TurnCompleted(outcome=reply.outcome, state=state, usage={}, elapsed_ms=0.0))
    return events


def _outcome(run: Run) -> Outcome:
    """Of a turn that the model ended by itself."""
    has_found = run.speaker.spoken_factual or run.evidence.has_tool_results
    if has_found or not run.evidence.has_searched:
        return Outcome.ANSWERED
    return Outcome.ASKED if run.speaker.last.endswith("?") else Outcome.ABSTAINED


def _closing(run: Run) -> list[EventBody]:
    """What the server adds at the end: a fixed sentence where one is due, and the completion."""
    events: list[EventBody] = []
    outcome = run.ending or _outcome(run)
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
    state = merge_state(run.turn.state, run.changes)
    events.append(
        TurnCompleted(outcome=outcome, state=state, usage=run.usage, elapsed_ms=run.elapsed_ms)
    )
    return events
