"""Owns the contract of a chat model: messages and tools in, a stream of pieces out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

from assistant.core.errors import AgentFailed
from assistant.core.events import JsonObject


@dataclass(frozen=True, kw_only=True)
class ToolRequest:
    """The model asks for a tool. Nothing in it is trusted: the name may not exist."""

    call_id: str
    name: str
    arguments_json: str
    """As the model wrote it; may be broken JSON."""


@dataclass(frozen=True, kw_only=True)
class ModelMessage:
    """One message of the conversation with the model."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_requests: tuple[ToolRequest, ...] = ()
    """For an assistant's message that asked for tools."""
    call_id: str = ""
    """For a tool's message: which request it answers."""


@dataclass(frozen=True, kw_only=True)
class ToolDefinition:
    """A tool as the model is told of it."""

    name: str
    description: str
    schema: JsonObject


@dataclass(frozen=True, kw_only=True)
class AnswerSchema:
    """The form that a whole answer shall have: one JSON object.

    A wish: not every server enforces it, so whoever reads the answer checks it.
    """

    name: str
    schema: JsonObject
    """JSON Schema in the subset that providers enforce: all properties required, no others."""


@dataclass(frozen=True, kw_only=True)
class TextPiece:
    """A piece of the model's text."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Tokens that one call took."""

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    """Of the prompt's tokens: those that the provider had read before."""
    cost_usd: Decimal | None = None
    """None where no prices are known."""


ModelPiece = TextPiece | ToolRequest | Usage


class ModelUnavailable(AgentFailed):
    """The provider can't be reached, refuses, or does not answer in time.

    Args:
        detail: what happened, without any secret.
        is_transient: whether it may go better in a moment.
        retry_after_s: how long the provider asks to be left alone.
    """

    def __init__(
        self, detail: str, *, is_transient: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(detail)
        self.is_transient = is_transient
        self.retry_after_s = retry_after_s


class ChatModel(Protocol):
    """A chat model that streams and can ask for tools."""

    @property
    def name(self) -> str:
        """The model's name, for the trace."""
        ...

    def stream(
        self,
        messages: Sequence[ModelMessage],
        tools: Sequence[ToolDefinition],
        *,
        max_tokens: int,
        answer: AnswerSchema | None = None,
    ) -> AsyncIterator[ModelPiece]:
        """One call: text as it comes, then the tools asked for, then the usage if it is known.

        Args:
            messages: the conversation with the model.
            tools: what it may ask for.
            max_tokens: of the answer.
            answer: the form of an answer that is no text for a visitor.

        Raises:
            ModelUnavailable: the provider failed; what was streamed before stays streamed.
        """
        ...
