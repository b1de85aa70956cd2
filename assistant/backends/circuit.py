"""Owns the circuit breaker: a backend that keeps failing is left alone for a while.

Our own, because the libraries for asyncio let every waiting call through at once when they try
again; here exactly one does (M. Nygard, Release It!, chapter 5).
"""

from __future__ import annotations

import time
from collections.abc import Callable


class CircuitOpen(Exception):
    """The backend has failed too often; it is not asked now."""


class CircuitBreaker:
    """Counts failures in a row; after too many refuses calls until some time has passed.

    Args:
        failures: how many in a row open the circuit.
        reset_after_s: how long it stays open before one call may try.
        clock: seconds from any start.
    """

    def __init__(
        self,
        *,
        failures: int = 5,
        reset_after_s: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = failures
        self._reset_after_s = reset_after_s
        self._clock = clock
        self._count = 0
        self._refused_until: float | None = None
        """When the next call may try; None while the circuit is closed."""

    def check(self) -> None:
        """Let a call through, or not.

        Raises:
            CircuitOpen: the backend is left alone for now.
        """
        if self._refused_until is None:
            return
        now = self._clock()
        if now < self._refused_until:
            raise CircuitOpen
        # This call tries; the others wait as long again, also if it is cancelled.
        self._refused_until = now + self._reset_after_s

    def succeed(self) -> None:
        """The backend answered."""
        self._count = 0
        self._refused_until = None

    def fail(self) -> None:
        """The backend did not answer, or said that it can't."""
        self._count += 1
        if self._count >= self._most:
            self._refused_until = self._clock() + self._reset_after_s
