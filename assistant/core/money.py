"""Owns Money: an exact amount in one currency. Never a float, never a sum across currencies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import get_currency_precision


@dataclass(frozen=True, kw_only=True)
class Money:
    """An amount of a currency."""

    amount: Decimal
    """Signed; exact."""
    currency: str
    """ISO 4217 code, such as `EUR`."""

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal) or not self.amount.is_finite():
            raise ValueError(f"an amount is a finite Decimal, not {self.amount!r}")
        if not (len(self.currency) == 3 and self.currency.isascii() and self.currency.isupper()):
            raise ValueError(f"not an ISO 4217 code: {self.currency!r}")

    @classmethod
    def of_minor(cls, units: int, currency: str) -> Money:
        """Money from minor units: 248015 and `EUR` are €2,480.15; 500 and `JPY` are ¥500."""
        return cls(
            amount=Decimal(units).scaleb(-get_currency_precision(currency)), currency=currency
        )

    @property
    def minor(self) -> int:
        """The amount in minor units (cents).

        Raises:
            ValueError: the amount has more decimals than the currency.
        """
        scaled = self.amount.scaleb(get_currency_precision(self.currency))
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{self.amount} has more decimals than {self.currency}")
        return int(scaled)

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"can't add {other.currency} to {self.currency}")
        return Money(amount=self.amount + other.amount, currency=self.currency)

    def __abs__(self) -> Money:
        return Money(amount=abs(self.amount), currency=self.currency)

    def as_json(self) -> dict[str, str]:
        """For tool results: the amount as a decimal string, so that no reader rounds it."""
        return {"amount": f"{self.amount:f}", "currency": self.currency}


def totals_by_currency(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """One sum for each currency, in the order in which the currencies first appear."""
    totals: dict[str, Money] = {}
    for money in amounts:
        earlier = totals.get(money.currency)
        totals[money.currency] = money if earlier is None else earlier + money
    return tuple(totals.values())
