"""Owns how account values look in a tool's data and cards; pure functions."""

from __future__ import annotations

from collections.abc import Iterable

from assistant.backends.accounts import Account, Invoice, Plan, Profile, Transaction
from assistant.core.events import JsonObject
from assistant.core.money import Money
from assistant.core.phrasing import format_money, format_short_day, join_words, plain_text

CELL_LENGTH = 120


def cell(text: str) -> str:
    """Text of a backend as a card may show it: one printable line."""
    return plain_text(text, CELL_LENGTH)


def say_sums(sums: Iterable[Money]) -> str:
    """`€20.00`, `€20.00 and $5.00`."""
    return join_words([format_money(money) for money in sums])


def account_data(account: Account) -> JsonObject:
    """An account for the agent."""
    return {
        "name": account.name,
        "number": account.number,
        "balance": account.balance.as_json(),
        "available": account.available.as_json(),
    }


def account_row(account: Account) -> tuple[str, str]:
    """An account's line in a card of facts."""
    return cell(f"{account.name} {account.number}"), format_money(account.balance)


def invoice_data(invoice: Invoice) -> JsonObject:
    """An invoice for the agent."""
    return {
        "number": invoice.number,
        "description": invoice.description,
        "amount": invoice.amount.as_json(),
        "issued_on": invoice.issued_on.isoformat(),
        "due_on": invoice.due_on.isoformat(),
        "paid_on": invoice.paid_on.isoformat() if invoice.paid_on else None,
        "status": invoice.status,
    }


def invoice_row(invoice: Invoice) -> tuple[str, str, str, str]:
    """An invoice's line in a card."""
    return (
        cell(invoice.number),
        format_money(invoice.amount),
        format_short_day(invoice.due_on),
        invoice.status,
    )


def transaction_data(transaction: Transaction) -> JsonObject:
    """A transaction for the agent."""
    return {
        "day": transaction.day.isoformat(),
        "account": transaction.account_name,
        "counterparty": transaction.counterparty,
        "description": transaction.description,
        "amount": transaction.amount.as_json(),
        "direction": transaction.direction,
    }


def plan_data(plan: Plan) -> JsonObject:
    """A plan for the agent."""
    return {
        "name": plan.name,
        "price": plan.price.as_json(),
        "period": plan.period,
        "renews_on": plan.renews_on.isoformat(),
        "features": list(plan.features),
    }


def profile_data(profile: Profile) -> JsonObject:
    """A profile for the agent."""
    return {
        "name": profile.name,
        "email": profile.email,
        "phone": profile.phone,
        "address": profile.address,
        "customer_since": profile.customer_since.isoformat(),
        "plan": plan_data(profile.plan),
    }
