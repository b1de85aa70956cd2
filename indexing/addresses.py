"""Owns comparing web addresses: which ones lead to the same article."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, urlencode, urljoin, urlsplit

_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|mc_[ce]id|_hs\w+"
    r"|mkt_tok|ncid|s_kwcid|at_(medium|campaign)|xtor|ocid|smid|cmpid?",
    re.IGNORECASE,
)
"""What is added to addresses to count readers; it never leads to another page."""
_REFERRING = re.compile(r"ref(errer)?|source|src|rss|feed|partner|amp", re.IGNORECASE)
"""What hardly ever does."""
_SPACE = re.compile(r"[\s\x00-\x1f]+")


def absolute_address(address: str, base: str) -> str | None:
    """An http(s) address as it can be fetched, without a fragment; none if it is no such thing.

    Args:
        address: As it was found; may be relative.
        base: Where it was found.
    """
    try:
        parts = urlsplit(urljoin(base, _SPACE.sub("", address)))
        _ = parts.port, address.encode()
    except ValueError:  # also of a port that is none, and of half a character
        return None
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[^\s/@]+", host):
        return None
    return parts._replace(fragment="").geturl()


def without_tracking(address: str) -> str:
    """The address without what only counts its readers; everything else stays as it is."""
    parts = urlsplit(address)
    kept = [part for part in parts.query.split("&") if not _TRACKING.fullmatch(part.split("=")[0])]
    return parts._replace(query="&".join(kept)).geturl()


def canonical_address(address: str) -> str:
    """What all addresses of one article have in common: no scheme, tracking, `www.` or `/amp`."""
    parts = urlsplit(address)
    host = _host(parts)
    path = re.sub(r"/(amp|index\.(html?|php))/?$", "/", parts.path).rstrip("/")
    query = urlencode(
        sorted(
            (name, value)
            for name, value in parse_qsl(parts.query)
            if not _TRACKING.fullmatch(name) and not _REFERRING.fullmatch(name)
        )
    )
    return f"{host}{path}?{query}" if query else f"{host}{path}"


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removeprefix("www.").removeprefix("amp.")
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return host if parts.port in (None, usual) else f"{host}:{parts.port}"
