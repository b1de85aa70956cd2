"""Owns how an event's body is written to and read from JSON.

What is written can always be read again and sent on: what PostgreSQL's JSON, UTF-8 or a browser's
JSON would refuse is replaced here, since one such event would make its conversation unreadable.
"""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Annotated, Any, get_args

from pydantic import Field, TypeAdapter

from assistant.core.events import EventBody, UnknownEvent

_BODIES: TypeAdapter[EventBody] = TypeAdapter(Annotated[EventBody, Field(discriminator="type")])
_KNOWN_TYPES = frozenset(
    field.default for cls in get_args(EventBody) for field in fields(cls) if field.name == "type"
)


def encode_body(body: EventBody) -> dict[str, Any]:
    """A body as a JSON object, `type` included."""
    encoded: dict[str, Any] = _storable(_BODIES.dump_python(body, mode="json"))
    return encoded


def decode_body(data: dict[str, Any]) -> EventBody | UnknownEvent:
    """A body from its JSON object; one of a type that only a later version knows stays opaque.

    Raises:
        pydantic.ValidationError: the object is no event at all.
    """
    kind = data.get("type")
    if isinstance(kind, str) and kind and kind not in _KNOWN_TYPES:
        return UnknownEvent(type=kind, data=data)
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
