"""Money is exact and never mixes currencies."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.core.money import Money, totals_by_currency


def money(amount: str, currency: str) -> Money:
    return Money(amount=Decimal(amount), currency=currency)


def test_a_float_is_no_amount():
    with pytest.raises(ValueError, match="Decimal"):
        Money(amount=1.5, currency="EUR")
    with pytest.raises(ValueError, match="Decimal"):
        Money(amount=Decimal("NaN"), currency="EUR")


@pytest.mark.parametrize("currency", ["eur", "EURO", "", "€€€"])
def test_a_currency_is_an_iso_code(currency):
    with pytest.raises(ValueError, match="ISO"):
        money("1", currency)


def test_minor_units_follow_the_currency():
    assert Money.of_minor(248015, "EUR") == money("2480.15", "EUR")
    assert Money.of_minor(500, "JPY") == money("500", "JPY")
    assert Money.of_minor(1234, "KWD") == money("1.234", "KWD")


def test_an_amount_finer_than_its_currency_has_no_minor_units():
    with pytest.raises(ValueError, match="decimals"):
        _ = money("0.005", "EUR").minor


@given(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD", "CHF"]))
def test_minor_units_round_trip(units, currency):
    assert Money.of_minor(units, currency).minor == units


def test_currencies_do_not_add_up():
    with pytest.raises(ValueError, match="USD"):
        money("1", "EUR") + money("1", "USD")
    assert totals_by_currency([money("1", "EUR"), money("2", "USD"), money("3.50", "EUR")]) == (
        money("4.50", "EUR"),
        money("2", "USD"),
    )


def test_json_keeps_every_digit():
    assert money("-12.00", "USD").as_json() == {"amount": "-12.00", "currency": "USD"}
    assert money("1E+3", "USD").as_json() == {"amount": "1000", "currency": "USD"}
