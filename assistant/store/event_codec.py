"""Owns how an event's body is written to and read from JSON.

What is written can always be read again and sent on: what PostgreSQL's JSON, UTF-8 or a browser's
JSON would refuse is replaced here, since one such event would make its conversation unreadable.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, get_args

from pydantic import Field, TypeAdapter
from pydantic_core import to_jsonable_python

from assistant.core.events import EventBody, UnknownEvent

_BODIES: TypeAdapter[EventBody] = TypeAdapter(Annotated[EventBody, Field(discriminator="type")])
_KNOWN_TYPES = frozenset(
    field.default for cls in get_args(EventBody) for field in fields(cls) if field.name == "type"
)
_PLAIN = frozenset({str, int, bool, type(None)})


def encode_body(body: EventBody) -> dict[str, Any]:
    """A body as a JSON object, `type` included."""
    return _fields(body)


def decode_body(data: dict[str, Any]) -> EventBody | UnknownEvent:
    """A body from its JSON object; one of a type that only a later version knows stays opaque.

    Raises:
        pydantic.ValidationError: the object is no event at all.
    """
    kind = data.get("type")
    if isinstance(kind, str) and kind and kind not in _KNOWN_TYPES:
        return UnknownEvent(type=kind, data=data)
    return _BODIES.validate_python(data)


def as_read(body: EventBody, data: dict[str, Any]) -> EventBody | UnknownEvent:
    """What `decode_body` makes of the encoded body; a flat one that was kept as it is, is that."""
    values = vars(body)
    is_flat = all(type(value) in _PLAIN for value in values.values())
    return body if is_flat and values == data else decode_body(data)


def _storable(value: Any) -> Any:  # noqa: ANN401 - JSON
    kind = type(value)
    if kind is str:
        return _clean(value)
    if kind in _PLAIN:
        return value
    match value:
        case float():
            return value if math.isfinite(value) else None
        case Mapping():
            return {_clean(str(name)): _storable(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_storable(inner) for inner in value]
        case _ if is_dataclass(value):
            return _fields(value)
        case _:
            return _storable(to_jsonable_python(value))


def _fields(value: Any) -> dict[str, Any]:  # noqa: ANN401 - any dataclass
    """A dataclass as a JSON object; a number that must be there is written in words if need be."""
    return {
        name: str(inner)
        if isinstance(inner, float) and not math.isfinite(inner)
        else _storable(inner)
        for name, inner in vars(value).items()
    }


def _clean(text: str) -> str:
    is_usual = text.isascii() and "\x00" not in text
    return text if is_usual else text.encode("utf-8", "replace").decode().replace("\x00", "")
