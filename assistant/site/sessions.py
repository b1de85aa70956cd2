"""Owns the demo site's sign-in: the signed session cookie and the identity token for Heidi.

Stands in for the login of a real host page; Heidi herself only ever sees the token.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt
from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from assistant.site.customers import SiteCustomer

SESSION_COOKIE = "jmac_session"
SESSION_LIFETIME = timedelta(hours=12)
TOKEN_LIFETIME = timedelta(minutes=10)
TOKEN_AUDIENCE = "heidi"

_LOCAL_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]{0,500}")


@dataclass(frozen=True, kw_only=True)
class CookiePolicy:
    """How the site's cookies are sent."""

    is_secure: bool
    """Over TLS only."""

    def set(self, response: Response, name: str, value: str, lifetime: timedelta) -> None:
        """Set a cookie that scripts can't read and other sites' forms don't carry."""
        response.set_cookie(
            name,
            value,
            max_age=int(lifetime.total_seconds()),
            path="/",
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )


class Sessions:
    """Knows which demo customer a request comes from.

    Args:
        secret: signs the cookie.
        customers: who can be signed in.
        clock: the time, in UTC.
        cookies: how cookies are sent.
    """

    def __init__(
        self,
        secret: str,
        customers: tuple[SiteCustomer, ...],
        clock: Callable[[], datetime],
        cookies: CookiePolicy,
    ) -> None:
        self._signer = URLSafeSerializer(secret, salt="jmac-session")
        self._customers: Mapping[str, SiteCustomer] = {each.id: each for each in customers}
        self._clock = clock
        self._cookies = cookies

    def find(self, customer_id: str) -> SiteCustomer | None:
        """The demo customer with this id."""
        return self._customers.get(customer_id)

    def customer(self, request: Request) -> SiteCustomer | None:
        """Who is signed in; nobody if the cookie is missing, altered or too old."""
        try:
            session = self._signer.loads(request.cookies.get(SESSION_COOKIE, ""))
            age_s = self._clock().timestamp() - session["at"]
            customer_id = session["customer"]
        except (BadSignature, KeyError, TypeError):
            return None
        if not 0 <= age_s < SESSION_LIFETIME.total_seconds():
            return None
        return self.find(customer_id)

    def sign_in(self, response: Response, customer: SiteCustomer) -> None:
        """Remember the customer in the visitor's browser."""
        session = {"customer": customer.id, "at": int(self._clock().timestamp())}
        value = self._signer.dumps(session)
        self._cookies.set(response, SESSION_COOKIE, str(value), SESSION_LIFETIME)

    def sign_out(self, response: Response) -> None:
        """Forget the customer."""
        response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")


class DemoIdentityIssuer:
    """Signs the short-lived tokens by which the demo site tells Heidi who is signed in.

    Args:
        secret: shared with Heidi, at least 32 bytes.
        issuer: the `iss` that Heidi expects.
        clock: the time, in UTC.
    """

    def __init__(self, secret: str, issuer: str, clock: Callable[[], datetime]) -> None:
        self._secret = secret
        self._issuer = issuer
        self._clock = clock

    def issue(self, customer: SiteCustomer) -> str:
        """A token that names the customer (RFC 7519)."""
        now = self._clock()
        claims = {
            "sub": customer.id,
            "name": customer.name,
            "iss": self._issuer,
            "aud": TOKEN_AUDIENCE,
            "iat": now,
            "exp": now + TOKEN_LIFETIME,
            "jti": secrets.token_hex(16),
        }
        return jwt.encode(claims, self._secret, algorithm="HS256")


def local_path(wanted: str | None) -> str:
    """Where to go after sign-in: the wanted path if it is one of this site, else the front page."""
    return wanted if wanted and _LOCAL_PATH.fullmatch(wanted) else "/"


def is_cross_site(request: Request) -> bool:
    """Whether a form was sent from a page of another site.

    Fetch Metadata where the browser sends it, else the Origin against the Host; requests with
    neither come from no browser and carry nobody's cookies. OWASP Cross-Site Request Forgery
    Prevention Cheat Sheet, "Fetch Metadata headers".
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    return origin.partition("://")[2] != request.headers.get("Host", "")
