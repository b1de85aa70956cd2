"""Owns `SqlAccounts`: customers' accounts kept in the assistant's own database."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Literal, cast

from assistant.backends.accounts import (
    Account,
    Accounts,
    ContactChanges,
    Invoice,
    InvoiceFilter,
    Overview,
    Plan,
    Profile,
    Transaction,
    TransactionFilter,
    TransactionPage,
    matches_status,
    status_of,
)
from assistant.backends.errors import CustomerNotFound
from assistant.core.money import Money
from assistant.store import accounts as store
from assistant.store.database import Database


class SqlAccounts(Accounts):
    """`Accounts` in the database.

    Args:
        database: where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def overview(self, customer_id: str, today: date) -> Overview:
        """Profile, accounts and unpaid invoices."""
        unpaid = await self.invoices(customer_id, today, "open")
        return Overview(
            profile=await self.profile(customer_id),
            accounts=await self.balances(customer_id),
            unpaid=tuple(sorted(unpaid, key=lambda invoice: invoice.due_on)),
        )

    async def balances(self, customer_id: str) -> tuple[Account, ...]:
        """Every account with its balance."""
        await self._customer(customer_id)
        rows = await store.read_accounts(self._database, customer_id)
        return tuple(map(_account, rows))

    async def transactions(self, customer_id: str, wanted: TransactionFilter) -> TransactionPage:
        """The newest matching transactions and the sums of all that match."""
        await self._customer(customer_id)
        query = store.TransactionQuery(
            customer_id=customer_id,
            since=wanted.since,
            until=wanted.until,
            is_out=None if wanted.direction is None else wanted.direction == "out",
            text=wanted.text,
            account=wanted.account,
        )
        rows = await store.read_transactions(self._database, query, wanted.limit)
        sums = await store.sum_transactions(self._database, query)
        totals = {
            is_out: tuple(
                abs(Money.of_minor(each.total_minor, each.currency))
                for each in sums
                if each.is_out is is_out
            )
            for is_out in (False, True)
        }
        return TransactionPage(
            transactions=tuple(_transaction(row, account) for row, account in rows),
            matched=sum(each.count for each in sums),
            received=totals[False],
            paid=totals[True],
        )

    async def invoices(
        self, customer_id: str, today: date, status: InvoiceFilter | None = None
    ) -> tuple[Invoice, ...]:
        """Invoices by date of issue, newest first."""
        await self._customer(customer_id)
        rows = await store.read_invoices(self._database, customer_id)
        invoices = (_invoice(row, today) for row in rows)
        return tuple(invoice for invoice in invoices if matches_status(invoice, status))

    async def profile(self, customer_id: str) -> Profile:
        """Contact data and plan."""
        return _profile(await self._customer(customer_id))

    async def update_contact(
        self, customer_id: str, changes: ContactChanges, *, idempotency_key: str, now: datetime
    ) -> Profile:
        """Change contact data once for each key."""
        if not idempotency_key:
            raise ValueError("a write needs an idempotency key")
        await self._customer(customer_id)
        given = {field: new for field, new in asdict(changes).items() if new is not None}
        await store.update_contact(self._database, customer_id, given, idempotency_key, now)
        return await self.profile(customer_id)

    async def _customer(self, customer_id: str) -> store.CustomerRow:
        row = await store.read_customer(self._database, customer_id)
        if row is None:
            raise CustomerNotFound(
                "I can't find an account for your sign-in.", remedy="Talk to our support team."
            )
        return row


def _account(row: store.AccountRow) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        number=row.number,
        balance=Money.of_minor(row.balance_minor, row.currency),
        available=Money.of_minor(row.available_minor, row.currency),
    )


def _transaction(row: store.TransactionRow, account: store.AccountRow) -> Transaction:
    return Transaction(
        id=row.id,
        account_name=account.name,
        day=row.day,
        counterparty=row.counterparty,
        description=row.description,
        amount=Money.of_minor(row.amount_minor, account.currency),
    )


def _invoice(row: store.InvoiceRow, today: date) -> Invoice:
    return Invoice(
        number=row.number,
        description=row.description,
        amount=Money.of_minor(row.amount_minor, row.currency),
        issued_on=row.issued_on,
        due_on=row.due_on,
        paid_on=row.paid_on,
        status=status_of(row.due_on, row.paid_on, today),
    )


def _profile(row: store.CustomerRow) -> Profile:
    return Profile(
        name=row.name,
        email=row.email,
        phone=row.phone,
        address=row.address,
        customer_since=row.customer_since,
        plan=Plan(
            name=row.plan_name,
            price=Money.of_minor(row.plan_price_minor, row.plan_currency),
            period=cast(Literal["month", "year"], row.plan_period),
            renews_on=row.plan_renews_on,
            features=tuple(row.plan_features),
        ),
    )
