"""Redis for contract suites: `HEIDI_TEST_REDIS_URL` names one that tests may write to."""

from __future__ import annotations

import os

import pytest


def redis_url() -> str:
    """The address; the test is skipped where there is none."""
    pytest.importorskip("redis", reason="the extra 'redis' is not installed")
    url = os.environ.get("HEIDI_TEST_REDIS_URL", "")
    if not url:
        pytest.skip("HEIDI_TEST_REDIS_URL names no Redis")
    return url
