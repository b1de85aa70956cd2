"""A scripted chat model: plays its calls in order, records them, fails when asked more."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence

from assistant.agents.model import (
    AnswerSchema,
    ModelMessage,
    ModelPiece,
    TextPiece,
    ToolDefinition,
    ToolRequest,
    Usage,
)


def text(*pieces: str) -> list[ModelPiece]:
    """A call that only speaks."""
    return [
        *(TextPiece(text=piece) for piece in pieces),
        Usage(prompt_tokens=10, completion_tokens=5),
    ]


def request(name: str, call_id: str = "call_1", **arguments: object) -> ToolRequest:
    """A tool request."""
    return ToolRequest(call_id=call_id, name=name, arguments_json=json.dumps(arguments))


class ScriptedModel:
    """Plays one list of pieces per call; an exception in a list is raised there."""

    name = "scripted"

    def __init__(self, *calls: Sequence[ModelPiece | Exception]) -> None:
        self._calls = list(calls)
        self.sent: list[tuple[list[ModelMessage], list[str]]] = []
        self.answers: list[AnswerSchema | None] = []

    @property
    def unused(self) -> int:
        """Calls that were never made."""
        return len(self._calls)

    async def stream(
        self,
        messages: Sequence[ModelMessage],
        tools: Sequence[ToolDefinition],
        *,
        max_tokens: int,
        answer: AnswerSchema | None = None,
    ) -> AsyncIterator[ModelPiece]:
        """Play the next call."""
        self.sent.append((list(messages), [tool.name for tool in tools]))
        self.answers.append(answer)
        assert self._calls, "the model was called more often than the script says"
        for piece in self._calls.pop(0):
            if isinstance(piece, Exception):
                raise piece
            yield piece
