"""Owns asking a JSON service over HTTP: time-outs, retries, circuit breaking, a cache per turn.

Does not know what is asked (`accounts_http.py`).
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any

import httpx
import structlog
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_exponential,
    wait_random,
)

from assistant.backends.circuit import CircuitBreaker, CircuitOpen
from assistant.backends.errors import BackendUnavailable, CustomerNotFound

MOST_BYTES = 5_000_000
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 1.0
TRY_LATER = "Try again in a moment."
UNCERTAIN = "Please check your contact data before you try again."

log = structlog.get_logger(__name__)

Sleep = Callable[[float], Awaitable[None]]


class _Transient(Exception):
    """It may go better in a moment."""


class _TurnCache:
    """What was read in one turn; requests for the same thing wait for each other."""

    def __init__(self) -> None:
        self.read: dict[str, Any] = {}
        self.locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)


class JsonService:
    """A service that answers in JSON.

    Args:
        client: knows the address, headers and time-outs.
        breaker: leaves a failing service alone.
        attempts: how often a read is tried.
        sleep: waits between two tries, in seconds.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        breaker: CircuitBreaker | None = None,
        attempts: int = 3,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._client = client
        self._breaker = breaker or CircuitBreaker()
        self._attempts = attempts
        self._sleep = sleep
        self._cache: _TurnCache | None = None

    def for_turn(self) -> JsonService:
        """The same service, which reads nothing twice."""
        service = JsonService(
            self._client, breaker=self._breaker, attempts=self._attempts, sleep=self._sleep
        )
        service._cache = _TurnCache()
        return service

    async def get(self, path: str, parameters: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401
        """Read a document, trying again when that may help.

        Raises:
            CustomerNotFound: the service says that there is no such thing.
            BackendUnavailable: it does not answer, refuses, or answers no JSON.
        """
        if self._cache is None:
            return await self._read(path, parameters)
        key = json.dumps([path, sorted((parameters or {}).items())])
        async with self._cache.locks[key]:
            if key not in self._cache.read:
                self._cache.read[key] = await self._read(path, parameters)
            return self._cache.read[key]

    async def send(
        self, method: str, path: str, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> None:
        """Write once: whether a write without an answer was done, nobody here can tell.

        Raises:
            CustomerNotFound, BackendUnavailable: as `get`.
        """
        if self._cache is not None:
            self._cache = _TurnCache()
        try:
            await self._ask(method, path, headers=dict(headers), json=dict(body))
        except _Transient as error:
            raise BackendUnavailable(
                "The account service did not answer, so I can't tell whether it went through.",
                remedy=UNCERTAIN,
            ) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _read(self, path: str, parameters: Mapping[str, str] | None) -> Any:  # noqa: ANN401
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self._attempts),
            wait=wait_exponential(multiplier=FIRST_WAIT_S, max=LONGEST_WAIT_S)
            + wait_random(0, FIRST_WAIT_S),
            retry=retry_if_exception_type(_Transient),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            response: httpx.Response = await retrying(
                self._ask, "GET", path, params=parameters or None
            )
        except _Transient as error:
            raise _unavailable() from error
        return _parse(response)

    async def _ask(self, method: str, path: str, **what: Any) -> httpx.Response:  # noqa: ANN401
        try:
            self._breaker.check()
            response = await self._client.request(method, path, **what)
        except CircuitOpen as error:
            raise _unavailable() from error
        except httpx.TransportError as error:
            self._breaker.fail()
            log.warning("backend failed", path=path, error=type(error).__name__)
            raise _Transient from error
        return self._judge(path, response)

    def _judge(self, path: str, response: httpx.Response) -> httpx.Response:
        status = response.status_code
        if status >= 500 or status == 429:
            self._breaker.fail()
            log.warning("backend failed", path=path, status=status)
            raise _Transient
        self._breaker.succeed()
        if status == 404:
            raise CustomerNotFound(
                "I can't find an account for your sign-in.", remedy="Talk to our support team."
            )
        # A redirection is not followed: it could carry the secret somewhere else.
        if not response.is_success:
            log.error("backend refused", path=path, status=status)
            raise _unavailable()
        return response


def _parse(response: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    if len(response.content) > MOST_BYTES:
        log.error("backend answered too much", bytes=len(response.content))
        raise _unavailable()
    try:
        # Amounts stay exact: a float would round them.
        return json.loads(response.content, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        log.error("backend answered no JSON")
        raise _unavailable() from error


def _unavailable() -> BackendUnavailable:
    return BackendUnavailable("The account service does not answer now.", remedy=TRY_LATER)
