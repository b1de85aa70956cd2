"""Streams over a real server on loopback: replay, live, heartbeats, pauses, disconnects."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn

from assistant.core.events import TextDelta
from assistant.streaming import sse, tail
from tests.fakes_agent import completed
from tests.http.conftest import Api, open_api
from tests.sse import parse_sse

SSE = {"Accept": "text/event-stream"}


@dataclass(kw_only=True)
class Live:
    """A running server and what is behind it."""

    api: Api
    client: httpx.AsyncClient
    server: uvicorn.Server
    serving: asyncio.Task[None]

    async def start(self) -> tuple[str, dict[str, str]]:
        """A new conversation: its path and the headers that own it."""
        conversation_id, headers = await self.api.start()
        return f"/v1/conversations/{conversation_id}", headers

    async def ask(
        self, path: str, headers: dict[str, str], client_turn_id: str = "client-1"
    ) -> str:
        """Start a turn; gives its id."""
        body = {"message": "Hello?", "client_turn_id": client_turn_id}
        return (await self.client.post(f"{path}/turns", json=body, headers=headers)).json()[
            "turn_id"
        ]

    @asynccontextmanager
    async def stream(
        self, path: str, headers: dict[str, str], after: int = 0
    ) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The events of a conversation as they come."""
        async with self.client.stream(
            "GET", f"{path}/events", headers={**headers, "Last-Event-ID": str(after)}
        ) as response:
            assert response.status_code == 200
            yield events_of(response)


