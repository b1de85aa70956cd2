"""Owns one run from target to result: starts or finds a Heidi, asks, notes the conditions."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from eval.client import IdentitySigner, connect
from eval.errors import EvalError
from eval.questions import QuestionSet
from eval.results import EvalRun, QuestionResult, RunInfo
from eval.runner import RunOptions, run_questions
from eval.server import ISSUER, Target, check_ready, own_server
from indexing.briefings import Briefing

HERE = Path(__file__).parent
MODEL_VARIABLES = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "AZURE_OPENAI_ENDPOINT")
"""Each of them lets a model answer."""
OWN_SERVER = "own server"


@dataclass(frozen=True, kw_only=True)
class ServerChoice:
    """Which Heidi is asked."""

    url: str | None = None
    """A running one; None starts one."""
    secret: str = ""
    """Of a running one's host page: signs customers in."""
    agent: str | None = None
    """What the report calls the agent; None: `built-in` or the model of an own server."""
    data_from: Path | None = None
    """For an own one: data folder of a demo to copy."""
    briefings: Sequence[Briefing] | None = None
    """For an own one: what it knows instead of the demo's briefings."""

    @property
    def agent_name(self) -> str:
        """What the report calls the agent."""
        if self.agent is not None or self.url is not None:
            return self.agent or "unknown"
        if any(os.environ.get(name) for name in MODEL_VARIABLES):
            return f"llm:{os.environ.get('HEIDI_MODEL', 'default model')}"
        return "built-in"


async def run_session(questions: QuestionSet, server: ServerChoice, options: RunOptions) -> EvalRun:
    """Ask a set of a server, with a progress bar on a terminal.

    Raises:
        TargetUnavailable: there is no Heidi to ask.
        EvalError: customers can't be signed in for want of the secret.
    """
    started_at, machine = datetime.now(UTC), _machine()
    with progress_bar() as progress:
        task = progress.add_task("Starting Heidi", total=None)
        async with _target(server, questions, progress.refresh) as target:
            progress.update(task, description="Asking", total=len(questions.questions))

            def advance(_: QuestionResult) -> None:
                progress.advance(task)

            async with connect(target.url, target.identities) as client:
                results = await run_questions(questions, client, options, advance)
            server_log = target.log.read_text(errors="replace") if target.log else ""
    return EvalRun(
        info=RunInfo(
            question_set=questions.name,
            digest=questions.digest,
            started_at=started_at,
            now=questions.now if server.url is None else None,
            target=server.url or OWN_SERVER,
            agent=server.agent_name,
            revision=_revision(),
            concurrency=options.concurrency,
            machine=machine,
        ),
        results=results,
        server_log=server_log,
    )


def progress_bar() -> Progress:
    """A progress bar on standard error, nothing where that is no terminal."""
    terminal = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=terminal,
        transient=True,
        disable=not terminal.is_terminal,
    )


@asynccontextmanager
async def _target(
    server: ServerChoice, questions: QuestionSet, on_waiting: Callable[[], None]
) -> AsyncIterator[Target]:
    if server.url is None:
        async with own_server(
            questions.now,
            data_from=server.data_from,
            briefings=server.briefings,
            on_waiting=on_waiting,
        ) as target:
            yield target
        return
    await check_ready(server.url)
    if not server.secret and any(each.signed_in_as for each in questions.questions):
        raise EvalError("signing customers in needs --identity-secret or HEIDI_IDENTITY_SECRET")
    signer = IdentitySigner(secret=server.secret, issuer=ISSUER, clock=lambda: datetime.now(UTC))
    yield Target(url=server.url, identities=signer)


def _machine() -> str:
    load, *_ = os.getloadavg()
    return f"{os.cpu_count()} CPUs, load {load:.1f}"


def _revision() -> str | None:
    """The code's revision, where it is in a git repository."""

    def git(*arguments: str) -> str:
        command = ["git", "-C", str(HERE), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
        return done.stdout.strip()

    try:
        changed = git("status", "--porcelain", "--untracked-files=no")
        return git("rev-parse", "--short", "HEAD") + ("+" if changed else "")
    except (OSError, subprocess.SubprocessError):
        return None
