"""Measures how soon answers begin when turns arrive at a fixed rate, done or not with earlier ones.

Open loop: a turn is sent when its time has come, so that a slow server is not asked less (Schroeder
et al., "Open Versus Closed: A Cautionary Tale", NSDI 2006). The server is a demo in a process of
its own, or a running one (`--url`); the questions are the first turns of a question set, each asked
once, in a conversation of its own.

Baseline `alone`: the same questions one after another. The ratio is what waiting for others costs.

    python -m bench.load --rate 20
    python -m bench.load --rate 20 --kinds news
"""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.turns import time_events
from tests.servers import DemoServer

QUESTIONS = Path(__file__).parent.parent / "eval" / "questions" / "first.jsonl"
NO_LIMITS = {
    f"HEIDI_RATE_LIMIT_{name}": "1000000/minute" for name in ("VISITOR", "ADDRESS", "SITE")
}
"""All turns of a measurement come from one address."""
SETTLES_S = 60
WARMING = ("Hello", "What is new in robotics?", "When are you open?", "Who are you?")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question with how long its answer took, in milliseconds from sending it."""

    kind: str
    question: str
    first_text: float
    completed: float


def read_questions(file: Path, kinds: Sequence[str]) -> list[tuple[str, str]]:
    """Kind and first turn of every question of a set, in an order that mixes the kinds.

    Args:
        file: a question set, one JSON object per line.
        kinds: which kinds to take; none: all that are meant to be answered.
    """
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
    found = {
        row["turns"][0]["say"]: row["kind"]
        for row in rows
        if "turns" in row and (row["kind"] in kinds if kinds else row["kind"] != "bad_input")
    }
    questions = [(kind, question) for question, kind in found.items() if len(question) < 2000]
    random.Random(0).shuffle(questions)
    return questions


async def ask(
    client: httpx.AsyncClient, kind: str, question: str, created: dict[str, str]
) -> Asked:
    """Ask one question in a conversation that is there already."""
    seen = await time_events(client, created, question)
    completed = seen["turn.completed"]
    first_text = seen.get("text.delta", completed)
    return Asked(kind=kind, question=question, first_text=first_text, completed=completed)


async def measure(
    url: str, questions: Sequence[tuple[str, str]], rate: float | None
) -> list[Asked]:
    """Ask all questions, at a rate per second or, without one, each when the one before is done."""
    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
        for question in WARMING:
            await ask(client, "", question, await _created(client))
        conversations = [await _created(client) for _ in questions]
        asked: list[asyncio.Task[Asked]] = []
        with Progress() as progress:
            task = progress.add_task(f"{rate:g}/s" if rate else "alone", total=len(questions))
            started = time.perf_counter()
            for number, (kind, question) in enumerate(questions):
                if rate:
                    await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
                asked.append(
                    asyncio.create_task(ask(client, kind, question, conversations[number]))
                )
                if not rate:
                    await asked[-1]
                progress.advance(task)
            return list(await asyncio.gather(*asked))


async def _created(client: httpx.AsyncClient) -> dict[str, str]:
    response = await client.post("/v1/conversations", json={})
    response.raise_for_status()
    created: dict[str, str] = response.json()
    return created


@asynccontextmanager
async def demo_server() -> AsyncIterator[str]:
    """A real demo in a process of its own, without limits per address, some time after its start.

    At first it embeds and reads every sentence of its briefings, once in the life of its folder.
    """
    with tempfile.TemporaryDirectory() as folder:
        server = DemoServer(Path(folder), NO_LIMITS)
        await asyncio.to_thread(server.start)
        await asyncio.sleep(SETTLES_S)
        try:
            yield server.url
        finally:
            await asyncio.to_thread(server.stop)


def quantile(times: Sequence[float], share: float) -> float:
    """The time that this share of the times stays within."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table_of(runs: Sequence[tuple[str, Sequence[Asked]]]) -> Table:
    """First text and completion of every kind in every run, with the ratio to the first run."""
    table = Table(
        "kind", "turns", *(f"{name} p50/p95/p99" for name, _ in runs), "done p95", "ratio"
    )
    kinds = ["all", *sorted({asked.kind for asked in runs[0][1]})]
    for kind in kinds:
        times = [[a for a in asked if kind in ("all", a.kind)] for _, asked in runs]
        cells = []
        for group in times:
            first = [asked.first_text for asked in group]
            cells.append(" / ".join(f"{quantile(first, share):.1f}" for share in (0.5, 0.95, 0.99)))
        ratio = quantile([a.first_text for a in times[-1]], 0.95) / quantile(
            [a.first_text for a in times[0]], 0.95
        )
        done = quantile([a.completed for a in times[-1]], 0.95)
        table.add_row(kind, str(len(times[0])), *cells, f"{done:.1f}", f"{ratio:.2f}")
    return table


Runs = list[tuple[str, list[Asked]]]


async def compare(url: str, questions: Sequence[tuple[str, str]], rate: float) -> Runs:
    """Measure alone and at the rate, at `url` or at a demo of its own."""

    async def both(server: str) -> Runs:
        # Each run asks other words of the server than the other: an answer is not asked for twice.
        half = len(questions) // 2
        alone = await measure(server, questions[:half], None)
        return [("alone", alone), (f"{rate:g}/s", await measure(server, questions[half:], rate))]

    if url:
        return await both(url)
    async with demo_server() as server:
        return await both(server)


def main(
    rate: Annotated[float, typer.Option(min=0.1, help="Turns per second.")] = 20,
    questions: Annotated[Path, typer.Option(help="A question set.")] = QUESTIONS,
    kinds: Annotated[list[str] | None, typer.Option(help="Kinds to ask; default all.")] = None,
    url: Annotated[str, typer.Option(help="A running server; default a demo of its own.")] = "",
    json_file: Annotated[Path | None, typer.Option("--json", help="Figures as JSON.")] = None,
) -> None:
    """Print milliseconds to the first text, alone and at the rate."""
    runs = asyncio.run(compare(url, read_questions(questions, kinds or []), rate))
    Console(width=140).print(table_of(runs))
    if json_file:
        found = {
            name: {
                str(share): quantile([turn.first_text for turn in asked], share)
                for share in (0.5, 0.95, 0.99)
            }
            for name, asked in runs
        }
        json_file.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
