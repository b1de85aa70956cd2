"""Owns what a tool of somebody else's server may ask of the model: its schema, made safe. Pure.

The schema comes from outside. It is cut down to what can be checked without asking anybody and
without a regular expression of theirs, and the argument that names the customer is taken out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from assistant.core.events import JsonObject

MOST_BYTES = 10_000

_DROPPED = frozenset({"pattern", "patternProperties", "format", "$schema", "$id", "default"})
"""Patterns can be made to run for ever; the rest means nothing here."""
_NAMED = frozenset({"properties", "$defs", "definitions", "dependentSchemas"})
_NAMES_A_CUSTOMER = re.compile(
    r"customer|(?:user|client|member|account_?holder)_?(?:id|no|number)", re.I
)


class SchemaRefused(Exception):
    """A tool can't be exposed with this schema; says why."""


def safe_schema(schema: Mapping[str, Any], own_arguments: Sequence[str] = ()) -> JsonObject:
    """The schema of what the model may pass.

    Args:
        schema: the server's.
        own_arguments: the properties that we fill in.

    Raises:
        SchemaRefused: it is no object's, too large, refers elsewhere, or lets the model name a
            customer.
    """
    if schema.get("type") != "object":
        raise SchemaRefused("its arguments are no object")
    cleaned = _clean(schema)
    properties = dict(cleaned.get("properties", {}))
    for own in own_arguments:
        if properties.pop(own, None) is None:
            raise SchemaRefused(f"it has no argument {own}")
        cleaned["required"] = [name for name in cleaned.get("required", ()) if name != own]
    _check_names(properties)
    made = {**cleaned, "properties": properties, "additionalProperties": False}
    if len(json.dumps(made)) > MOST_BYTES:
        raise SchemaRefused("its schema is too large")
    try:
        Draft202012Validator.check_schema(made)
    except SchemaError as error:
        raise SchemaRefused("its schema is invalid") from error
    return made


def _check_names(properties: Mapping[str, Any]) -> None:
    for name in properties:
        if _NAMES_A_CUSTOMER.search(name):
            raise SchemaRefused(
                f"its argument {name} names a customer; set customer_argument to it"
            )


def _clean(value: Any, depth: int = 0) -> Any:  # noqa: ANN401 - JSON
    if depth > 30:
        raise SchemaRefused("its schema is too deep")
    if isinstance(value, list):
        return [_clean(item, depth + 1) for item in value]
    if not isinstance(value, Mapping):
        return value
    for reference in ("$ref", "$dynamicRef"):
        # One that leads elsewhere would be fetched by whoever checks the arguments.
        if not str(value.get(reference, "#")).startswith("#"):
            raise SchemaRefused("its schema refers to somewhere else")
    return {
        name: _clean_each(item, depth + 1) if name in _NAMED else _clean(item, depth + 1)
        for name, item in value.items()
        if name not in _DROPPED
    }


def _clean_each(value: Any, depth: int) -> Any:  # noqa: ANN401 - JSON
    """Schemas by name: here a key is a name and no keyword."""
    if not isinstance(value, Mapping):
        return value
    return {name: _clean(schema, depth) for name, schema in value.items()}
