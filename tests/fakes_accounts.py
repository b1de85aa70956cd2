"""`Accounts` in memory, for tests: built from plain values."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from assistant.backends.accounts import (
    Account,
    ContactChanges,
    Invoice,
    InvoiceFilter,
    Overview,
    Profile,
    Transaction,
    TransactionFilter,
    TransactionPage,
    matches_status,
    page_of,
    status_of,
)
from assistant.backends.errors import CustomerNotFound


@dataclass(frozen=True, kw_only=True)
class CustomerData:
    """All that is known of a customer."""

    profile: Profile
    accounts: tuple[Account, ...]
    transactions: tuple[Transaction, ...]
    invoices: tuple[Invoice, ...]


class InMemoryAccounts:
    """Keeps customers in a dictionary."""

    def __init__(self, customers: dict[str, CustomerData]) -> None:
        self._customers = dict(customers)
        self._written: set[tuple[str, str]] = set()

    async def overview(self, customer_id: str, today: date) -> Overview:
        unpaid = await self.invoices(customer_id, today, "open")
        return Overview(
            profile=await self.profile(customer_id),
            accounts=await self.balances(customer_id),
            unpaid=tuple(sorted(unpaid, key=lambda invoice: invoice.due_on)),
        )

    async def balances(self, customer_id: str) -> tuple[Account, ...]:
        return self._customer(customer_id).accounts

    async def transactions(self, customer_id: str, wanted: TransactionFilter) -> TransactionPage:
        return page_of(self._customer(customer_id).transactions, wanted)

    async def invoices(
        self, customer_id: str, today: date, status: InvoiceFilter | None = None
    ) -> tuple[Invoice, ...]:
        every = (
            replace(invoice, status=status_of(invoice.due_on, invoice.paid_on, today))
            for invoice in self._customer(customer_id).invoices
        )
        found = (invoice for invoice in every if matches_status(invoice, status))
        return tuple(sorted(found, key=lambda i: (i.issued_on, i.number), reverse=True))

    async def profile(self, customer_id: str) -> Profile:
        return self._customer(customer_id).profile

    async def update_contact(
        self, customer_id: str, changes: ContactChanges, *, idempotency_key: str, now: datetime
    ) -> Profile:
        if not idempotency_key:
            raise ValueError("a write needs an idempotency key")
        customer = self._customer(customer_id)
        if (customer_id, idempotency_key) not in self._written:
            given = {field: new for field, new in asdict(changes).items() if new is not None}
            profile = replace(customer.profile, **given)
            self._customers[customer_id] = replace(customer, profile=profile)
            self._written.add((customer_id, idempotency_key))
        return await self.profile(customer_id)

    def _customer(self, customer_id: str) -> CustomerData:
        if customer_id not in self._customers:
            raise CustomerNotFound("I can't find an account for your sign-in.")
        return self._customers[customer_id]
