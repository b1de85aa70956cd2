"""Owns how an event's body is written to and read from JSON.

What is written can always be read again and sent on: what PostgreSQL's JSON, UTF-8 or a browser's
JSON would refuse is replaced here, since one such event would make its conversation unreadable.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from assistant.core.events import EventBody

_BODIES: TypeAdapter[EventBody] = TypeAdapter(Annotated[EventBody, Field(discriminator="type")])


def encode_body(body: EventBody) -> dict[str, Any]:
    """A body as a JSON object, `type` included."""
    encoded: dict[str, Any] = _storable(_BODIES.dump_python(body, mode="json"))
    return encoded


def decode_body(data: dict[str, Any]) -> EventBody:
    """A body from its JSON object.

    Raises:
        pydantic.ValidationError: the object is no event that this version knows.
    """
    return _BODIES.validate_python(data)


def _storable(value: Any) -> Any:  # noqa: ANN401 - JSON
    match value:
        case str():
            return value.encode("utf-8", "replace").decode().replace("\x00", "")
        case float() if not math.isfinite(value):
            return str(value)
        case dict():
            return {_storable(name): _storable(inner) for name, inner in value.items()}
        case list():
            return [_storable(inner) for inner in value]
        case _:
            return value
