"""Owns what a model's tokens cost. Pure; money is decimal."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

MILLION = Decimal(1_000_000)


@dataclass(frozen=True, kw_only=True)
class Prices:
    """US dollars for a million tokens."""

    input_usd: Decimal
    output_usd: Decimal
    cached_input_usd: Decimal | None = None
    """Of the part of the input that the provider had read before; None: as any other input."""


def cost_of(
    prices: Prices, *, prompt_tokens: int, completion_tokens: int, cached_tokens: int = 0
) -> Decimal:
    """What a call costs, in US dollars.

    Args:
        prices: of the model.
        prompt_tokens: all that was read, what was cached included.
        completion_tokens: all that was written.
        cached_tokens: how many of the read ones were cached.
    """
    cached = min(max(cached_tokens, 0), prompt_tokens)
    cached_price = prices.cached_input_usd
    parts = (
        (prompt_tokens - cached) * prices.input_usd,
        cached * (prices.input_usd if cached_price is None else cached_price),
        completion_tokens * prices.output_usd,
    )
    return sum(parts, start=Decimal(0)) / MILLION
