"""Owns how an event's body is written to and read from JSON."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from assistant.core.events import EventBody

_BODIES: TypeAdapter[EventBody] = TypeAdapter(Annotated[EventBody, Field(discriminator="type")])


def encode_body(body: EventBody) -> dict[str, Any]:
    """A body as a JSON object, `type` included."""
    encoded: dict[str, Any] = _BODIES.dump_python(body, mode="json")
    return encoded


def decode_body(data: dict[str, Any]) -> EventBody:
    """A body from its JSON object.

    Raises:
        pydantic.ValidationError: the object is no event that this version knows.
    """
    return _BODIES.validate_python(data)
