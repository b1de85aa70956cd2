"""Owns the reading of a typed decision on a pending confirmation. Pure."""

from __future__ import annotations

from typing import Literal

_YES = {"yes", "yes please", "confirm", "ok", "okay", "do it"}
_NO = {"no", "no thanks", "don't"}


def read_decision(message: str) -> Literal["confirm", "decline"] | None:
    """What a message that is nothing but a yes or a no decides."""
    plain = message.lower().strip(" .!")
    if plain in _YES:
        return "confirm"
    return "decline" if plain in _NO else None
