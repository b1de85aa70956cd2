"""Owns the demo customers: made-up people whose data is always as of today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files

import yaml
from pydantic import TypeAdapter

from assistant.store.accounts import (
    AccountRow,
    CustomerRow,
    InvoiceRow,
    TransactionRow,
    replace_customer,
)
from assistant.store.database import Database

HISTORY = timedelta(days=183)
"""How far back transactions go."""


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """An account and what it holds, in cents."""

    key: str
    name: str
    digits: str
    currency: str
    balance_minor: int
    overdraft_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class Habit:
    """A payment that comes back every month, with some variation."""

    account: str
    day: int
    """Of the month, 1 to 28."""
    counterparty: str
    description: str
    amount_minor: int
    sway_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class DemoCustomer:
    """A made-up customer."""

    id: str
    name: str
    email: str
    phone: str
    address: str
    customer_since: date
    plan: str
    price_minor: int
    currency: str
    period: str
    features: tuple[str, ...]
    accounts: tuple[DemoAccount, ...]
    habits: tuple[Habit, ...]


@cache
def demo_customers() -> tuple[DemoCustomer, ...]:
    """The made-up customers."""
    text = files("assistant.backends").joinpath("data/demo_accounts.yaml").read_text("utf-8")
    return TypeAdapter(tuple[DemoCustomer, ...]).validate_python(yaml.safe_load(text))


async def seed_demo_accounts(database: Database, now: datetime) -> None:
    """Write the demo customers anew, as of `now`; contact data that was changed stays changed."""
    today = now.date()
    for customer in demo_customers():
        await replace_customer(
            database,
            _customer_row(customer, today),
            [_account_row(customer, account, at) for at, account in enumerate(customer.accounts)],
            list(_transaction_rows(customer, today)),
            _invoice_rows(customer, today),
        )


def _customer_row(customer: DemoCustomer, today: date) -> CustomerRow:
    return CustomerRow(
        id=customer.id,
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        address=customer.address,
        customer_since=customer.customer_since,
        plan_name=customer.plan,
        plan_price_minor=customer.price_minor,
        plan_currency=customer.currency,
        plan_period=customer.period,
        plan_renews_on=_next_renewal(customer, today),
        plan_features=list(customer.features),
    )


def _next_renewal(customer: DemoCustomer, today: date) -> date:
    day = customer.customer_since.day
    if customer.period == "year":
        this_year = date(today.year, customer.customer_since.month, day)
        return this_year if this_year > today else this_year.replace(year=today.year + 1)
    this_month = today.replace(day=day)
    return this_month if this_month > today else _month_after(this_month)


def _account_row(customer: DemoCustomer, account: DemoAccount, position: int) -> AccountRow:
    return AccountRow(
        id=f"{customer.id}-{account.key}",
        customer_id=customer.id,
        position=position,
        name=account.name,
        number=f"•••• {account.digits}",
        currency=account.currency,
        balance_minor=account.balance_minor,
        available_minor=account.balance_minor + account.overdraft_minor,
    )


def _transaction_rows(customer: DemoCustomer, today: date) -> Iterator[TransactionRow]:
    month = (today - HISTORY).replace(day=1)
    while month <= today:
        for index, habit in enumerate(customer.habits):
            day = month.replace(day=habit.day)
            if today - HISTORY <= day <= today:
                yield TransactionRow(
                    id=f"{customer.id}-{day:%Y%m%d}-{index}",
                    account_id=f"{customer.id}-{habit.account}",
                    day=day,
                    counterparty=habit.counterparty,
                    description=habit.description,
                    amount_minor=habit.amount_minor + _sway(habit, day),
                )
        month = _month_after(month)


def _sway(habit: Habit, day: date) -> int:
    """A variation between minus and plus `sway_minor` that looks irregular but never changes."""
    return ((day.month * 37 + day.day * 11) % 21 - 10) * habit.sway_minor // 10


def _invoice_rows(customer: DemoCustomer, today: date) -> list[InvoiceRow]:
    """One invoice that is open, one overdue, and older ones that are paid."""
    price, seats = customer.price_minor, customer.price_minor // 2
    made: Sequence[tuple[str, int, int, int, int | None]] = (
        (f"{customer.plan} plan", price, 5, 30, None),
        ("Additional seat", seats, 44, 30, None),
        (f"{customer.plan} plan", price, 66, 30, 51),
        ("Additional seat", seats, 97, 30, 80),
        (f"{customer.plan} plan", price, 127, 30, 101),
        ("Workshop: reading AI news", 24000, 158, 30, 133),
    )
    rows = []
    for number, (description, amount, age, term, paid_ago) in enumerate(reversed(made), start=1):
        issued = today - timedelta(days=age)
        rows.append(
            InvoiceRow(
                number=f"INV-{issued:%Y%m}-{customer.id.removeprefix('cust-').upper()}{number}",
                customer_id=customer.id,
                description=description,
                amount_minor=amount,
                currency=customer.currency,
                issued_on=issued,
                due_on=issued + timedelta(days=term),
                paid_on=None if paid_ago is None else today - timedelta(days=paid_ago),
            )
        )
    return rows


def _month_after(day: date) -> date:
    month = day.month % 12 + 1
    return day.replace(year=day.year + (month == 1), month=month)
