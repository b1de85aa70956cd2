"""Owns the port to customers' accounts: what every accounts backend gives, as plain values.

Every method takes the customer's id from the verified caller; no value of this module names the
customer a model asked for. Money is exact (`core/money.py`); days are the backend's booking days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

from assistant.core.money import Money, totals_by_currency

Direction = Literal["in", "out"]
"""`in`: money received; `out`: money paid."""

InvoiceStatus = Literal["open", "overdue", "paid"]
"""`open` is unpaid and not yet due."""

InvoiceFilter = Literal["open", "overdue", "paid"]
"""`open` finds everything unpaid: what is overdue is open too."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account of a customer."""

    id: str
    name: str
    """What the customer calls it: `Everyday`."""
    number: str
    """Masked: only the last digits are shown."""
    balance: Money
    available: Money
    """Balance less what is reserved, plus what may be overdrawn."""


@dataclass(frozen=True, kw_only=True)
class Transaction:
    """One booked movement of money."""

    id: str
    account_name: str
    day: date
    counterparty: str
    description: str
    amount: Money
    """Negative when money went out."""

    @property
    def direction(self) -> Direction:
        """Whether money came in or went out."""
        return "out" if self.amount.amount < 0 else "in"


@dataclass(frozen=True, kw_only=True)
class TransactionFilter:
    """Which transactions are wanted; None leaves a part open."""

    since: date | None = None
    """First day, included."""
    until: date | None = None
    """Last day, included."""
    direction: Direction | None = None
    text: str | None = None
    """Part of the counterparty or description, in any case."""
    account: str | None = None
    """Part of the account's name, in any case."""
    limit: int = 10


@dataclass(frozen=True, kw_only=True)
class TransactionPage:
    """The newest transactions that match, and what all that match add up to."""

    transactions: tuple[Transaction, ...]
    """Newest first, at most `limit`."""
    matched: int
    """How many match in all."""
    received: tuple[Money, ...]
    """Sum of all that match and came in, one for each currency."""
    paid: tuple[Money, ...]
    """Sum of all that match and went out, positive, one for each currency."""


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """A bill to the customer."""

    number: str
    description: str
    amount: Money
    issued_on: date
    due_on: date
    paid_on: date | None
    status: InvoiceStatus


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the customer subscribes to."""

    name: str
    price: Money
    period: Literal["month", "year"]
    renews_on: date
    features: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Who the customer is and how to reach them."""

    name: str
    email: str
    phone: str
    address: str
    customer_since: date
    plan: Plan


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The customer's situation at a glance."""

    profile: Profile
    accounts: tuple[Account, ...]
    unpaid: tuple[Invoice, ...]
    """Open and overdue invoices, the earliest due first."""


@dataclass(frozen=True, kw_only=True)
class ContactChanges:
    """New contact data; None leaves a part as it is."""

    email: str | None = None
    phone: str | None = None
    address: str | None = None


def matches_status(invoice: Invoice, status: InvoiceFilter | None) -> bool:
    """Whether a filter finds the invoice: what is overdue is open too."""
    match status:
        case None:
            return True
        case "open":
            return invoice.status != "paid"
        case _:
            return invoice.status == status


def status_of(due_on: date, paid_on: date | None, today: date) -> InvoiceStatus:
    """An invoice is due to the end of its day."""
    if paid_on is not None:
        return "paid"
    return "overdue" if due_on < today else "open"


def matches_filter(transaction: Transaction, wanted: TransactionFilter) -> bool:
    """Whether a filter finds the transaction."""
    text = f"{transaction.counterparty}\n{transaction.description}".casefold()
    return all(
        (
            wanted.since is None or transaction.day >= wanted.since,
            wanted.until is None or transaction.day <= wanted.until,
            wanted.direction is None or transaction.direction == wanted.direction,
            wanted.text is None or wanted.text.casefold() in text,
            wanted.account is None
            or wanted.account.casefold() in transaction.account_name.casefold(),
        )
    )


def page_of(every: Iterable[Transaction], wanted: TransactionFilter) -> TransactionPage:
    """The page that a filter wants of all a customer's transactions."""
    found = [each for each in every if matches_filter(each, wanted)]
    newest = sorted(found, key=lambda each: (each.day, each.id), reverse=True)
    by_currency = sorted(found, key=lambda each: each.amount.currency)
    return TransactionPage(
        transactions=tuple(newest[: wanted.limit]),
        matched=len(found),
        received=totals_by_currency(e.amount for e in by_currency if e.direction == "in"),
        paid=totals_by_currency(abs(e.amount) for e in by_currency if e.direction == "out"),
    )


class Accounts(Protocol):
    """Customers' accounts, wherever they are kept.

    Every method raises `CustomerNotFound` for a customer the backend does not know and
    `BackendUnavailable` when it does not answer.
    """

    async def overview(self, customer_id: str, today: date) -> Overview:
        """Profile, accounts and unpaid invoices."""
        ...

    async def balances(self, customer_id: str) -> tuple[Account, ...]:
        """Every account with its balance, in the customer's order."""
        ...

    async def transactions(self, customer_id: str, wanted: TransactionFilter) -> TransactionPage:
        """The newest matching transactions and the sums of all that match."""
        ...

    async def invoices(
        self, customer_id: str, today: date, status: InvoiceFilter | None = None
    ) -> tuple[Invoice, ...]:
        """Invoices by date of issue, newest first; `today` decides what is overdue."""
        ...

    async def profile(self, customer_id: str) -> Profile:
        """Contact data and plan."""
        ...

    async def update_contact(
        self, customer_id: str, changes: ContactChanges, *, idempotency_key: str, now: datetime
    ) -> Profile:
        """Change contact data once for each key; a repeated key gives the profile as it is."""
        ...
