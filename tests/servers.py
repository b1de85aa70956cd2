"""Starts a real `heidi demo` in a process of its own, as a newcomer does, and stops or kills it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

START_TIMEOUT_S = 600.0


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class DemoServer:
    """One demo server on loopback.

    Args:
        data_dir: its data; kept over restarts.
        settings: further environment variables.
    """

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = dict(settings or {})
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it can answer."""
        kept = {name: value for name, value in os.environ.items() if "OPENAI" not in name}
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._log = (self.data_dir / "server.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "assistant", "demo", "--port", str(self.port)],
            env={**kept, "HEIDI_DATA_DIR": str(self.data_dir), **self._settings},
            stdout=self._log,
            stderr=self._log,
        )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError((self.data_dir / "server.log").read_text()[-4000:])
            time.sleep(0.2)

    def kill(self) -> None:
        """Kill it without a chance to clean up."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to stop, and wait."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=30)
            self._process = None
            self._log.close()

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/v1/ready", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False
