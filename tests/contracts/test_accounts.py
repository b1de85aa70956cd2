"""The contract of accounts, on the fake and every adapter, with the same data in all of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from assistant.backends.accounts import (
    Account,
    ContactChanges,
    Invoice,
    Overview,
    Plan,
    Profile,
    Transaction,
    TransactionFilter,
    TransactionPage,
)
from assistant.backends.accounts_sql import SqlAccounts
from assistant.backends.errors import CustomerNotFound
from assistant.core.money import Money
from assistant.store import accounts as tables
from tests.contracts.account_service import example_accounts
from tests.contracts.databases import ACCOUNT_TABLES, SQL_KINDS, open_database
from tests.fakes_accounts import CustomerData, InMemoryAccounts

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


def eur(text: str) -> Money:
    return Money(amount=Decimal(text), currency="EUR")


def usd(text: str) -> Money:
    return Money(amount=Decimal(text), currency="USD")


PROFILE = Profile(
    name="Kim Sand",
    email="kim@example.org",
    phone="+41 1 000",
    address="1 Lane",
    customer_since=date(2020, 1, 2),
    plan=Plan(
        name="Basic",
        price=eur("9.90"),
        period="month",
        renews_on=date(2026, 12, 2),
        features=("news", "charts"),
    ),
)
EVERYDAY = Account(
    id="a1", name="Everyday", number="•• 1", balance=eur("100.05"), available=eur("150.05")
)
TRAVEL = Account(id="a2", name="Travel", number="•• 2", balance=usd("7.00"), available=usd("7.00"))


def payment(number: int, day: date, who: str, amount: Money, what: str = "") -> Transaction:
    name = "Everyday" if amount.currency == "EUR" else "Travel"
    return Transaction(
        id=f"t{number}",
        account_name=name,
        day=day,
        counterparty=who,
        description=what,
        amount=amount,
    )


SALARY = payment(1, date(2026, 9, 25), "Works", eur("1000.00"), "Salary")
RENT = payment(2, date(2026, 10, 1), "Landlord", eur("-700.10"), "Rent")
SHOP = payment(3, date(2026, 10, 31), "Corner Shop", eur("-0.20"), "100% juice")
HOTEL = payment(4, date(2026, 11, 3), "Hotel", usd("-80.00"), "Room_1")
REFUND = payment(5, date(2026, 11, 3), "Hotel", usd("15.00"), "Refund")


def invoice(number: str, issued: date, due: date, paid: date | None, status) -> Invoice:
    return Invoice(
        number=number,
        description="Plan",
        amount=eur("9.90"),
        issued_on=issued,
        due_on=due,
        paid_on=paid,
        status=status,
    )


PAID = invoice("I1", date(2026, 8, 1), date(2026, 8, 31), date(2026, 8, 9), "paid")
OVERDUE = invoice("I2", date(2026, 10, 1), date(2026, 11, 23), None, "overdue")
OPEN = invoice("I3", date(2026, 11, 1), date(2026, 11, 24), None, "open")

KIM = CustomerData(
    profile=PROFILE,
    accounts=(EVERYDAY, TRAVEL),
    transactions=(SALARY, RENT, SHOP, HOTEL, REFUND),
    invoices=(PAID, OVERDUE, OPEN),
)
LEE = CustomerData(
    profile=replace(PROFILE, name="Lee"),
    accounts=(replace(EVERYDAY, id="b1"),),
    transactions=(replace(SALARY, id="u1", counterparty="Secret"),),
    invoices=(replace(OPEN, number="J1"),),
)
CUSTOMERS = {"kim": KIM, "lee": LEE}


async def write(database, customer_id: str, data: CustomerData) -> None:
    plan, profile = data.profile.plan, data.profile
    await tables.replace_customer(
        database,
        tables.CustomerRow(
            id=customer_id,
            name=profile.name,
            email=profile.email,
            phone=profile.phone,
            address=profile.address,
            customer_since=profile.customer_since,
            plan_name=plan.name,
            plan_price_minor=plan.price.minor,
            plan_currency=plan.price.currency,
            plan_period=plan.period,
            plan_renews_on=plan.renews_on,
            plan_features=list(plan.features),
        ),
        [
            tables.AccountRow(
                id=account.id,
                customer_id=customer_id,
                position=position,
                name=account.name,
                number=account.number,
                currency=account.balance.currency,
                balance_minor=account.balance.minor,
                available_minor=account.available.minor,
            )
            for position, account in enumerate(data.accounts)
        ],
        [
            tables.TransactionRow(
                id=each.id,
                account_id=next(a.id for a in data.accounts if a.name == each.account_name),
                day=each.day,
                counterparty=each.counterparty,
                description=each.description,
                amount_minor=each.amount.minor,
            )
            for each in data.transactions
        ],
        [
            tables.InvoiceRow(
                number=each.number,
                customer_id=customer_id,
                description=each.description,
                amount_minor=each.amount.minor,
                currency=each.amount.currency,
                issued_on=each.issued_on,
                due_on=each.due_on,
                paid_on=each.paid_on,
            )
            for each in data.invoices
        ],
    )


@pytest.fixture(params=["memory", "http", "http-turn", *SQL_KINDS])
async def accounts(request, tmp_path, monkeypatch):
    if request.param == "memory":
        yield InMemoryAccounts(CUSTOMERS)
        return
    if request.param.startswith("http"):
        async with example_accounts(CUSTOMERS, monkeypatch) as served:
            yield served.for_turn() if request.param == "http-turn" else served
        return
    async with open_database(request.param, tmp_path, ACCOUNT_TABLES) as database:
        for customer_id, data in CUSTOMERS.items():
            await write(database, customer_id, data)
        yield SqlAccounts(database)


async def test_profile_and_balances_come_back_exactly(accounts):
    assert await accounts.profile("kim") == PROFILE
    assert await accounts.balances("kim") == (EVERYDAY, TRAVEL)


async def test_the_overview_holds_what_is_unpaid_earliest_due_first(accounts):
    assert await accounts.overview("kim", TODAY) == Overview(
        profile=PROFILE, accounts=(EVERYDAY, TRAVEL), unpaid=(OVERDUE, OPEN)
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (None, (OPEN, OVERDUE, PAID)),
        ("open", (OPEN, OVERDUE)),
        ("overdue", (OVERDUE,)),
        ("paid", (PAID,)),
    ],
)
async def test_an_overdue_invoice_is_open_too(accounts, status, expected):
    assert await accounts.invoices("kim", TODAY, status) == expected


async def test_an_invoice_is_overdue_from_the_day_after_it_was_due(accounts):
    [tomorrow, *_] = await accounts.invoices("kim", date(2026, 11, 25), "open")
    assert tomorrow == replace(OPEN, status="overdue")


async def test_transactions_are_newest_first_with_the_sums_of_all_that_match(accounts):
    page = await accounts.transactions("kim", TransactionFilter(limit=2))
    assert page == TransactionPage(
        transactions=(REFUND, HOTEL),
        matched=5,
        received=(eur("1000.00"), usd("15.00")),
        paid=(eur("700.30"), usd("80.00")),
    )


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (TransactionFilter(since=date(2026, 10, 1), until=date(2026, 10, 31)), (SHOP, RENT)),
        (TransactionFilter(direction="in"), (REFUND, SALARY)),
        (TransactionFilter(direction="out", since=date(2026, 11, 3)), (HOTEL,)),
        (TransactionFilter(text="hOTEL"), (REFUND, HOTEL)),
        (TransactionFilter(text="salar"), (SALARY,)),
        (TransactionFilter(text="0%"), (SHOP,)),
        (TransactionFilter(text="m_1"), (HOTEL,)),
        (TransactionFilter(text="%"), (SHOP,)),
        (TransactionFilter(account="trav"), (REFUND, HOTEL)),
        (TransactionFilter(text="' OR 1=1 --"), ()),
        (TransactionFilter(text="Secret"), ()),
    ],
)
async def test_filters_find_what_they_say_and_nothing_else(accounts, wanted, expected):
    page = await accounts.transactions("kim", wanted)
    assert (page.transactions, page.matched) == (expected, len(expected))


async def test_an_unknown_customer_is_an_error_everywhere(accounts):
    for reading in (
        accounts.profile("zoe"),
        accounts.balances("zoe"),
        accounts.overview("zoe", TODAY),
        accounts.invoices("zoe", TODAY),
        accounts.transactions("zoe", TransactionFilter()),
        accounts.update_contact(
            "zoe", ContactChanges(email="z@example.org"), idempotency_key="k", now=NOW
        ),
    ):
        with pytest.raises(CustomerNotFound):
            await reading


async def test_a_contact_change_touches_only_what_was_given(accounts):
    changes = ContactChanges(email="new@example.org")
    changed = await accounts.update_contact("kim", changes, idempotency_key="k1", now=NOW)
    assert changed == replace(PROFILE, email="new@example.org")
    assert await accounts.profile("kim") == changed
    assert (await accounts.profile("lee")).email == PROFILE.email


async def test_a_repeated_key_changes_nothing(accounts):
    for email in ("one@example.org", "two@example.org"):
        changes = ContactChanges(email=email)
        await accounts.update_contact("kim", changes, idempotency_key="k1", now=NOW)
    assert (await accounts.profile("kim")).email == "one@example.org"


async def test_one_key_at_once_and_another_customer_s_same_key(accounts):
    changes = ContactChanges(phone="+1 22")
    results = await asyncio.gather(
        *(
            accounts.update_contact("kim", changes, idempotency_key="k1", now=NOW)
            for _ in range(10)
        ),
        accounts.update_contact("lee", changes, idempotency_key="k1", now=NOW),
    )
    assert {result.phone for result in results} == {"+1 22"}


async def test_a_change_without_a_key_is_a_mistake_of_the_caller(accounts):
    with pytest.raises(ValueError, match="key"):
        await accounts.update_contact("kim", ContactChanges(), idempotency_key="", now=NOW)
