"""Owns the OpenAI-compatible endpoints: Heidi as a chat model for whoever holds an API key.

The messages of the request are the whole conversation; what is answered is kept for staff and never
read again (`kept_answers.py`). The caller is anonymous, so
account questions are answered with the request to sign in on the site, and system messages are not
read: a client does not rewrite Heidi's rules. Off while no key is set.
"""

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.core.caller import AnonymousVisitor, Caller
from assistant.core.errors import HeidiError, InvalidInput
from assistant.core.events import Citation, EventBody, Outcome, TextDelta, TurnCompleted
from assistant.core.messages import clean_message
from assistant.core.toolbox import Toolbox
from assistant.core.turns import Agent, PastTurn, Turn
from assistant.http.errors import kind_of
from assistant.http.kept_answers import KeptAnswers

MODEL = "heidi"
COMPLETIONS_PATH = "/v1/chat/completions"
MAX_MESSAGES = 200
SIGN_IN = "That needs a customer who is signed in. Please ask on the site, after signing in there."

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class OpenAIServices:
    """What the endpoints need."""

    agent: Agent
    make_toolbox: Callable[[Turn, Caller], Toolbox]
    """Tools for a caller without a conversation."""
    api_keys: Sequence[str]
    clock: Callable[[], datetime]
    site_url: str
    timeout_s: float
    answers: KeptAnswers
    """Keeps what was asked and answered."""


class Part(BaseModel):
    """A part of a message; only text is read."""

    model_config = ConfigDict(extra="ignore")

    type: str = Field(max_length=40)
    text: str = ""


class Message(BaseModel):
    """A message of the conversation."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    """What a stream shall hold besides text."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """Body of `POST /v1/chat/completions`; settings of sampling are accepted and not used."""

    model_config = ConfigDict(extra="ignore")

    model: str = Field(max_length=200)
    messages: list[Message] = Field(min_length=1, max_length=MAX_MESSAGES)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = 1

    @property
    def has_usage(self) -> bool:
        """Whether a stream ends with the usage."""
        return self.stream_options is not None and self.stream_options.include_usage


class OpenAIError(Exception):
    """An error as OpenAI's clients read it."""

    def __init__(self, status: int, message: str, *, code: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = error_body(status, message, code=code, param=param)


@dataclass(kw_only=True)
class _Answer:
    """What has been said so far."""

    site_url: str
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    text: str = ""
    annotations: list[dict[str, Any]] = field(default_factory=list)
    usage: dict[str, int] = field(default_factory=lambda: _usage({}))

    def take(self, event: EventBody) -> str:
        """Fold an event; gives the text that it adds."""
        match event:
            case TextDelta():
                self.text += event.text
                return event.text
            case Citation():
                self.annotations.append(_annotation(event, self.site_url))
            case TurnCompleted():
                self.usage = _usage(event.usage)
                if event.outcome is Outcome.SIGN_IN_REQUIRED and not self.text:
                    self.text = SIGN_IN
                    return SIGN_IN
        return ""


def openai_router(services: OpenAIServices) -> APIRouter:
    """`/v1/chat/completions` and `/v1/models`."""
    router = APIRouter(prefix="/v1", tags=["openai"])
    digests = [_digest(key) for key in services.api_keys]

    @router.get("/models", response_model=None)
    async def list_models(request: Request) -> Response:
        """The one model there is."""
        try:
            _check_key(request, digests)
        except OpenAIError as error:
            return _failure(error)
        model = {"id": MODEL, "object": "model", "created": 0, "owned_by": "site"}
        return JSONResponse({"object": "list", "data": [model]})

    @router.post(
        "/chat/completions",
        response_model=None,
        openapi_extra={"requestBody": _body_schema()},
    )
    async def complete(request: Request) -> Response:
        """Answer the last message; as server-sent events when `stream` is set."""
        try:
            key = _check_key(request, digests)
            wanted = _read(await request.body())
            turn = _turn(wanted, services.clock())
            caller = AnonymousVisitor(visitor_id=f"api_{key[:16]}")
            stored = await services.answers.begin(turn, caller, services.agent.name)
        except OpenAIError as error:
            return _failure(error)
        except HeidiError as error:
            return _failure(_of(error))
        logger.info(
            "openai.asked", turn=turn.id, caller=caller.visitor_id, agent=services.agent.name
        )
        answer = _Answer(site_url=services.site_url)
        events = services.answers.keep(stored, _events(services, turn, caller))
        if wanted.stream:
            stream = _stream(events, answer, turn, has_usage=wanted.has_usage)
            headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
            return StreamingResponse(stream, media_type="text/event-stream", headers=headers)
        return await _whole(events, answer, turn)

    return router


def error_body(status: int, message: str, *, code: str, param: str | None = None) -> dict[str, Any]:
    """An error's JSON."""
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def rate_limited(path: str, detail: str) -> JSONResponse | None:
    """The refusal of one request too many, for the paths of this module."""
    if path != COMPLETIONS_PATH:
        return None
    return JSONResponse(error_body(429, detail, code="rate_limit_exceeded"), status_code=429)


async def _events(
    services: OpenAIServices, turn: Turn, caller: Caller
) -> AsyncGenerator[EventBody, None]:
    """The agent's events, within the time that a turn may take.

    Raises:
        OpenAIError: the agent failed or took too long.
    """
    toolbox = services.make_toolbox(turn, caller)
    try:
        async with asyncio.timeout(services.timeout_s):
            answering = cast(
                "AsyncGenerator[EventBody, None]", services.agent.answer(turn, caller, toolbox)
            )
            async with aclosing(answering) as events:
                async for event in events:
                    yield event
    except TimeoutError as error:
        raise OpenAIError(504, "The answer took too long. Try again.", code="time-out") from error
    except HeidiError as error:
        raise _of(error) from error
    except Exception as error:  # the outermost edge of an answer
        logger.exception("openai.answer_failed")
        raise OpenAIError(500, "Something went wrong on our side.", code="internal") from error


async def _whole(
    events: AsyncGenerator[EventBody, None], answer: _Answer, turn: Turn
) -> JSONResponse:
    try:
        async with aclosing(events):
            async for event in events:
                answer.take(event)
    except OpenAIError as error:
        return _failure(error)
    message = {
        "role": "assistant",
        "content": answer.text,
        "refusal": None,
        "annotations": answer.annotations,
    }
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    head = _head(answer, turn, "chat.completion")
    return JSONResponse({**head, "choices": [choice], "usage": answer.usage})


async def _stream(
    events: AsyncGenerator[EventBody, None], answer: _Answer, turn: Turn, *, has_usage: bool
) -> AsyncIterator[str]:
    head = _head(answer, turn, "chat.completion.chunk")
    yield _sse({**head, "choices": [_delta({"role": "assistant", "content": ""})]})
    try:
        async with aclosing(events):
            async for event in events:
                if text := answer.take(event):
                    yield _sse({**head, "choices": [_delta({"content": text})]})
    except OpenAIError as error:
        yield _sse(error.body)
        return
    last = {"annotations": answer.annotations} if answer.annotations else {}
    yield _sse({**head, "choices": [_delta(last, finish_reason="stop")]})
    if has_usage:
        yield _sse({**head, "choices": [], "usage": answer.usage})
    yield "data: [DONE]\n\n"


def _head(answer: _Answer, turn: Turn, kind: str) -> dict[str, Any]:
    created = int(turn.now.timestamp())
    return {"id": answer.id, "object": kind, "created": created, "model": MODEL}


def _delta(delta: dict[str, Any], *, finish_reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}


def _sse(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data, ensure_ascii=False)}\n\n"


