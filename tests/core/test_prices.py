"""What a model's tokens cost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from assistant.core.prices import Prices, cost_of

PLAIN = Prices(input_usd=Decimal("0.75"), output_usd=Decimal("4.50"))
CACHING = Prices(
    input_usd=Decimal("0.75"), output_usd=Decimal("4.50"), cached_input_usd=Decimal("0.075")
)


@pytest.mark.parametrize(
    ("prices", "counts", "usd"),
    [
        (PLAIN, (0, 0, 0), "0"),
        (PLAIN, (1_000_000, 0, 0), "0.75"),
        (PLAIN, (2_000, 300, 0), "0.00285"),
        (PLAIN, (2_000, 300, 1_000), "0.00285"),
        (CACHING, (2_000, 300, 1_000), "0.002175"),
        (CACHING, (1_000, 0, 5_000), "0.000075"),
        (CACHING, (1_000, 0, -5), "0.00075"),
    ],
)
def test_tokens_cost_their_prices_and_cached_ones_less(prices, counts, usd):
    prompt, completion, cached = counts

    cost = cost_of(prices, prompt_tokens=prompt, completion_tokens=completion, cached_tokens=cached)

    assert cost == Decimal(usd)
