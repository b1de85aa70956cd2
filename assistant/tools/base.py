"""Owns what the tools share: how a schema is written, and what they take from their context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.core.caller import VerifiedCustomer
from assistant.core.errors import IdentityRequired, ToolFailed
from assistant.core.events import JsonObject
from assistant.core.toolbox import Preview, ToolContext, ToolPolicy
from assistant.core.wishes import Wish

READS_OWN_DATA = ToolPolicy(needs_identity=True, writes=False)
READS_PUBLIC_DATA = ToolPolicy(needs_identity=False, writes=False)

DAY_PATTERN = r"^\d{4}-\d{2}-\d{2}$"


def writes_own_data(wish: Wish) -> ToolPolicy:
    """The policy of a confirmed write of the customer's own data that visitors ask for so."""
    return ToolPolicy(needs_identity=True, writes=True, wish=wish)


class ReadTool:
    """Base of the tools that change nothing, and so have nothing to preview."""

    async def preview(self, arguments: JsonObject, context: ToolContext) -> Preview:
        """Refuse: there is nothing to confirm."""
        raise ToolFailed("This changes nothing, so there is nothing to confirm.")


def object_schema(
    properties: Mapping[str, Mapping[str, Any]], required: Sequence[str] = ()
) -> JsonObject:
    """A JSON Schema of an object with these properties and no others."""
    return {
        "type": "object",
        "properties": {name: dict(schema) for name, schema in properties.items()},
        "required": list(required),
        "additionalProperties": False,
    }


def text_schema(description: str, max_length: int) -> Mapping[str, Any]:
    """A piece of text."""
    return {"type": "string", "minLength": 1, "maxLength": max_length, "description": description}


def day_schema(description: str) -> Mapping[str, Any]:
    """A calendar day."""
    return {"type": "string", "pattern": DAY_PATTERN, "description": f"{description} (YYYY-MM-DD)"}


def moment_schema(description: str) -> Mapping[str, Any]:
    """A moment: local in the visitor's time zone, or with an offset."""
    return {
        "type": "string",
        "minLength": 10,
        "maxLength": 40,
        "description": f"{description}; ISO 8601, in the visitor's time zone unless an offset "
        "is given, such as 2026-12-01T15:00",
    }


def limit_schema(most: int, default: int) -> Mapping[str, Any]:
    """How many entries are wanted."""
    return {"type": "integer", "minimum": 1, "maximum": most, "default": default}


def customer_of(context: ToolContext) -> str:
    """The verified customer's id: the only source of one in any tool.

    Raises:
        IdentityRequired: the caller is no verified customer.
    """
    if not isinstance(context.caller, VerifiedCustomer):
        raise IdentityRequired("Please sign in first.")
    return context.caller.customer_id


def key_of(context: ToolContext) -> str:
    """The idempotency key of a confirmed write.

    Raises:
        ToolFailed: there is none, so nobody confirmed this write.
    """
    if not context.idempotency_key:
        raise ToolFailed("This needs your confirmation first.")
    return context.idempotency_key
