"""A demo server whose answers stream slowly enough to be interrupted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers import DemoServer


@pytest.fixture(scope="session")
def slow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    server = DemoServer(tmp_path_factory.mktemp("demo"), {"HEIDI_DELTA_DELAY_S": "0.08"})
    server.start()
    yield server
    server.stop()
