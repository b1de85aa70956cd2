"""Owns fetching from the web: politely, within limits, and with a clear reason where it fails.

Conditional requests (RFC 9110, section 13) keep unchanged feeds cheap for both sides. A host is
asked one thing at a time, with a pause in between.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, Self

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)

from indexing.errors import FetchFailed
from indexing.public_addresses import AddressRefused, PublicTransport

FEED_TYPES = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
"""What is asked for where a feed is wanted."""
PAGE_TYPES = "text/html, application/xhtml+xml;q=0.9"
"""What is asked for where an article is wanted."""
_MAX_REDIRECTS = 5
_LONGEST_WAIT_S = 30.0
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that may be over in a moment."""
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class FetchLimits:
    """How much patience and room a fetch is given."""

    timeout_s: float = 20.0
    """For a connection, and for each pause of the server."""
    total_s: float = 60.0
    """For everything, however slowly it drips."""
    max_bytes: int = 5_000_000
    """Of the content, unpacked."""
    attempts: int = 3
    host_pause_s: float = 1.0
    """Between two requests to one host."""


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What an address gave."""

    url: str
    """Where it was found in the end."""
    content: bytes = b""
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    is_unchanged: bool = False
    """The server says that nothing is new; there is no content."""
    moved_to: str = ""
    """The address has moved for good, to this one."""


class FeedClient(Protocol):
    """Gives what stands at an address: from the network, or from a folder."""

    async def get(
        self, url: str, *, accept: str, etag: str = "", last_modified: str = ""
    ) -> Fetched:
        """What the address gives; see `WebClient.get`.

        Raises:
            FetchFailed: It gives nothing that can be used.
        """
        ...


class WebClient:
    """Fetches addresses; to be used as a context.

    Args:
        user_agent: Says who asks, and where to complain.
        limits: How much patience and room a fetch is given.
        allows_private: Also addresses that are not public, as for feeds of one's own network.
        transport: Sends the requests; none: the network.
        sleep: Waits for a number of seconds.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        limits: FetchLimits | None = None,
        allows_private: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.limits = limits or FetchLimits()
        self._sleep = sleep
        # Kept connections would tie an address to the first name it was reached by.
        inner = transport or httpx.AsyncHTTPTransport(
            limits=httpx.Limits(max_keepalive_connections=0), trust_env=False
        )
        self._client = httpx.AsyncClient(
            transport=inner if allows_private else PublicTransport(inner),
            timeout=self.limits.timeout_s,
            follow_redirects=True,
            max_redirects=_MAX_REDIRECTS,
            trust_env=False,
            headers={"user-agent": user_agent, "accept-encoding": "gzip"},
        )
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._asked_at: dict[str, float] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def get(
        self, url: str, *, accept: str, etag: str = "", last_modified: str = ""
    ) -> Fetched:
        """Fetch an address, again where the failure may be passing.

        Args:
            url: Absolute http(s) address.
            accept: Media types that are wanted.
            etag: Of what is known already.
            last_modified: Of what is known already, as the server spelt it.

        Raises:
            FetchFailed: It gave nothing, too much, or leads to where nobody may go.
        """
        headers = {"accept": accept}
        headers |= {"if-none-match": etag} if etag else {}
        headers |= {"if-modified-since": last_modified} if last_modified else {}
        retrying = AsyncRetrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_attempt(self.limits.attempts),
            wait=_wait,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return await retrying(self._once, url, headers)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, _Unwanted) as error:
            raise FetchFailed(url, _reason(error, self.limits)) from error

    async def _once(self, url: str, headers: dict[str, str]) -> Fetched:
        host = httpx.URL(url).host
        async with self._turns[host]:
            await self._pause(host)
            try:
                async with (
                    asyncio.timeout(self.limits.total_s),
                    self._client.stream("GET", url, headers=headers) as response,
                ):
                    return await self._read(url, response)
            finally:
                self._asked_at[host] = asyncio.get_running_loop().time()

    async def _pause(self, host: str) -> None:
        asked = self._asked_at.get(host)
        if asked is not None:
            left = asked + self.limits.host_pause_s - asyncio.get_running_loop().time()
            if left > 0:
                await self._sleep(left)

    async def _read(self, url: str, response: httpx.Response) -> Fetched:
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return Fetched(url=url, is_unchanged=True)
        if response.status_code != httpx.codes.OK:
            raise _Unwanted(response)
        hops = [hop.status_code for hop in response.history]
        is_moved = bool(hops) and all(code in (301, 308) for code in hops)
        return Fetched(
            url=str(response.url),
            content=await self._content(response),
            content_type=response.headers.get("content-type", ""),
            etag=response.headers.get("etag", ""),
            last_modified=response.headers.get("last-modified", ""),
            moved_to=str(response.url) if is_moved else "",
        )

    async def _content(self, response: httpx.Response) -> bytes:
        if "," in response.headers.get("content-encoding", ""):
            raise _Unwanted(response, "is packed several times over")
        announced = response.headers.get("content-length", "0")
        too_large = f"is larger than {self.limits.max_bytes:,} bytes"
        if announced.isdigit() and int(announced) > self.limits.max_bytes:
            raise _Unwanted(response, too_large)
        content = bytearray()
        async for part in response.aiter_bytes():
            content += part
            if len(content) > self.limits.max_bytes:
                raise _Unwanted(response, too_large)
        return bytes(content)


class _Unwanted(Exception):
    """An answer that is no use; without a reason, its status is the reason."""

    def __init__(self, response: httpx.Response, reason: str = "") -> None:
        status = f"answers {response.status_code} {response.reason_phrase}".strip()
        super().__init__(reason or status)
        self.response = response
        self.may_pass = not reason and response.status_code in _PASSING


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, _Unwanted):
        return error.may_pass
    return isinstance(error, httpx.TransportError | TimeoutError) and not isinstance(
        error, AddressRefused | httpx.UnsupportedProtocol | httpx.DecodingError
    )


def _wait(state: RetryCallState) -> float:
    """As long as the server asks for, else twice as long each time; never very long."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.response.headers.get("retry-after", "") if isinstance(error, _Unwanted) else ""
    wait = float(asked) if asked.isdigit() else wait_exponential_jitter(initial=1, jitter=1)(state)
    return min(wait, _LONGEST_WAIT_S)


def _reason(error: Exception, limits: FetchLimits) -> str:
    match error:
        case _Unwanted() | AddressRefused():
            return str(error)
        case httpx.TooManyRedirects():
            return f"redirects more than {_MAX_REDIRECTS} times"
        case httpx.TimeoutException():
            return f"does not answer within {limits.timeout_s:g} s"
        case TimeoutError():
            return f"is not complete within {limits.total_s:g} s"
        case httpx.UnsupportedProtocol() | httpx.InvalidURL():
            return f"leads to an address that is not http(s): {error}"
        case httpx.DecodingError():
            return "cannot be unpacked"
        case _:
            return f"cannot be reached: {str(error) or type(error).__name__}"