async def events_of(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    async for line in response.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


async def take(events: AsyncIterator[dict[str, Any]], *, until: str) -> list[dict[str, Any]]:
    """Events up to the first of a type."""
    seen = []
    async with asyncio.timeout(10):
        async for event in events:
            seen.append(event)
            if event["type"] == until:
                break
    return seen


@asynccontextmanager
async def serve(api: Api) -> AsyncIterator[Live]:
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(api.app, log_level="critical", lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=url, timeout=10) as client:
        while not server.started:
            await asyncio.sleep(0.01)
        yield Live(api=api, client=client, server=server, serving=serving)
    server.should_exit = True
    await serving
    listening.close()


@pytest.fixture
async def live(api: Api) -> AsyncIterator[Live]:
    async with serve(api) as running:
        yield running


async def test_a_stream_is_lines_of_id_event_and_data_that_nobody_keeps_or_holds_up(live: Live):
    path, headers = await live.start()
    body = {"message": "Grüezi 👋", "client_turn_id": "client-1"}

    response = await live.client.post(f"{path}/turns", json=body, headers={**headers, **SSE})

    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-accel-buffering"] == "no"
    assert response.headers["x-content-type-options"] == "nosniff"
    first, *_ = response.text.split("\n\n")
    id_line, event_line, data_line = first.split("\n")
    assert (id_line, event_line) == ("id: 1", "event: turn.started")
    assert json.loads(data_line.removeprefix("data: "))["message"] == "Grüezi 👋"
    assert "👋" in data_line
    assert [event["event"] for event in parse_sse(response.text)] == [
        "turn.started",
        "text.delta",
        "turn.completed",
    ]


async def test_silence_is_filled_with_comments(live: Live, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sse, "HEARTBEAT_S", 0.02)
    path, headers = await live.start()

    heard = ""
    async with (
        asyncio.timeout(10),
        live.client.stream("GET", f"{path}/events", headers=headers) as response,
    ):
        async for text in response.aiter_text():
            heard += text
            if len(heard) >= 3 * len(": ping\n\n"):
                break

    assert heard.startswith(": ping\n\n: ping\n\n: ping\n\n")


async def test_replay_goes_over_into_live_without_gap_or_repetition_while_a_turn_runs(live: Live):
    gates = [asyncio.Event() for _ in range(4)]
    script: list[object] = []
    for number, gate in enumerate(gates):
        script += [*(TextDelta(text=f"{number}.{n} ") for n in range(25)), gate]
    live.api.agent.script = [*script, completed()]
    path, headers = await live.start()
    await live.ask(path, headers)

    seen: list[int] = []
    for gate in gates:
        async with live.stream(path, headers, after=seen[-1] if seen else 0) as events:
            reading = asyncio.create_task(read_some(events, 30))
            gate.set()
            seen += await reading

    assert seen == list(range(1, 103))


async def read_some(events: AsyncIterator[dict[str, Any]], count: int) -> list[int]:
    seen: list[int] = []
    async with asyncio.timeout(10):
        async for event in events:
            seen.append(event["seq"])
            if len(seen) == count or event["type"] == "turn.completed":
                break
    return seen


async def test_two_tabs_and_the_one_that_asked_see_the_same(live: Live):
    gate = asyncio.Event()
    live.api.agent.script = [TextDelta(text="One. "), gate, TextDelta(text="Two."), completed()]
    path, headers = await live.start()
    async with live.stream(path, headers) as first, live.stream(path, headers) as second:
        body = {"message": "Hello?", "client_turn_id": "client-1"}
        asking = asyncio.create_task(
            live.client.post(f"{path}/turns", json=body, headers={**headers, **SSE})
        )
        reading = [
            asyncio.create_task(take(tab, until="turn.completed")) for tab in (first, second)
        ]
        gate.set()
        one, two = await asyncio.gather(*reading)

    asked = [event["data"] for event in parse_sse((await asking).text)]
    assert one == two == asked
    assert [event["type"] for event in asked].count("turn.completed") == 1


async def test_a_silent_conversation_is_paused_its_streams_end_and_it_can_be_resumed(
    tmp_path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tail, "POLL_S", 0.02)
    async with open_api(tmp_path, pause_after_s=0.05) as api, serve(api) as live:
        path, headers = await live.start()
        async with live.stream(path, headers) as first, live.stream(path, headers) as second:
            async with asyncio.timeout(10):
                seen = [[event async for event in tab] for tab in (first, second)]

        refused = await live.client.post(
            f"{path}/turns", json={"message": "Hi", "client_turn_id": "c"}, headers=headers
        )
        again = await live.client.get(f"{path}/events", headers=headers)
        transcript = (await live.client.get(path, headers=headers)).json()
        resumed = (await live.client.post(f"{path}/resume", headers=headers)).json()
        twice = (await live.client.post(f"{path}/resume", headers=headers)).json()
        async with live.stream(path, headers, after=1) as events:
            turn_id = await live.ask(path, headers)
            seen_after = await take(events, until="turn.completed")

    assert [[event["type"] for event in tab] for tab in seen] == [["conversation.paused"]] * 2
    assert refused.json()["type"] == "/problems/conversation-paused"
    assert [event["event"] for event in parse_sse(again.text)] == ["conversation.paused"]
    assert transcript["is_paused"] is True
    assert resumed == twice == {"after": 2}
    assert [event["type"] for event in seen_after] == [
        "conversation.resumed",
        "turn.started",
        "text.delta",
        "turn.completed",
    ]
    assert seen_after[-1]["turn_id"] == turn_id


async def test_a_reader_that_goes_away_is_forgotten(live: Live):
    path, headers = await live.start()
    await live.ask(path, headers)
    for _ in range(3):
        async with live.stream(path, headers) as events:
            await take(events, until="turn.completed")
            assert len(live.api.notifier._events) == 1

    async with asyncio.timeout(10):
        while live.api.notifier._events:
            await asyncio.sleep(0.01)
    assert live.api.database.engine.pool.checkedout() == 0


async def test_an_answer_goes_on_when_the_one_who_asked_goes_away(live: Live):
    gate = asyncio.Event()
    live.api.agent.script = [TextDelta(text="One. "), gate, TextDelta(text="Two."), completed()]
    path, headers = await live.start()
    body = {"message": "Hello?", "client_turn_id": "client-1"}
    async with live.client.stream(
        "POST", f"{path}/turns", json=body, headers={**headers, **SSE}
    ) as response:
        await take(events_of(response), until="text.delta")
    async with asyncio.timeout(10):
        while live.api.notifier._events:
            await asyncio.sleep(0.01)
    gate.set()

    async with live.stream(path, headers, after=2) as events:
        assert [event["type"] for event in await take(events, until="turn.completed")] == [
            "text.delta",
            "turn.completed",
        ]


async def test_a_server_that_stops_lets_go_of_its_readers(live: Live):
    path, headers = await live.start()
    await live.ask(path, headers)
    async with live.stream(path, headers) as events:
        await take(events, until="turn.completed")
        live.server.should_exit = True
        async with asyncio.timeout(10):
            await live.serving

    assert live.api.notifier._events == {}


async def test_a_large_body_is_refused_by_a_real_server_too(live: Live):
    path, headers = await live.start()

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 10_000

    for content in (b"x" * 1_000_000, chunks()):
        try:
            response = await live.client.post(f"{path}/turns", content=content, headers=headers)
        except httpx.TransportError:
            continue  # refused while it was still being sent
        assert response.status_code == 413
    assert (await live.client.get(path, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "last", ["abc", "-1", "1.5", "1e3", "0x1", "1 2", "9" * 19, "9" * 400, "2", "\u00b2"]
)
async def test_a_last_event_id_that_is_no_events_number_is_a_problem(live: Live, last):
    path, headers = await live.start()

    response = await live.client.get(
        f"{path}/events", headers={**headers, "Last-Event-ID": last.encode("latin-1")}
    )

    assert response.status_code == 400
    assert response.json()["type"] == "/problems/malformed-last-event-id"
    assert response.json()["remedy"]


async def test_the_number_may_stand_in_the_address(live: Live):
    path, headers = await live.start()
    await live.ask(path, headers)
    async with live.stream(path, headers) as events:
        await take(events, until="turn.completed")

    async with live.client.stream("GET", f"{path}/events?after=2", headers=headers) as response:
        (event,) = await take(events_of(response), until="turn.completed")

    assert event["seq"] == 3
