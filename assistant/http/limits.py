"""Owns how often somebody may write: limits by visitor, by address and for the whole site.

Counted by the `limits` library, in this process or in Redis where several processes share them.
Reading is not limited here: it costs little, and streams are few.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import structlog
from limits import RateLimitItem, parse_many
from limits.aio.storage import Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.core.errors import InvalidInput
from assistant.http.errors import ProblemKind, problem

logger = structlog.get_logger(__name__)

RATE_LIMITED = ProblemKind(code="rate-limited", status=429, title="Too many requests")
SIGN_IN_PATHS = frozenset({"/sign-in", "/review/sign-in"})
IN_PROCESS = "async+memory://"
_REFUSED = frozenset({401, 403})


@dataclass(frozen=True, kw_only=True)
class RateLimits:
    """How often, in the library's notation such as `40/minute;600/hour`; empty: no limit."""

    visitor: str = "40/minute;600/hour"
    """Of one visitor token or API key. Whoever types never gets near it."""
    address: str = "600/minute;9000/hour"
    """Of one address, behind which a whole office may be."""
    site: str = "9000/minute"
    """Of everybody together: keeps what a model costs within bounds."""
    sign_in: str = "10/minute;60/hour"
    """Of one address: sign-ins that were refused."""


class RefusedOutside(Protocol):
    """Writes a refusal in another form than a problem, for the paths it knows."""

    def __call__(self, path: str, detail: str) -> JSONResponse | None:
        """The response, or None where a problem is right."""
        ...


@dataclass(frozen=True, kw_only=True)
class _Rule:
    name: str
    items: Sequence[RateLimitItem]
    key: str


class RateLimit:
    """Refuses requests that write when they come too often.

    Args:
        app: the application inside.
        limits: how often.
        storage: `async+memory://`, or `async+redis://host:6379` to share with other processes.
        trusted_proxies: how many proxies in front append to `X-Forwarded-For`; 0: the header is
            somebody's claim and not read.
        refused: writes refusals in other forms.
        on_limit: is told which limit refuses a request.

    Raises:
        InvalidInput: a limit or the storage can't be read.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limits: RateLimits | None = None,
        storage: str = "",
        trusted_proxies: int = 0,
        refused: RefusedOutside | None = None,
        on_limit: Callable[[str], None] = lambda _name: None,
    ) -> None:
        self._app = app
        wanted = limits or RateLimits()
        self._visitor = _parse(wanted.visitor, "rate_limit_visitor")
        self._address = _parse(wanted.address, "rate_limit_address")
        self._site = _parse(wanted.site, "rate_limit_site")
        self._sign_in = _parse(wanted.sign_in, "rate_limit_sign_in")
        self._storage = _open(storage or IN_PROCESS)
        self._limiter = SlidingWindowCounterRateLimiter(self._storage)
        self._trusted_proxies = trusted_proxies
        self._refused = refused
        self._on_limit = on_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on unless it is one too many."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            await self.close()
            return
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        address = client_address(scope, self._trusted_proxies)
        wait_s = await self._wait_s(scope, address)
        if wait_s:
            await self._refuse(scope["path"], wait_s)(scope, receive, send)
        elif scope["path"] in SIGN_IN_PATHS:
            await self._app(scope, receive, self._counting(send, address))
        else:
            await self._app(scope, receive, send)

    async def close(self) -> None:
        """Close the connections to the storage, if it has any; the library itself never does."""
        client = getattr(getattr(self._storage, "bridge", None), "storage", None)
        if client is not None:
            await client.aclose()

    async def _wait_s(self, scope: Scope, address: str) -> int:
        """Seconds to wait; 0 when the request may pass, which then is counted."""
        try:
            if scope["path"] in SIGN_IN_PATHS:
                wait_s = await self._left(_Rule(name="sign-in", items=self._sign_in, key=address))
                if wait_s:
                    self._on_limit("sign-in")
                    return wait_s
            for rule in self._rules(scope, address):
                wait_s = await self._hit(rule)
                if wait_s:
                    self._on_limit(rule.name)
                    return wait_s
        except StorageError:
            # Better a site without limits for a while than none at all.
            logger.exception("limits.storage_failed")
        return 0

    def _rules(self, scope: Scope, address: str) -> Sequence[_Rule]:
        """The address first: who is over its limit must not use up the others'."""
        rules = [_Rule(name="address", items=self._address, key=address)]
        token = Headers(scope=scope).get("Authorization")
        if token:
            digest = hashlib.sha256(_holder_of(token).encode()).hexdigest()
            rules.append(_Rule(name="visitor", items=self._visitor, key=digest))
        rules.append(_Rule(name="site", items=self._site, key="all"))
        return rules

    async def _hit(self, rule: _Rule) -> int:
        for item in rule.items:
            if not await self._limiter.hit(item, rule.name, rule.key):
                return await self._until_reset(item, rule)
        return 0

    async def _left(self, rule: _Rule) -> int:
        for item in rule.items:
            if not await self._limiter.test(item, rule.name, rule.key):
                return await self._until_reset(item, rule)
        return 0

    async def _until_reset(self, item: RateLimitItem, rule: _Rule) -> int:
        stats = await self._limiter.get_window_stats(item, rule.name, rule.key)
        return max(1, math.ceil(stats.reset_time - time.time()))

    def _counting(self, send: Send, address: str) -> Send:
        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in _REFUSED:
                rule = _Rule(name="sign-in", items=self._sign_in, key=address)
                try:
                    await self._hit(rule)
                except StorageError:
                    logger.exception("limits.storage_failed")
            await send(message)

        return counting

    def _refuse(self, path: str, wait_s: int) -> JSONResponse:
        detail = f"That was too often. Try again in {wait_s} s."
        response = self._refused(path, detail) if self._refused else None
        if response is None:
            response = problem(
                RATE_LIMITED, detail=detail, remedy="Wait as long as Retry-After says."
            )
        response.headers["Retry-After"] = str(wait_s)
        return response


