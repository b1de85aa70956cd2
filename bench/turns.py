"""Measures how fast turns are served, against a bare turn on the same stack.

Baseline `bare`: an agent that says twelve words from memory, behind the same HTTP edge, runner,
event log and stream, on a fresh SQLite file, over loopback. Compared with it: a running Heidi
(`--url`), or a demo that is started for the measurement (`--demo`), asked a real question. The
difference is what answering costs; the baseline itself is what the stack costs.

    python -m bench.turns --turns 200 --at-once 8
    python -m bench.turns --demo --question "Latest news on robotics"

Each turn is a conversation of its own, so that histories do not grow.
"""

from __future__ import annotations

import asyncio
import socket
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import typer
import uvicorn
from rich.console import Console
from rich.table import Table

from assistant.core.events import TextDelta
from tests.fakes_agent import completed
from tests.http.conftest import open_api
from tests.servers import DemoServer

BARE_WORDS = tuple(f"word{number} " for number in range(12))


@dataclass(frozen=True, kw_only=True)
class TurnTimes:
    """Milliseconds from sending a message to what came back."""

    first_event: float
    first_delta: float
    completed: float


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One server's turns."""

    name: str
    turns: Sequence[TurnTimes]
    seconds: float

    @property
    def rate(self) -> float:
        """Turns per second."""
        return len(self.turns) / self.seconds

    def at(self, quantile: float, read: Callable[[TurnTimes], float]) -> float:
        """The time that this share of the turns stayed within."""
        times = sorted(read(turn) for turn in self.turns)
        return times[min(len(times) - 1, int(quantile * len(times)))]


FIGURES: tuple[tuple[str, Callable[[TurnTimes], float]], ...] = (
    ("first event", lambda turn: turn.first_event),
    ("first delta", lambda turn: turn.first_delta),
    ("completed", lambda turn: turn.completed),
)


async def time_events(
    client: httpx.AsyncClient, conversation: Mapping[str, str], question: str
) -> dict[str, float]:
    """Ask a question in a conversation; gives milliseconds to the first event of each type."""
    seen: dict[str, float] = {}
    started = time.perf_counter()
    async with client.stream(
        "POST",
        f"/v1/conversations/{conversation['id']}/turns",
        json={"message": question, "client_turn_id": "bench"},
        headers={
            "Authorization": f"Bearer {conversation['token']}",
            "Accept": "text/event-stream",
        },
    ) as response:
        response.raise_for_status()
        async for line in response.aiter_lines():
            if line.startswith("event: "):
                elapsed_ms = (time.perf_counter() - started) * 1000
                seen.setdefault(line.removeprefix("event: "), elapsed_ms)
    if "turn.completed" not in seen:
        raise RuntimeError(f"the turn ended without completing: {sorted(seen)}")
    return seen


async def time_turn(client: httpx.AsyncClient, question: str) -> TurnTimes:
    """Ask one question in a new conversation."""
    created = (await client.post("/v1/conversations", json={})).json()
    seen = await time_events(client, created, question)
    return TurnTimes(
        first_event=seen["turn.started"],
        first_delta=seen.get("text.delta", seen["turn.completed"]),
        completed=seen["turn.completed"],
    )


async def measure(name: str, url: str, question: str, turns: int, at_once: int) -> Measured:
    """Ask a question many times, so many at once."""
    places = asyncio.Semaphore(at_once)

    async def ask(client: httpx.AsyncClient) -> TurnTimes:
        async with places:
            return await time_turn(client, question)

    limits = httpx.Limits(max_connections=at_once)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as client:
        await time_turn(client, question)
        started = time.perf_counter()
        times = await asyncio.gather(*(ask(client) for _ in range(turns)))
        return Measured(name=name, turns=times, seconds=time.perf_counter() - started)


@asynccontextmanager
async def bare_server(folder: Path) -> AsyncIterator[str]:
    """The stack around an agent that needs no time."""
    async with open_api(folder) as api:
        api.agent.script = [*(TextDelta(text=word) for word in BARE_WORDS), completed()]
        listening = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(api.app, log_level="critical", lifespan="off", access_log=False)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving
        listening.close()


@asynccontextmanager
async def demo_server(folder: Path) -> AsyncIterator[str]:
    """A real demo in a process of its own."""
    server = DemoServer(folder)
    await asyncio.to_thread(server.start)
    try:
        yield server.url
    finally:
        await asyncio.to_thread(server.stop)


def table_of(results: Sequence[Measured]) -> Table:
    """Times of every server, and their ratio to the first, the baseline."""
    table = Table("server", "turns/s", *(f"{n} p50/p95 ms" for n, _ in FIGURES), "ratio of p50")
    baseline = results[0]
    for measured in results:
        cells = [
            f"{measured.at(0.5, read):.1f} / {measured.at(0.95, read):.1f}" for _, read in FIGURES
        ]
        ratios = " ".join(
            f"{measured.at(0.5, read) / baseline.at(0.5, read):.2f}" for _, read in FIGURES
        )
        table.add_row(measured.name, f"{measured.rate:.1f}", *cells, ratios)
    return table


async def compare(url: str, demo: bool, question: str, turns: int, at_once: int) -> Table:
    """Measure the baseline and whatever else was asked for, one after another."""
    results = []
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "bare").mkdir()
        async with bare_server(folder / "bare") as bare:
            results.append(await measure("bare", bare, question, turns, at_once))
        if demo:
            demo_url = await stack.enter_async_context(demo_server(folder / "demo"))
            results.append(await measure("demo", demo_url, question, turns, at_once))
        if url:
            results.append(await measure(url, url, question, turns, at_once))
    return table_of(results)


def main(
    turns: Annotated[int, typer.Option(min=1, help="Turns to time.")] = 200,
    at_once: Annotated[int, typer.Option(min=1, help="Turns that run at the same time.")] = 4,
    question: Annotated[str, typer.Option()] = "What is the AI skills gap about?",
    url: Annotated[str, typer.Option(help="A running server to compare.")] = "",
    demo: Annotated[bool, typer.Option(help="Start a demo to compare.")] = False,
) -> None:
    """Print times to first event, first piece of text and completion."""
    Console(width=140).print(asyncio.run(compare(url, demo, question, turns, at_once)))


if __name__ == "__main__":
    typer.run(main)
