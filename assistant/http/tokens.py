"""Owns tokens: the visitor token that Heidi signs and the identity token that the host signs.

Both are JSON Web Tokens (RFC 7519); a token never chooses how it is verified (RFC 8725, section
3.1): by a secret it is HS256, by a public key whatever that key is for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import jwt

from assistant.core.errors import IdentityInvalid
from assistant.http.errors import VisitorTokenInvalid
from assistant.http.jwks import KeySet

ALGORITHM = "HS256"
VISITOR_AUDIENCE = "heidi-visitor"
VISITOR_LIFETIME = timedelta(days=30)
IDENTITY_AUDIENCE = "heidi"
IDENTITY_LIFETIME = timedelta(minutes=15)
"""A host's token may be valid this long at most; longer ones are refused."""
MAX_ID_CHARACTERS = 200
LEEWAY = timedelta(seconds=30)
"""Clocks of two servers differ."""


@dataclass(frozen=True, kw_only=True)
class VisitorClaims:
    """What a visitor token says: who holds it and which conversation it owns."""

    visitor_id: str
    conversation_id: str
    generation: int = 0
    """How many tokens of the conversation came before it (`assistant/http/rotation.py`)."""
    issued_at: datetime | None = field(default=None, compare=False)
    """None until it is signed."""
    expires_at: datetime | None = field(default=None, compare=False)
    """None in what is signed first; a successor ends when its predecessor would have."""


@dataclass(frozen=True, kw_only=True)
class IdentityClaims:
    """What a host's token says: which of its customers is looking at the page."""

    customer_id: str
    name: str
    issued_at: int = field(default=0, compare=False)
    """`iat`, in seconds since 1970, by the host's clock."""
    digest: str = field(default="", compare=False)
    """SHA-256 (hex) of what the signature covers: names this very token. The signature itself can
    be written in more ways than one."""
    expires_at: datetime = field(default=datetime.max.replace(tzinfo=UTC), compare=False)
    """From when on it is refused: `exp` and what clocks may differ."""


class VisitorTokens:
    """Signs and verifies visitor tokens.

    Args:
        secret: Heidi's own secret, at least 32 bytes.
        clock: the time, in UTC.
        previous: the secret before it, whose tokens are still verified; empty: there is none.
    """

    def __init__(self, secret: str, clock: Callable[[], datetime], *, previous: str = "") -> None:
        self._secret = secret
        self._previous = previous
        self._clock = clock

    def sign(self, claims: VisitorClaims) -> str:
        """A token of the conversation, issued now; it lives on as long as the claims say."""
        now = self._clock()
        payload = {
            "sub": claims.visitor_id,
            "conversation": claims.conversation_id,
            "gen": claims.generation,
            "aud": VISITOR_AUDIENCE,
            "iat": now,
            "exp": claims.expires_at or now + VISITOR_LIFETIME,
        }
        return jwt.encode(payload, self._secret, algorithm=ALGORITHM)

    def verify(self, token: str) -> VisitorClaims:
        """What the token says.

        Raises:
            VisitorTokenInvalid: it is not ours, altered or expired.
        """
        try:
            payload = _decoded(
                token,
                (self._secret, self._previous),
                algorithms=[ALGORITHM],
                audience=VISITOR_AUDIENCE,
                # Another worker may have signed it a moment ago by a clock that is ahead.
                options={"require": ["sub", "conversation", "iat", "exp"], "verify_iat": False},
            )
            return VisitorClaims(
                visitor_id=str(payload["sub"]),
                conversation_id=str(payload["conversation"]),
                # Those that were signed before there were generations are of the first one.
                generation=int(payload.get("gen", 0)),
                issued_at=datetime.fromtimestamp(int(payload["iat"]), UTC),
                expires_at=datetime.fromtimestamp(int(payload["exp"]), UTC),
            )
        except (jwt.PyJWTError, ArithmeticError, ValueError, TypeError) as error:
            raise VisitorTokenInvalid(
                "The visitor token is not valid or has expired.",
                remedy="Start a new conversation with POST /v1/conversations.",
            ) from error


