"""Owns which requests count as a view of a briefing.

A visitor's repeated loads within half an hour are one view, remembered in a signed cookie, so that
nothing about visitors is stored on the server.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from assistant.site.sessions import CookiePolicy

VIEWS_COOKIE = "jmac_views"
SAME_VIEW = timedelta(minutes=30)
MAX_REMEMBERED = 60
"""Newest views kept; 60 of them make a cookie of about 1.6 kB, browsers allow 4."""

_BOTS = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|externalhit|embedly|monitor|uptime|feed|scrap"
    r"|curl|wget|python|httpx|aiohttp|okhttp|go-http|java/|libwww|lighthouse",
    re.IGNORECASE,
)


class ViewCounting:
    """Decides about requests and remembers what was counted.

    Args:
        secret: signs the cookie.
        clock: the time, in UTC.
        cookies: how cookies are sent.
    """

    def __init__(self, secret: str, clock: Callable[[], datetime], cookies: CookiePolicy) -> None:
        self._signer = URLSafeSerializer(secret, salt="jmac-views")
        self._clock = clock
        self._cookies = cookies

    def counts(self, request: Request, briefing_id: str) -> bool:
        """Whether this request is a new view by a reader."""
        return is_reader(request) and _key(briefing_id) not in self._recent(request)

    def remember(self, request: Request, response: Response, briefing_id: str) -> None:
        """Have the visitor's browser remember that the view was counted."""
        now_s = int(self._clock().timestamp())
        seen = {**self._recent(request), _key(briefing_id): now_s}
        newest = sorted(seen.items(), key=lambda item: item[1])[-MAX_REMEMBERED:]
        value = self._signer.dumps(dict(newest))
        self._cookies.set(response, VIEWS_COOKIE, str(value), SAME_VIEW)

    def _recent(self, request: Request) -> Mapping[str, int]:
        try:
            seen = self._signer.loads(request.cookies.get(VIEWS_COOKIE, ""))
        except BadSignature:
            return {}
        oldest = self._clock().timestamp() - SAME_VIEW.total_seconds()
        return {str(key): int(at) for key, at in seen.items() if at > oldest}


def is_reader(request: Request) -> bool:
    """Whether a person is likely to see the response: no HEAD, no prefetching, no known robot."""
    agent = request.headers.get("User-Agent", "")
    purpose = request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    return (
        request.method == "GET"
        and "prefetch" not in purpose
        and bool(agent)
        and not _BOTS.search(agent)
    )


def _key(briefing_id: str) -> str:
    return hashlib.sha256(briefing_id.encode()).hexdigest()[:12]
