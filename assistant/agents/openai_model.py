"""Owns the way to any OpenAI-compatible endpoint: chat completions, streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant.agents.model import (
    ModelMessage,
    ModelPiece,
    ModelUnavailable,
    TextPiece,
    ToolDefinition,
    ToolRequest,
    Usage,
)

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream
    from openai.types.chat import ChatCompletionChunk


@dataclass(frozen=True, kw_only=True)
class OpenAISettings:
    """Where the model is and how to ask it."""

    api_key: str
    base_url: str | None
    """None for OpenAI itself."""
    model: str
    timeout_s: float = 60.0
    max_retries: int = 2
    """Retries of a call before its first piece; the SDK waits between them, with jitter."""
    temperature: float | None = 0.0
    """None leaves it out, for models that refuse it."""
    extra_headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(kw_only=True)
class _PartialRequest:
    """A tool request while its pieces arrive."""

    call_id: str = ""
    name: str = ""
    arguments: str = ""


class OpenAIChatModel:
    """A `ChatModel` behind the OpenAI SDK."""

    def __init__(self, settings: OpenAISettings) -> None:
        from openai import AsyncOpenAI  # the SDK takes a second to import

        self._settings = settings
        self._client: AsyncOpenAI = AsyncOpenAI(
            api_key=settings.api_key,
            base_url=settings.base_url,
            timeout=settings.timeout_s,
            max_retries=settings.max_retries,
            default_headers=dict(settings.extra_headers),
        )

    @property
    def name(self) -> str:
        """The model's name."""
        return self._settings.model

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def stream(
        self,
        messages: Sequence[ModelMessage],
        tools: Sequence[ToolDefinition],
        *,
        max_tokens: int,
    ) -> AsyncIterator[ModelPiece]:
        """One streamed call.

        Raises:
            ModelUnavailable: connection, time-out, refusal or a broken stream.
        """
        import httpx2
        import openai

        try:
            chunks = await self._open(messages, tools, max_tokens)
            async with chunks:
                async for piece in _pieces(chunks):
                    yield piece
        except openai.APITimeoutError as error:
            raise ModelUnavailable("The model did not answer in time.") from error
        except openai.APIStatusError as error:
            raise ModelUnavailable(f"The model's server answered {error.status_code}.") from error
        except (openai.OpenAIError, httpx2.HTTPError) as error:
            raise ModelUnavailable("The model's server can't be reached.") from error

    async def _open(
        self, messages: Sequence[ModelMessage], tools: Sequence[ToolDefinition], max_tokens: int
    ) -> AsyncStream[ChatCompletionChunk]:
        options: dict[str, Any] = {}
        if tools:
            options["tools"] = [_tool(tool) for tool in tools]
        if self._settings.temperature is not None:
            options["temperature"] = self._settings.temperature
        # OpenAI's newer models refuse `max_tokens`; most compatible servers know nothing else.
        limit = "max_tokens" if self._settings.base_url else "max_completion_tokens"
        options[limit] = max_tokens
        # The SDK's overloads know only its own models and message classes.
        create: Any = self._client.chat.completions.create
        stream: AsyncStream[ChatCompletionChunk] = await create(
            model=self._settings.model,
            messages=[_message(message) for message in messages],
            stream=True,
            stream_options={"include_usage": True},
            **options,
        )
        return stream


async def _pieces(chunks: AsyncStream[ChatCompletionChunk]) -> AsyncIterator[ModelPiece]:
    """Text at once; tool requests when complete, since their arguments come in fragments."""
    requests: dict[int, _PartialRequest] = {}
    usage: Usage | None = None
    async for chunk in chunks:
        if chunk.usage is not None:
            usage = Usage(
                prompt_tokens=chunk.usage.prompt_tokens or 0,
                completion_tokens=chunk.usage.completion_tokens or 0,
            )
        for choice in chunk.choices[:1]:
            if choice.delta.content:
                yield TextPiece(text=choice.delta.content)
            for part in choice.delta.tool_calls or ():
                _add_fragment(requests.setdefault(part.index, _PartialRequest()), part)
    for index, request in sorted(requests.items()):
        yield ToolRequest(
            call_id=request.call_id or f"call_{index}",
            name=request.name,
            arguments_json=request.arguments or "{}",
        )
    if usage is not None:
        yield usage


def _add_fragment(request: _PartialRequest, part: Any) -> None:  # noqa: ANN401 - SDK delta
    request.call_id = request.call_id or part.id or ""
    if part.function is not None:
        request.name += part.function.name or ""
        request.arguments += part.function.arguments or ""


def _tool(tool: ToolDefinition) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": dict(tool.schema),
        },
    }


def _message(message: ModelMessage) -> dict[str, Any]:
    written: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_requests:
        written["tool_calls"] = [
            {
                "id": request.call_id,
                "type": "function",
                "function": {"name": request.name, "arguments": request.arguments_json},
            }
            for request in message.tool_requests
        ]
    if message.role == "tool":
        written["tool_call_id"] = message.call_id
    return written
