"""Owns the reading of timezone names. Pure."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from assistant.core.errors import InvalidInput


def zone(name: str) -> ZoneInfo:
    """The IANA timezone of this name.

    Raises:
        InvalidInput: there is none.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise InvalidInput(
            f"{name[:60]!r} is no timezone.",
            field="timezone",
            remedy="Send an IANA name such as Europe/Zurich, or leave it out for UTC.",
        ) from error
