"""What all tests share: how examples are generated, and a demo server that streams slowly."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from tests.servers import DemoServer

# CI judges a change, not luck: there the generated examples are the same in every run.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(autouse=True)
def _default_logging() -> Iterator[None]:
    """Undo what a command-line test configured: it logs to a stream that its runner closes."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def slow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """One demo server for all tests that only ask.

    With `HEIDI_TEST_DEMO_DIR` its data is kept there between runs, which saves the set-up.
    """
    kept = os.environ.get("HEIDI_TEST_DEMO_DIR")
    data_dir = Path(kept) if kept else tmp_path_factory.mktemp("demo")
    server = DemoServer(data_dir, {"HEIDI_DELTA_DELAY_S": "0.08"})
    server.start()
    yield server
    server.stop()