def _annotation(citation: Citation, site_url: str) -> dict[str, Any]:
    place = {
        "start_index": citation.start,
        "end_index": citation.end,
        "title": citation.title,
        "url": f"{site_url}{citation.path}",
    }
    return {"type": "url_citation", "url_citation": place}


def _usage(usage: Any) -> dict[str, int]:  # noqa: ANN401 - what the agent counted, if it did
    prompt, completion = (
        int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")
    )
    total = prompt + completion
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total}


def _turn(wanted: ChatRequest, now: datetime) -> Turn:
    """The last message as a turn, the ones before it as its history.

    Raises:
        OpenAIError, InvalidInput, LimitExceeded: there is nothing to answer.
    """
    if wanted.model != MODEL:
        raise OpenAIError(
            404, f"There is no such model; use {MODEL}.", code="model_not_found", param="model"
        )
    spoken = [message for message in wanted.messages if message.role in {"user", "assistant"}]
    if not spoken or spoken[-1].role != "user":
        raise InvalidInput("The last message must be the user's.", field="messages")
    return Turn(
        id=f"turn_{secrets.token_hex(12)}",
        conversation_id=f"api_{secrets.token_hex(12)}",
        message=clean_message(spoken[-1].text),
        history=_history(spoken[:-1]),
        state={},
        now=now,
        timezone=ZoneInfo("UTC"),
    )


def _history(messages: Sequence[Message]) -> tuple[PastTurn, ...]:
    """Each user's message with the answer that follows it."""
    turns: list[PastTurn] = []
    question = ""
    for message in messages:
        if message.role == "user":
            question = clean_message(message.text)
        elif question:
            turns.append(PastTurn(message=question, answer=message.text))
            question = ""
    return tuple(turns)


def _read(body: bytes) -> ChatRequest:
    try:
        return ChatRequest.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or None
        message = f"{place}: {first['msg']}" if place else first["msg"]
        raise OpenAIError(400, message, code="invalid_request", param=place) from error


def _check_key(request: Request, digests: Sequence[str]) -> str:
    """The digest of the caller's key.

    Raises:
        OpenAIError: the endpoints are off, or the key is none of ours.
    """
    if not digests:
        raise OpenAIError(404, "This site offers no API. Set HEIDI_API_KEYS.", code="not_found")
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    given = _digest(key.strip())
    # Every key is compared, so that the time tells nothing.
    matches = [hmac.compare_digest(given, known) for known in digests]
    if scheme.lower() != "bearer" or not any(matches):
        raise OpenAIError(401, "The API key is not valid.", code="invalid_api_key")
    return given


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _of(error: HeidiError) -> OpenAIError:
    kind = kind_of(error)
    status = 400 if isinstance(error, InvalidInput) else kind.status
    param = error.field if isinstance(error, InvalidInput) else None
    message = f"{error.detail} {error.remedy}".strip()
    return OpenAIError(status, message, code=kind.code, param=param)


def _failure(error: OpenAIError) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
    return JSONResponse(error.body, status_code=error.status, headers=headers)


def _body_schema() -> dict[str, Any]:
    schema = ChatRequest.model_json_schema(ref_template="#/components/schemas/{model}")
    named = schema.pop("$defs", {})
    text = json.dumps(schema)
    for name, inner in named.items():
        text = text.replace(f'{{"$ref": "#/components/schemas/{name}"}}', json.dumps(inner))
    for name, inner in named.items():
        text = text.replace(f'{{"$ref": "#/components/schemas/{name}"}}', json.dumps(inner))
    return {"required": True, "content": {"application/json": {"schema": json.loads(text)}}}
