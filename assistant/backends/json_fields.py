"""Owns reading single values out of somebody else's JSON, exactly. Pure.

A path names a value: `contact.email`, `lines.0.total`; one that begins with `=` is the text that
follows. Numbers must have been parsed as `Decimal` or `int`: a float is refused, not rounded.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from assistant.core.money import Money

AmountUnit = Literal["major", "minor"]
"""Whether 12.50 euros come as 12.50 or as 1250."""

LONGEST_TEXT = 500


class UnreadableAnswer(Exception):
    """A document is not as the mapping says; names the path, never the value."""


def pick(document: object, path: str) -> Any:  # noqa: ANN401 - JSON
    """The value at a path; None if it or a part of the way is missing."""
    if path.startswith("="):
        return path[1:]
    found: Any = document
    for step in path.split(".") if path else ():
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def read_text(document: object, path: str) -> str:
    """A text; a missing one is empty.

    Raises:
        UnreadableAnswer: something else than a text or whole number.
    """
    found = pick(document, path)
    if found is None:
        return ""
    if isinstance(found, bool) or not isinstance(found, str | int):
        raise UnreadableAnswer(f"{path} is no text")
    return str(found)[:LONGEST_TEXT]


def read_name(document: object, path: str) -> str:
    """A text that must not be missing.

    Raises:
        UnreadableAnswer: it is.
    """
    found = read_text(document, path)
    if not found:
        raise UnreadableAnswer(f"{path} is missing")
    return found


def read_list(document: object, path: str) -> list[Any]:
    """A list; a missing one is empty.

    Raises:
        UnreadableAnswer: something else.
    """
    found = pick(document, path)
    if found is None:
        return []
    if not isinstance(found, list):
        raise UnreadableAnswer(f"{path or 'the answer'} is no list")
    return found


def read_day(document: object, path: str) -> date:
    """A calendar day: ISO 8601; of a moment, its day as written.

    Raises:
        UnreadableAnswer: no day.
    """
    try:
        return date.fromisoformat(read_name(document, path)[:10])
    except ValueError as error:
        raise UnreadableAnswer(f"{path} is no day") from error


def read_optional_day(document: object, path: str) -> date | None:
    """A calendar day, or None if there is none."""
    return read_day(document, path) if read_text(document, path) else None


def read_money(document: object, amount_path: str, currency_path: str, unit: AmountUnit) -> Money:
    """An exact amount: a decimal number, or one written as text.

    Raises:
        UnreadableAnswer: no amount, or no currency.
    """
    found = pick(document, amount_path)
    try:
        if isinstance(found, bool) or not isinstance(found, str | int | Decimal):
            raise UnreadableAnswer(f"{amount_path} is no amount")
        amount = Decimal(found)
        currency = read_name(document, currency_path).upper()
        if unit == "minor":
            return Money.of_minor(_whole(amount), currency)
        return _in_full(Money(amount=amount, currency=currency))
    except (InvalidOperation, ValueError) as error:
        raise UnreadableAnswer(f"{amount_path} is no amount") from error


def _whole(amount: Decimal) -> int:
    if amount != amount.to_integral_value():
        raise ValueError("a fraction of the smallest unit")
    return int(amount)


def _in_full(money: Money) -> Money:
    """The same amount with all decimals of its currency: 7 euros are 7.00."""
    try:
        return Money.of_minor(money.minor, money.currency)
    except ValueError:
        return money
