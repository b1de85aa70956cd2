"""The example service of docs/examples, filled with the contract's customers."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType

import httpx

from assistant.backends.accounts_http import HttpAccounts, open_accounts
from assistant.backends.accounts_mapping import load_mapping
from assistant.core.money import Money
from tests.fakes_accounts import CustomerData

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
TOKEN = "a secret"


def load_example() -> ModuleType:
    """The module of the example service."""
    spec = importlib.util.spec_from_file_location(
        "account_service", EXAMPLES / "account_service.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@asynccontextmanager
async def example_accounts(
    customers: Mapping[str, CustomerData], monkeypatch
) -> AsyncIterator[HttpAccounts]:
    """Accounts of the example service, reached by its own mapping file."""
    monkeypatch.setenv("ACCOUNTS_TOKEN", TOKEN)
    documents = {name: _document(data) for name, data in customers.items()}
    app = load_example().make_app(documents, TOKEN)
    accounts = open_accounts(
        load_mapping(EXAMPLES / "accounts.yaml"), transport=httpx.ASGITransport(app)
    )
    try:
        yield accounts
    finally:
        await accounts.close()


def _document(data: CustomerData) -> dict:
    profile, plan = data.profile, data.profile.plan
    return {
        "profile": {
            "fullName": profile.name,
            "contact": {
                "email": profile.email,
                "phone": profile.phone,
                "postalAddress": profile.address,
            },
            "memberSince": profile.customer_since.isoformat(),
            "subscription": {
                "title": plan.name,
                "price": _money(plan.price),
                "billing": f"{plan.period}ly",
                "nextRenewal": plan.renews_on.isoformat(),
                "includes": list(plan.features),
            },
        },
        "accounts": [
            {
                "id": account.id,
                "label": account.name,
                "maskedNumber": account.number,
                "currency": account.balance.currency,
                "balance": float(account.balance.amount),
                "available": float(account.available.amount),
            }
            for account in data.accounts
        ],
        "transactions": [
            {
                "id": each.id,
                "account": each.account_name,
                "bookedOn": f"{each.day}T09:00:00Z",
                "partner": each.counterparty,
                "text": each.description,
                "kind": "debit" if each.direction == "out" else "credit",
                "value": str(abs(each.amount).amount),
                "currency": each.amount.currency,
            }
            for each in data.transactions
        ],
        "invoices": [
            {
                "number": each.number,
                "title": each.description,
                "total": _money(each.amount),
                "issued": each.issued_on.isoformat(),
                "due": each.due_on.isoformat(),
                "paid": each.paid_on.isoformat() if each.paid_on else None,
            }
            for each in data.invoices
        ],
    }


def _money(money: Money) -> dict:
    return {"value": float(money.amount), "currency": money.currency}