def _holder_of(authorization: str) -> str:
    """What stays the same while a visitor's tokens are rotated; of anything else the whole.

    Nothing is verified here: whoever makes up a holder could make up a token as well.
    """
    try:
        payload = authorization.rpartition(" ")[2].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(f"{payload}=="))
        return str(claims["sub"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return authorization


def client_address(scope: Scope, trusted_proxies: int) -> str:
    """Who asks: the address, or the network that an IPv6 subscriber gets (/64).

    Args:
        scope: the request.
        trusted_proxies: how many entries at the end of `X-Forwarded-For` were written by proxies of
            the site; the first of them is the client as the outermost proxy saw it.
    """
    client = scope.get("client")
    address = str(client[0]) if client else "unknown"
    if trusted_proxies:
        values = Headers(scope=scope).getlist("X-Forwarded-For")
        hops = [hop.strip() for value in values for hop in value.split(",") if hop.strip()]
        address = hops[-trusted_proxies] if len(hops) >= trusted_proxies else address
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _parse(notation: str, setting: str) -> Sequence[RateLimitItem]:
    if not notation.strip():
        return ()
    try:
        return tuple(parse_many(notation))
    except ValueError as error:
        raise InvalidInput(
            f"HEIDI_{setting.upper()} is no rate limit: {notation!r}.",
            field=setting,
            remedy="Write it like 40/minute;600/hour, or leave it empty for none.",
        ) from error


def _open(address: str) -> Storage:
    options = {} if address == IN_PROCESS else {"implementation": "redispy"}
    make = cast("Callable[..., Storage]", storage_from_string)
    try:
        return make(address, wrap_exceptions=True, **options)
    except Exception as error:  # the library raises its own and the driver's kinds
        raise InvalidInput(
            "HEIDI_RATE_LIMIT_STORAGE can't be used.",
            field="rate_limit_storage",
            remedy="Write it like async+redis://host:6379 and install 'heidi[redis]'.",
        ) from error
