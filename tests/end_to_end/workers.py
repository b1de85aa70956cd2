"""Two server processes on one PostgreSQL and one Redis, as a site runs several workers.

Also the application that they serve: Heidi as she is, with an embedding that needs no weights.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
from fastapi import FastAPI

from assistant.app import create_app
from assistant.settings import Settings
from tests.fakes_embedding import HashingEmbedder
from tests.servers import free_port

START_TIMEOUT_S = 600.0


def app() -> FastAPI:
    """What a worker serves, by its environment alone."""
    return create_app(Settings(_env_file=None), embedder=HashingEmbedder(256))


class Worker:
    """One server process on loopback.

    Args:
        data_dir: what it keeps for itself, its index.
        settings: its environment.
    """

    def __init__(self, data_dir: Path, settings: Mapping[str, str]) -> None:
        data_dir.mkdir(parents=True)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        kept = {name: value for name, value in os.environ.items() if "OPENAI" not in name}
        factory = ["--factory", "tests.end_to_end.workers:app", "--port", str(port)]
        self._log_file = data_dir / "server.log"
        self._log = self._log_file.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", *factory],
            env={**kept, "HEIDI_DATA_DIR": str(data_dir), **settings},
            stdout=self._log,
            stderr=self._log,
        )

    def wait_until_ready(self) -> None:
        """Wait until it answers questions."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(self._log_file.read_text()[-4000:])
            time.sleep(0.2)

    def kill(self) -> None:
        """Kill it without a chance to clean up."""
        self._process.kill()
        self._process.wait(timeout=30)
        self._log.close()

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/v1/ready", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False
