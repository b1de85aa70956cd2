"""Owns the tables of the built-in accounts and their queries.

Amounts are kept as whole minor units (cents): exact on every database, and summed by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    String,
    UniqueConstraint,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from assistant.store.base import Base
from assistant.store.database import Database


class CustomerRow(Base):
    """A customer: contact data and plan."""

    __tablename__ = "customers"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254))
    phone: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(200))
    customer_since: Mapped[date]
    plan_name: Mapped[str] = mapped_column(String(80))
    plan_price_minor: Mapped[int] = mapped_column(BigInteger)
    plan_currency: Mapped[str] = mapped_column(String(3))
    plan_period: Mapped[str] = mapped_column(String(8))
    plan_renews_on: Mapped[date]
    plan_features: Mapped[list[Any]]


class AccountRow(Base):
    """An account of a customer."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    number: Mapped[str] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    balance_minor: Mapped[int] = mapped_column(BigInteger)
    available_minor: Mapped[int] = mapped_column(BigInteger)


class TransactionRow(Base):
    """A booked movement of money."""

    __tablename__ = "account_transactions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    day: Mapped[date] = mapped_column(index=True)
    counterparty: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(200))
    amount_minor: Mapped[int] = mapped_column(BigInteger)


class InvoiceRow(Base):
    """A bill to a customer; unpaid while `paid_on` is empty."""

    __tablename__ = "invoices"

    number: Mapped[str] = mapped_column(String(40), primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"), index=True)
    description: Mapped[str] = mapped_column(String(200))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    issued_on: Mapped[date]
    due_on: Mapped[date]
    paid_on: Mapped[date | None]


class ContactChangeRow(Base):
    """A change of contact data that was done, by its key: never done twice."""

    __tablename__ = "contact_changes"
    __table_args__ = (UniqueConstraint("customer_id", "idempotency_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    idempotency_key: Mapped[str] = mapped_column(String(64))
    changes: Mapped[dict[str, Any]]
    at: Mapped[datetime]


@dataclass(frozen=True, kw_only=True)
class TransactionQuery:
    """Which transactions are wanted; None leaves a part open."""

    customer_id: str
    since: date | None
    until: date | None
    is_out: bool | None
    text: str | None
    account: str | None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same as SQL, on transactions joined with their accounts."""
        found: list[ColumnElement[bool]] = [AccountRow.customer_id == self.customer_id]
        if self.since is not None:
            found.append(TransactionRow.day >= self.since)
        if self.until is not None:
            found.append(TransactionRow.day <= self.until)
        if self.is_out is not None:
            amount = TransactionRow.amount_minor
            found.append(amount < 0 if self.is_out else amount >= 0)
        if self.text is not None:
            columns = (TransactionRow.counterparty, TransactionRow.description)
            found.append(or_(*(each.icontains(self.text, autoescape=True) for each in columns)))
        if self.account is not None:
            found.append(AccountRow.name.icontains(self.account, autoescape=True))
        return found


@dataclass(frozen=True, kw_only=True)
class TransactionSum:
    """What matching transactions of one currency and direction add up to."""

    currency: str
    is_out: bool
    count: int
    total_minor: int


async def read_customer(database: Database, customer_id: str) -> CustomerRow | None:
    """One customer."""
    async with database.begin() as session:
        return await session.get(CustomerRow, customer_id)


async def read_accounts(database: Database, customer_id: str) -> Sequence[AccountRow]:
    """A customer's accounts, in order."""
    query = select(AccountRow).where(AccountRow.customer_id == customer_id)
    async with database.begin() as session:
        return (await session.scalars(query.order_by(AccountRow.position))).all()


async def read_transactions(
    database: Database, wanted: TransactionQuery, limit: int
) -> Sequence[tuple[TransactionRow, AccountRow]]:
    """The newest matching transactions, with their accounts."""
    query = (
        select(TransactionRow, AccountRow)
        .join(AccountRow)
        .where(*wanted.conditions())
        .order_by(TransactionRow.day.desc(), TransactionRow.id.desc())
        .limit(limit)
    )
    async with database.begin() as session:
        return [(row, account) for row, account in await session.execute(query)]


async def sum_transactions(
    database: Database, wanted: TransactionQuery
) -> Sequence[TransactionSum]:
    """What all matching transactions add up to, by currency and direction."""
    is_out = TransactionRow.amount_minor < 0
    query = (
        select(
            AccountRow.currency,
            is_out,
            func.count(TransactionRow.id),
            func.sum(TransactionRow.amount_minor),
        )
        .join(AccountRow)
        .where(*wanted.conditions())
        .group_by(AccountRow.currency, is_out)
        .order_by(AccountRow.currency)
    )
    async with database.begin() as session:
        rows = (await session.execute(query)).all()
    return [
        TransactionSum(currency=row[0], is_out=bool(row[1]), count=row[2], total_minor=int(row[3]))
        for row in rows
    ]


async def read_invoices(database: Database, customer_id: str) -> Sequence[InvoiceRow]:
    """A customer's invoices, newest first."""
    query = select(InvoiceRow).where(InvoiceRow.customer_id == customer_id)
    newest_first = query.order_by(InvoiceRow.issued_on.desc(), InvoiceRow.number.desc())
    async with database.begin() as session:
        return (await session.scalars(newest_first)).all()


async def update_contact(
    database: Database, customer_id: str, changes: dict[str, str], key: str, now: datetime
) -> None:
    """Change contact data, unless the key has done so before."""
    try:
        async with database.begin() as session:
            await session.execute(
                insert(ContactChangeRow).values(
                    customer_id=customer_id, idempotency_key=key, changes=changes, at=now
                )
            )
            if changes:
                await session.execute(
                    update(CustomerRow).where(CustomerRow.id == customer_id).values(**changes)
                )
    except IntegrityError:
        if await read_customer(database, customer_id) is None:
            raise


async def replace_customer(
    database: Database,
    customer: CustomerRow,
    accounts: Sequence[AccountRow],
    transactions: Sequence[TransactionRow],
    invoices: Sequence[InvoiceRow],
) -> None:
    """Write a customer's data anew, but keep contact data that is there already."""
    of_customer = select(AccountRow.id).where(AccountRow.customer_id == customer.id)
    # Another process that seeds at the same time writes the same rows: then it has done the work.
    with suppress(IntegrityError):
        async with database.begin() as session:
            await session.execute(
                delete(TransactionRow).where(TransactionRow.account_id.in_(of_customer))
            )
            await session.execute(delete(InvoiceRow).where(InvoiceRow.customer_id == customer.id))
            await session.execute(delete(AccountRow).where(AccountRow.customer_id == customer.id))
            existing = await session.get(CustomerRow, customer.id)
            if existing is None:
                session.add(customer)
            else:
                existing.plan_renews_on = customer.plan_renews_on
            await session.flush()
            session.add_all(accounts)
            await session.flush()
            session.add_all([*transactions, *invoices])
