"""Owns follow-ups for the LLM agent: a model turns a message into a question that stands alone.

The model is asked for one JSON object. Whatever else comes, or nothing in time, leaves it to the
rules (`core/rewriting.py`).
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from typing import Literal

import structlog

from assistant.agents.llm_run import Spent
from assistant.agents.model import (
    AnswerSchema,
    ChatModel,
    ModelMessage,
    ModelUnavailable,
    TextPiece,
    Usage,
)
from assistant.core.plain_speech import visible_text
from assistant.core.prompts import QUERY_SCHEMA, conversation_as_data, rewriting_instructions
from assistant.core.rewriting import rewrite
from assistant.core.turns import Turn

logger = structlog.get_logger(__name__)

QUERY_LENGTH = 400
MOST_TOKENS = 160
MOST_CHARACTERS = 4_000
"""Of an answer; a model that goes on is not listened to."""
TIMEOUT_S = 8.0
ANSWER = AnswerSchema(name="query", schema=QUERY_SCHEMA)


@dataclass(frozen=True, kw_only=True)
class WrittenQuery:
    """A question that stands alone."""

    text: str
    by: Literal["model", "rules", "visitor"]
    """Who worded it."""


class QueryWriter:
    """Words what a visitor means.

    Args:
        model: writes; a small one will do.
        timeout_s: longest wait for it.
    """

    def __init__(self, model: ChatModel, *, timeout_s: float = TIMEOUT_S) -> None:
        self._model = model
        self._timeout_s = timeout_s

    async def write(self, turn: Turn, spent: Spent) -> WrittenQuery:
        """The turn's message as a question that stands alone; counts what the model took."""
        if not turn.history:
            return WrittenQuery(text=turn.message, by="visitor")
        if len(turn.message) <= QUERY_LENGTH:
            query = await self._ask(turn, spent)
            if query is not None:
                return WrittenQuery(text=query, by="model")
        text = rewrite(turn.message, turn.history).text
        return WrittenQuery(text=text, by="visitor" if text == turn.message else "rules")

    async def _ask(self, turn: Turn, spent: Spent) -> str | None:
        messages = [
            ModelMessage(role="system", content=rewriting_instructions(turn)),
            ModelMessage(role="user", content=conversation_as_data(turn)),
        ]
        try:
            async with asyncio.timeout(self._timeout_s):
                return read_query(await self._answer(messages, spent))
        except (ModelUnavailable, TimeoutError) as error:
            logger.warning("llm.query_not_written", model=self._model.name, reason=str(error))
            return None

    async def _answer(self, messages: list[ModelMessage], spent: Spent) -> str:
        text, usage = "", None
        async for piece in self._model.stream(messages, (), max_tokens=MOST_TOKENS, answer=ANSWER):
            if isinstance(piece, TextPiece) and len(text) < MOST_CHARACTERS:
                text += piece.text
            elif isinstance(piece, Usage):
                usage = piece
        if usage is None:
            spent.estimate(sum(len(message.content) for message in messages), len(text))
        else:
            spent.add(usage)
        return text


def read_query(answer: str) -> str | None:
    """The query in what a model wrote, also with words around it or broken off; None if none."""
    decoder = json.JSONDecoder()
    for match in re.finditer(r"\{", answer):
        try:
            found, _ = decoder.raw_decode(answer, match.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and isinstance(found.get("query"), str):
            return _checked(found["query"])
    cut = re.search(r'"query"\s*:\s*"((?:[^"\\]|\\.)+)"', answer)
    if cut is None:
        return None
    try:
        return _checked(str(json.loads(f'"{cut.group(1)}"')))
    except ValueError:
        return None


def _checked(query: str) -> str | None:
    plain = " ".join(visible_text(query).split())
    return plain if 0 < len(plain) <= QUERY_LENGTH else None
