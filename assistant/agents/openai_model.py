"""Owns the way to any OpenAI-compatible endpoint: chat completions, streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assistant.agents.model import (
    AnswerSchema,
    ModelMessage,
    ModelPiece,
    ModelUnavailable,
    TextPiece,
    ToolDefinition,
    ToolRequest,
    Usage,
)
from assistant.core.prices import Prices, cost_of

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI, AsyncStream
    from openai.types import CompletionUsage
    from openai.types.chat import ChatCompletionChunk


@dataclass(frozen=True, kw_only=True)
class Azure:
    """Where a model is on Azure, which wants its own addresses and header for the key."""

    endpoint: str
    api_version: str


@dataclass(frozen=True, kw_only=True)
class OpenAISettings:
    """Where the model is and how to ask it."""

    api_key: str = field(default="", repr=False)
    """Local servers want none."""
    base_url: str | None = None
    """None for OpenAI itself, or for Azure."""
    azure: Azure | None = None
    model: str
    """The model's name; on Azure the deployment's."""
    timeout_s: float = 30.0
    """Longest silence of the server."""
    temperature: float | None = 0.0
    """None leaves it out, for models that refuse it."""
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    prices: Prices | None = None

    @property
    def knows_new_limit(self) -> bool:
        """Whether the answer's length is limited by OpenAI's newer name for it.

        OpenAI's newer models refuse `max_tokens`; most compatible servers know nothing else.
        """
        return self.base_url is None or urlsplit(self.base_url).hostname == "api.openai.com"


@dataclass(kw_only=True)
class _PartialRequest:
    """A tool request while its pieces arrive."""

    call_id: str = ""
    name: str = ""
    arguments: str = ""


class OpenAIChatModel:
    """A `ChatModel` behind the OpenAI SDK."""

    def __init__(self, settings: OpenAISettings) -> None:
        self._settings = settings
        self._client = _client(settings)
        self._takes_schemas = True

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
        answer: AnswerSchema | None = None,
    ) -> AsyncIterator[ModelPiece]:
        """One streamed call.

        Raises:
            ModelUnavailable: connection, time-out, refusal or a broken stream.
        """
        import httpx2
        import openai

        try:
            chunks = await self._open(self._options(messages, tools, max_tokens), answer)
            async with chunks:
                async for piece in _pieces(chunks, self._settings.prices):
                    yield piece
        except openai.APITimeoutError as error:
            raise ModelUnavailable(
                "The model did not answer in time.", is_transient=True
            ) from error
        except openai.APIStatusError as error:
            raise _refusal(error) from error
        except (openai.OpenAIError, httpx2.HTTPError) as error:
            raise ModelUnavailable(
                "The model's server can't be reached.", is_transient=True
            ) from error

    def _options(
        self, messages: Sequence[ModelMessage], tools: Sequence[ToolDefinition], max_tokens: int
    ) -> dict[str, Any]:
        limit = "max_completion_tokens" if self._settings.knows_new_limit else "max_tokens"
        options: dict[str, Any] = {
            "model": self._settings.model,
            "messages": [_message(message) for message in messages],
            "stream": True,
            "stream_options": {"include_usage": True},
            limit: max_tokens,
        }
        if tools:
            options["tools"] = [_tool(tool) for tool in tools]
        if self._settings.temperature is not None:
            options["temperature"] = self._settings.temperature
        return options

    async def _open(
        self, options: dict[str, Any], answer: AnswerSchema | None
    ) -> AsyncStream[ChatCompletionChunk]:
        """Begin the call; a server that knows no schemas is asked without one from then on."""
        import openai

        if answer is None or not self._takes_schemas:
            return await self._create(options)
        try:
            return await self._create({**options, "response_format": _format(answer)})
        except (openai.BadRequestError, openai.UnprocessableEntityError):
            chunks = await self._create(options)
            self._takes_schemas = False
            return chunks

    async def _create(self, options: dict[str, Any]) -> AsyncStream[ChatCompletionChunk]:
        # The SDK's overloads know only its own models and message classes.
        create: Any = self._client.chat.completions.create
        stream: AsyncStream[ChatCompletionChunk] = await create(**options)
        return stream


def _client(settings: OpenAISettings) -> AsyncOpenAI:
    from openai import AsyncAzureOpenAI, AsyncOpenAI  # the SDK takes a second to import

    common: dict[str, Any] = {
        # The SDK wants some key, and so do a few servers that do not look at it.
        "api_key": settings.api_key or "none",
        "timeout": settings.timeout_s,
        "max_retries": 0,  # ResilientModel asks again
        "default_headers": dict(settings.extra_headers),
    }
    if settings.azure is None:
        return AsyncOpenAI(base_url=settings.base_url, **common)
    return AsyncAzureOpenAI(
        azure_endpoint=settings.azure.endpoint, api_version=settings.azure.api_version, **common
    )


def _refusal(error: APIStatusError) -> ModelUnavailable:
    status = error.status_code
    return ModelUnavailable(
        f"The model's server answered {status}.",
        is_transient=status >= 500 or status in (408, 409, 429),
        retry_after_s=_retry_after_s(error.response.headers),
    )


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to be left alone for (RFC 9110, section 10.2.3)."""
    milliseconds, written = headers.get("retry-after-ms", ""), headers.get("retry-after", "")
    with suppress(ValueError):
        return max(float(milliseconds) / 1000, 0.0)
    with suppress(ValueError):
        return max(float(written), 0.0)
    with suppress(ValueError, TypeError):
        # Both dates are by the server's clock, which may be wrong.
        wait = parsedate_to_datetime(written) - parsedate_to_datetime(headers.get("date", ""))
        return max(wait.total_seconds(), 0.0)
    return None


def _format(answer: AnswerSchema) -> dict[str, Any]:
    named = {"name": answer.name, "strict": True, "schema": dict(answer.schema)}
    return {"type": "json_schema", "json_schema": named}


async def _pieces(
    chunks: AsyncStream[ChatCompletionChunk], prices: Prices | None
) -> AsyncIterator[ModelPiece]:
    """Text at once; tool requests when complete, since their arguments come in fragments."""
    requests: dict[int, _PartialRequest] = {}
    usage: Usage | None = None
    async for chunk in chunks:
        if chunk.usage is not None:
            usage = _usage(chunk.usage, prices)
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


def _usage(told: CompletionUsage, prices: Prices | None) -> Usage:
    details = told.prompt_tokens_details
    counts = {
        "prompt_tokens": told.prompt_tokens or 0,
        "completion_tokens": told.completion_tokens or 0,
        "cached_tokens": (details.cached_tokens if details else 0) or 0,
    }
    return Usage(cost_usd=cost_of(prices, **counts) if prices else None, **counts)


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
