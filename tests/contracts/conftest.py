"""What the contract suites share: one CalDAV server for all of them."""

from __future__ import annotations

import os

import pytest

from tests.radicale import PASSWORD, PASSWORD_ENV, Radicale, is_installed


@pytest.fixture(scope="session")
def radicale(tmp_path_factory):
    """A running server; skips where it is not installed."""
    if not is_installed():
        pytest.skip("caldav and Radicale are not installed")
    os.environ[PASSWORD_ENV] = PASSWORD
    server = Radicale(tmp_path_factory.mktemp("radicale"))
    server.start()
    yield server
    server.stop()
    server.client.close()