class IdentityVerifier(Protocol):
    """Tells who a host's token names."""

    async def claims(self, token: str) -> IdentityClaims:
        """Which customer the token names.

        Raises:
            IdentityInvalid: wrong key, issuer or audience, expired, or valid for too long.
        """
        ...


class IdentityTokens:
    """Verifies the host page's tokens with a shared secret.

    Args:
        secret: shared with the host's server, at least 32 bytes.
        issuer: the `iss` that the host signs with.
        previous: the secret before it, which the host may still sign with; empty: there is none.
    """

    def __init__(self, secret: str, issuer: str, *, previous: str = "") -> None:
        self._secrets = (secret, previous)
        self._issuer = issuer

    def verify(self, token: str) -> IdentityClaims:
        """Which customer the token names.

        Raises:
            IdentityInvalid: wrong key, issuer or audience, expired, or valid for too long.
        """
        return _claims_of(token, self._secrets, ALGORITHM, self._issuer)

    async def claims(self, token: str) -> IdentityClaims:
        """As `verify`."""
        return self.verify(token)


class PublicKeyIdentityTokens:
    """Verifies the host page's tokens with its public keys; a shared secret is never tried.

    Args:
        keys: the host's keys.
        issuer: the `iss` that the host signs with.
    """

    def __init__(self, keys: KeySet, issuer: str) -> None:
        self._keys = keys
        self._issuer = issuer

    async def claims(self, token: str) -> IdentityClaims:
        """Which customer the token names.

        Raises:
            IdentityInvalid: wrong key, issuer or audience, expired, or valid for too long.
        """
        key = await self._keys.key_of(token)
        # The key, not the token, says the algorithm (RFC 8725, section 3.1).
        return _claims_of(token, (key,), key.algorithm_name, self._issuer)


def _decoded(token: str, keys: Sequence[str | jwt.PyJWK], **how: Any) -> dict[str, Any]:  # noqa: ANN401
    """What a token says that one of the keys has signed; empty keys are none."""
    *earlier, last = [key for key in keys if key]
    for key in earlier:
        with suppress(jwt.InvalidSignatureError):
            return dict(jwt.decode(token, key, **how))
    return dict(jwt.decode(token, last, **how))


def _claims_of(
    token: str, keys: Sequence[str | jwt.PyJWK], algorithm: str, issuer: str
) -> IdentityClaims:
    try:
        payload = _decoded(
            token,
            keys,
            algorithms=[algorithm],
            audience=IDENTITY_AUDIENCE,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": ["sub", "exp", "iat", "aud", "iss"]},
        )
        lifetime_s = int(payload["exp"]) - int(payload["iat"])
    except (jwt.PyJWTError, ArithmeticError, ValueError, TypeError) as error:
        reason = "has expired" if isinstance(error, jwt.ExpiredSignatureError) else "is not valid"
        raise IdentityInvalid(
            f"The identity token {reason}.",
            remedy="Let the host page fetch a fresh token from its server, or sign in again.",
        ) from error
    customer_id = str(payload["sub"])
    if lifetime_s > IDENTITY_LIFETIME.total_seconds() or not _is_id(customer_id):
        raise IdentityInvalid(
            "The identity token is valid for longer than 15 minutes or names nobody.",
            remedy="Sign short-lived tokens with the customer's id as `sub`, "
            f"at most {MAX_ID_CHARACTERS} printable characters.",
        )
    name = "".join(filter(str.isprintable, str(payload.get("name") or "")))
    return IdentityClaims(
        customer_id=customer_id,
        name=name[:200],
        issued_at=int(payload["iat"]),
        expires_at=datetime.fromtimestamp(int(payload["exp"]), UTC) + LEEWAY,
        digest=hashlib.sha256(token.rpartition(".")[0].encode()).hexdigest(),
    )


def _is_id(customer_id: str) -> bool:
    # Not cut to length: two customers could become one.
    return 0 < len(customer_id) <= MAX_ID_CHARACTERS and customer_id.isprintable()
