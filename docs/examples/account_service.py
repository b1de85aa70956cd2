"""An account service as a company may have one, for trying `HEIDI_ACCOUNTS_FILE`.

    ACCOUNTS_TOKEN=secret python docs/examples/account_service.py
    ACCOUNTS_TOKEN=secret HEIDI_ACCOUNTS_FILE=docs/examples/accounts.yaml heidi demo

It speaks its own JSON, not that of Heidi; `accounts.yaml` beside it says what it means. The data is
made up and kept in memory: one customer, who signs in to the demo site as Ada Moreau.
"""

from __future__ import annotations

import copy
import os
import secrets
from collections.abc import Mapping
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException

PAGE_SIZE = 2
"""Small, so that reading over pages is seen to work."""

Customer = dict[str, Any]

CUSTOMERS: dict[str, Customer] = {
    "cust-ada": {
        "profile": {
            "fullName": "Ada Moreau",
            "contact": {
                "email": "ada.moreau@example.com",
                "phone": "+41 44 555 01 01",
                "postalAddress": "12 Quay Street, 8001 Zurich",
            },
            "memberSince": "2021-03-15",
            "subscription": {
                "title": "Professional",
                "price": {"value": 49.00, "currency": "EUR"},
                "billing": "monthly",
                "nextRenewal": "2026-12-15",
                "includes": ["All briefings", "Search archive"],
            },
        },
        "accounts": [
            {
                "id": "acc-1",
                "label": "Main",
                "maskedNumber": "•••• 4410",
                "currency": "EUR",
                "balance": 1830.45,
                "available": 2330.45,
            },
            {
                "id": "acc-2",
                "label": "Travel",
                "maskedNumber": "•••• 7702",
                "currency": "USD",
                "balance": 212.00,
                "available": 212.00,
            },
        ],
        "transactions": [
            {
                "id": "tx-1",
                "account": "Main",
                "bookedOn": "2026-10-02T08:15:00Z",
                "partner": "City Power",
                "text": "Electricity",
                "kind": "debit",
                "value": "84.20",
                "currency": "EUR",
            },
            {
                "id": "tx-2",
                "account": "Main",
                "bookedOn": "2026-10-25T06:00:00Z",
                "partner": "Lumen Press",
                "text": "Salary",
                "kind": "credit",
                "value": "3900.00",
                "currency": "EUR",
            },
            {
                "id": "tx-3",
                "account": "Travel",
                "bookedOn": "2026-11-03T17:40:00Z",
                "partner": "Harbour Hotel",
                "text": "Two nights",
                "kind": "debit",
                "value": "188.00",
                "currency": "USD",
            },
        ],
        "invoices": [
            {
                "number": "R-2026-118",
                "title": "Professional plan",
                "total": {"value": 49.00, "currency": "EUR"},
                "issued": "2026-11-15",
                "due": "2026-12-15",
                "paid": None,
            }
        ],
    }
}


class Ledger:
    """The customers, and which requests with a key have been done."""

    def __init__(self, customers: Mapping[str, Customer]) -> None:
        self._customers = copy.deepcopy(dict(customers))
        self._done: set[str] = set()

    def customer(self, customer_id: str) -> Customer:
        """One customer; 404 if there is no such one."""
        if customer_id not in self._customers:
            raise HTTPException(404, "no such customer")
        return self._customers[customer_id]

    def change_contact(self, customer_id: str, key: str, changes: Mapping[str, str]) -> None:
        """Change contact data, once for each key."""
        contact = self.customer(customer_id)["profile"]["contact"]
        if key not in self._done:
            self._done.add(key)
            contact.update(changes)


def make_app(customers: Mapping[str, Customer] = CUSTOMERS, token: str = "") -> FastAPI:
    """The service.

    Args:
        customers: its data.
        token: what a caller must present.
    """
    ledger = Ledger(customers)

    def check(authorization: Annotated[str, Header()] = "") -> None:
        if not secrets.compare_digest(authorization, f"Bearer {token}"):
            raise HTTPException(401, "wrong token")

    app = FastAPI(title="Example account service", dependencies=[Depends(check)])

    @app.get("/v1/customers/{customer_id}")
    def get_profile(customer_id: str) -> Customer:
        return ledger.customer(customer_id)["profile"]

    @app.get("/v1/customers/{customer_id}/accounts")
    def list_accounts(customer_id: str) -> Customer:
        return {"data": ledger.customer(customer_id)["accounts"]}

    @app.get("/v1/customers/{customer_id}/transactions")
    def list_transactions(
        customer_id: str, start: str = "", end: str = "9999", cursor: int = 0
    ) -> Customer:
        every = ledger.customer(customer_id)["transactions"]
        found = [entry for entry in every if start <= entry["bookedOn"][:10] <= end]
        after = cursor + PAGE_SIZE
        return {
            "data": found[cursor:after],
            "paging": {"next": after if after < len(found) else None},
        }

    @app.get("/v1/customers/{customer_id}/invoices")
    def list_invoices(customer_id: str) -> Customer:
        return {"data": ledger.customer(customer_id)["invoices"]}

    @app.patch("/v1/customers/{customer_id}", status_code=204)
    def change_profile(
        customer_id: str, body: Customer, idempotency_key: Annotated[str, Header()]
    ) -> None:
        ledger.change_contact(customer_id, idempotency_key, body.get("contact", {}))

    return app


if __name__ == "__main__":
    uvicorn.run(make_app(token=os.environ["ACCOUNTS_TOKEN"]), host="127.0.0.1", port=9400)
