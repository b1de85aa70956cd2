"""Owns a Heidi of its own for a run: a fresh demo in a temporary folder, as a process of its own.

The server is the real command `heidi demo`; only its clock may be set, so that "this month" means
the same in every run. A process apart keeps the client's work out of the measured times.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from eval.client import IdentitySigner
from eval.errors import TargetUnavailable
from eval.knowledge import filled_index
from indexing.briefings import Briefing

START_TIMEOUT_S = 300.0
"""Long enough to index the demo on a slow machine."""
STOP_TIMEOUT_S = 15.0
POLL_S = 0.25
ISSUER = "demo-site"
MODULE = "eval.server"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A Heidi that can be asked."""

    url: str
    identities: IdentitySigner
    log: Path | None = None
    """What an own server writes; gone with it."""


@asynccontextmanager
async def own_server(
    now: datetime | None,
    *,
    data_from: Path | None = None,
    briefings: Sequence[Briefing] | None = None,
    on_waiting: Callable[[], None] = lambda: None,
) -> AsyncIterator[Target]:
    """A Heidi on a free port of loopback, gone at the end: the demo, unless briefings are given.

    Args:
        now: what its clock shows at the beginning, aware; None: the real time.
        data_from: data folder of an earlier demo that is copied, which saves indexing and training.
        briefings: what she knows instead of the demo's.
        on_waiting: called while it starts, several times a second.

    Raises:
        TargetUnavailable: it did not start; with its last words.
    """
    with tempfile.TemporaryDirectory(prefix="heidi-eval-") as folder:
        data_dir, identity_secret = Path(folder) / "data", secrets.token_urlsafe(48)
        await _prepare(data_dir, data_from, briefings)
        port = _free_port()
        log_path = data_dir / "server.log"
        with log_path.open("wb") as log:
            shift = now - datetime.now(UTC) if now else None
            process = subprocess.Popen(
                _command(port, now, is_demo=briefings is None),
                env=_environment(data_dir, identity_secret),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        signer = IdentitySigner(
            secret=identity_secret,
            issuer=ISSUER,
            clock=lambda: datetime.now(UTC) + shift if shift is not None else datetime.now(UTC),
        )
        try:
            url = f"http://127.0.0.1:{port}"
            await _wait_until_ready(url, process, log_path, on_waiting)
            yield Target(url=url, identities=signer, log=log_path)
        finally:
            _stop(process)


async def check_ready(url: str) -> None:
    """Make sure that a Heidi answers at an address.

    Raises:
        TargetUnavailable: nobody answers, somebody else does, or she is not ready yet.
    """
    try:
        async with httpx.AsyncClient(base_url=url, timeout=10) as http:
            response = await http.get("/v1/ready")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TargetUnavailable(f"{url} does not answer: {error}") from error
    if response.status_code != 200:
        raise TargetUnavailable(f"{url} is not ready: status {response.status_code}")


async def _prepare(
    data_dir: Path, data_from: Path | None, briefings: Sequence[Briefing] | None
) -> None:
    if data_from is not None:
        try:
            shutil.copytree(data_from, data_dir, ignore=shutil.ignore_patterns("*.lock", "*.log"))
        except (OSError, shutil.Error) as error:
            raise TargetUnavailable(f"{data_from} can't be copied: {error}") from error
        return
    data_dir.mkdir()
    if briefings is not None:
        async with filled_index(data_dir, briefings):
            pass


def _command(port: int, now: datetime | None, *, is_demo: bool) -> list[str]:
    moment = now.isoformat() if now else ""
    return [sys.executable, "-m", MODULE, "demo" if is_demo else "serve", str(port), moment]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(data_dir: Path, identity_secret: str) -> dict[str, str]:
    """The environment without settings of another Heidi; a model that is set answers, though."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEIDI_")}
    model = {name: os.environ[name] for name in ("HEIDI_MODEL",) if name in os.environ}
    own = {"HEIDI_DATA_DIR": str(data_dir), "HEIDI_IDENTITY_SECRET": identity_secret}
    return kept | model | own


async def _wait_until_ready(
    url: str, process: subprocess.Popen[bytes], log: Path, on_waiting: Callable[[], None]
) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    async with httpx.AsyncClient(base_url=url, timeout=5) as http:
        while not await _is_ready(http):
            if process.poll() is not None:
                raise TargetUnavailable(f"Heidi did not start: {_last_words(log)}")
            if time.monotonic() > deadline:
                raise TargetUnavailable(
                    f"Heidi was not ready within {START_TIMEOUT_S:g} s: {_last_words(log)}"
                )
            on_waiting()
            await asyncio.sleep(POLL_S)


async def _is_ready(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/v1/ready")).status_code == 200
    except httpx.TransportError:
        return False


def _last_words(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it said nothing"


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _serve(command: str, port: str, now: str) -> None:
    """Be the server: `heidi demo` or `heidi serve` on a port, at a moment."""
    import time_machine

    from assistant.cli import main

    sys.argv = ["heidi", command, "--port", port]
    if now:
        # The clock goes on from there: tokens and confirmations expire as usual.
        time_machine.travel(datetime.fromisoformat(now), tick=True).start()
    main()


if __name__ == "__main__":
    _serve(*sys.argv[1:4])
