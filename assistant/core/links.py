"""Owns which addresses may become links. Pure.

Addresses come from feeds and from models; a page that shows `javascript:` as a link runs it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

_WEB = frozenset({"http", "https"})


def web_address(url: str) -> str:
    """The address if it is one of the web, else nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    is_plain = url.isprintable() and not any(character.isspace() for character in url)
    return url if is_plain and parts.scheme.lower() in _WEB and parts.hostname else ""


def local_path(path: str) -> str:
    """The path if it leads to a page of this server, else nothing."""
    is_local = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if is_local and path.isprintable() else ""
