"""Owns the host's public keys: a JSON Web Key Set (RFC 7517), cached and read again as keys rotate.

Does not own what a token must say (`tokens.py`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from assistant.core.errors import IdentityInvalid, InvalidInput

MIN_RSA_BITS = 2048
"""RFC 7518, section 3.3."""
FRESH_S = 300.0
"""So long keys are used without a look at the source."""
RETRY_S = 15.0
"""An unknown key makes the source be read again, but not more often than this."""
STALE_S = 86_400.0
"""A source that can't be read leaves the keys in use for so long."""
TIMEOUT_S = 5.0
MAX_BYTES = 256 * 1024

logger = structlog.get_logger(__name__)

Load = Callable[[], Awaitable[str]]
"""Gives the key set as JSON; raises OSError, ValueError or httpx.HTTPError when it can't."""


class KeySet:
    """The keys that the host signs with now.

    Args:
        load: reads the set from its source.
        monotonic: seconds from any start.
    """

    def __init__(self, load: Load, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._load = load
        self._monotonic = monotonic
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._loaded_at: float | None = None
        self._tried_at: float | None = None
        self._lock = asyncio.Lock()

    async def key_of(self, token: str) -> jwt.PyJWK:
        """The key that a token names; without a name the only one there is.

        Raises:
            IdentityInvalid: there is no such key, or the keys can't be read.
        """
        try:
            kid = jwt.get_unverified_header(token).get("kid")
        except (jwt.PyJWTError, ValueError) as error:
            raise _unknown() from error
        async with self._lock:
            await self._refresh(is_missing=self._find(kid) is None)
        key = self._find(kid)
        if key is None:
            raise _unknown()
        return key

    def _find(self, kid: object) -> jwt.PyJWK | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid) if isinstance(kid, str) else None

    async def _refresh(self, *, is_missing: bool) -> None:
        now = self._monotonic()
        is_stale = self._loaded_at is None or now - self._loaded_at >= FRESH_S
        has_just_tried = self._tried_at is not None and now - self._tried_at < RETRY_S
        if has_just_tried or not (is_stale or is_missing):
            return
        self._tried_at = now
        try:
            self._keys = read_keys(await self._load())
            self._loaded_at = now
        except (OSError, ValueError, httpx.HTTPError, jwt.PyJWTError) as error:
            logger.warning("identity.keys_not_read", reason=type(error).__name__)
            if self._loaded_at is None or now - self._loaded_at > STALE_S:
                self._keys = {}


def read_keys(text: str) -> dict[str | None, jwt.PyJWK]:
    """The usable keys of a set by their names: RSA and P-256, for signatures.

    Raises:
        PyJWTError, ValueError: it is no key set, or no key of it can be used.
    """
    found: dict[str | None, jwt.PyJWK] = {}
    for key in jwt.PyJWKSet.from_json(text):
        if key.public_key_use in (None, "sig") and _is_strong(key):
            found[key.key_id] = key
    if not found:
        raise ValueError("no key for RS256 or ES256 in the set")
    return found


def _is_strong(key: jwt.PyJWK) -> bool:
    # Never symmetric, never private: a shared secret is set as one, not published.
    match key.key:
        case RSAPublicKey():
            return key.key.key_size >= MIN_RSA_BITS and key.algorithm_name == "RS256"
        case EllipticCurvePublicKey():
            return isinstance(key.key.curve, SECP256R1) and key.algorithm_name == "ES256"
        case _:
            return False


def load_from(url: str, file: Path | None, client: httpx.AsyncClient | None = None) -> Load:
    """How to read the set from its address or file.

    Raises:
        InvalidInput: the address is not https (loopback may be http).
    """
    if file is not None:

        async def read() -> str:
            return await asyncio.to_thread(file.read_text, encoding="utf-8")

        return read
    parts = urlsplit(url)
    is_loopback = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback):
        raise InvalidInput(
            "HEIDI_IDENTITY_JWKS_URL is no https address.",
            field="identity_jwks_url",
            remedy="Whoever can alter the keys on their way can sign as any customer.",
        )

    async def fetch() -> str:
        if client is not None:
            return await _get(client, url)
        async with httpx.AsyncClient(timeout=TIMEOUT_S) as own:
            return await _get(own, url)

    return fetch


async def _get(client: httpx.AsyncClient, url: str) -> str:
    body = bytearray()
    async with client.stream("GET", url, headers={"Accept": "application/json"}) as response:
        response.raise_for_status()
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > MAX_BYTES:
                raise ValueError("the key set is too large")
    return body.decode("utf-8")


def _unknown() -> IdentityInvalid:
    return IdentityInvalid(
        "The identity token is not signed with a key that this site knows.",
        remedy="Let the host page fetch a fresh token from its server, or sign in again.",
    )
