"""Owns what may be sent to a server of somebody else: arguments in the visitor's words, no data.

A model that was told to can put the customer's balance into the query of a weather service. What
such a tool is given is compared with what the visitor has said: of a write everything that its
policy does not leave free, of a read whatever could carry data. Does not own who may call a tool
(`toolbox.py`) or how words are compared (`core/provenance.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from assistant.core.errors import InvalidInput
from assistant.core.events import JsonObject
from assistant.core.provenance import VisitorWords
from assistant.core.toolbox import ReadResult, ToolContext
from assistant.tools.said import require_said_contacts

LONGEST_TEXT = 300
"""Characters of one argument of a read that may be worded by the model."""
MOST_DIGITS = 3
"""Of a number that nobody said: "the last 20", no balance and no account."""

_BLOB = re.compile(r"[A-Za-z0-9+/=_%-]{24,}")
"""Longer than words are: encoded data."""
_DIGITS = re.compile(r"[\w.,:+-]*\d[\w.,:+-]*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ][\d:]{5,8}(?:Z|[+-]\d\d:\d\d)?)?")
_USE_OWN_WORDS = "Use the visitor's own words, or ask the visitor for it."

Leaf = tuple[str, str | float]
"""Name of the argument and one value in it."""


def require_said_arguments(
    arguments: JsonObject, schema: JsonObject, free: Collection[str], context: ToolContext
) -> None:
    """Refuse a write with a text or number that the visitor did not say.

    Args:
        arguments: of the call.
        schema: of the arguments; its fixed choices may be chosen from.
        free: arguments that the policy leaves to the model, but for addresses and phone numbers.
        context: of the call.

    Raises:
        InvalidInput: one was not said; says which.
    """
    words = context.words
    if words is None:
        return
    for name, value in _leaves(arguments):
        require_said_contacts(name, str(value), context)
        if name not in free and not _is_choice(schema, name, value) and not _is_said(words, value):
            raise _refusal(f"The visitor did not say this {name}.", name)


def require_harmless_arguments(
    arguments: JsonObject, schema: JsonObject, free: Collection[str], context: ToolContext, own: str
) -> None:
    """Refuse a read whose arguments could carry data away.

    Args:
        arguments: of the call.
        schema: of the arguments; its fixed choices may be chosen from.
        free: arguments that the policy leaves to the model, but for addresses and phone numbers.
        context: of the call.
        own: how the names of the same server's tools begin: what it told itself is no secret to it.

    Raises:
        InvalidInput: one could; says which.
    """
    words = context.words
    if words is None:
        return
    told = "\n".join(one.text for one in context.read if one.tool.startswith(own))
    is_private = any(_is_private(one, own) for one in context.read)
    for name, value in _leaves(arguments):
        require_said_contacts(name, str(value), context)
        if name in free or _is_choice(schema, name, value) or str(value) in told:
            continue
        if _carries_data(words, value):
            raise _refusal(f"The {name} holds data that the visitor did not give.", name)
        if is_private and isinstance(value, str) and not _is_said(words, value):
            raise _refusal(f"After account data was read, the {name} must be the visitor's.", name)


def _is_private(result: ReadResult, own: str) -> bool:
    return result.is_private and not result.tool.startswith(own)


def _carries_data(words: VisitorWords, value: str | float) -> bool:
    if not isinstance(value, str):
        return _digits(str(value)) > MOST_DIGITS and not words.hold_number(value)
    if len(value) > LONGEST_TEXT or any(not words.hold(blob) for blob in _BLOB.findall(value)):
        return True
    text = _DAY.sub(" ", value)
    return _digits(text) > MOST_DIGITS and not all(
        words.hold(number.strip(".,:+-")) for number in _DIGITS.findall(text)
    )


def _is_said(words: VisitorWords, value: str | float) -> bool:
    if not isinstance(value, str):
        return words.hold_number(value)
    is_day = _DAY.fullmatch(value) is not None and words.allow_bound(value)
    return is_day or words.hold_words(value)


def _is_choice(schema: JsonObject, name: str, value: str | float) -> bool:
    """Whether the argument's schema lists it as one of few."""
    described = schema.get("properties", {}).get(name, {})
    return value in described.get("enum", ()) or described.get("const") == value


def _leaves(arguments: object, name: str = "") -> Iterator[Leaf]:
    """Every text and number in the arguments, and every name that the model chose below the top."""
    if isinstance(arguments, Mapping):
        for key, value in arguments.items():
            if name:
                yield name, str(key)
            yield from _leaves(value, name or str(key))
    elif isinstance(arguments, list | tuple):
        for value in arguments:
            yield from _leaves(value, name)
    elif isinstance(arguments, str) or (
        isinstance(arguments, int | float) and not isinstance(arguments, bool)
    ):
        yield name, arguments


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _refusal(problem: str, name: str) -> InvalidInput:
    return InvalidInput(problem, field=name, remedy=_USE_OWN_WORDS)
