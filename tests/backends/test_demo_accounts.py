"""The demo customers are complete, fresh, and seeded as often as the server starts."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from assistant.backends.accounts import ContactChanges, TransactionFilter
from assistant.backends.accounts_sql import SqlAccounts
from assistant.backends.demo_accounts import demo_customers, seed_demo_accounts
from tests.contracts.databases import ACCOUNT_TABLES, open_database

EVERYTHING = TransactionFilter(limit=100)


@pytest.fixture
async def database(tmp_path):
    async with open_database("sqlite", tmp_path, ACCOUNT_TABLES) as database:
        yield database


def test_the_demo_has_three_customers_with_three_currencies():
    assert [(each.id, each.name, each.currency) for each in demo_customers()] == [
        ("cust-ada", "Ada Moreau", "EUR"),
        ("cust-ben", "Ben Whitaker", "USD"),
        ("cust-chloe", "Chloe Frei", "CHF"),
    ]


@pytest.mark.parametrize("day", [date(2026, 11, 24), date(2027, 2, 28), date(2028, 2, 29)])
async def test_whatever_the_day_every_customer_has_recent_data_of_each_kind(database, day):
    now = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    await seed_demo_accounts(database, now)
    accounts = SqlAccounts(database)
    for customer in demo_customers():
        page = await accounts.transactions(customer.id, EVERYTHING)
        assert 38 <= page.matched <= 46
        assert 0 <= (day - page.transactions[0].day).days <= 14
        assert 150 <= (day - page.transactions[-1].day).days <= 183
        statuses = [invoice.status for invoice in await accounts.invoices(customer.id, day)]
        assert statuses == ["open", "overdue", "paid", "paid", "paid", "paid"]
        assert (await accounts.profile(customer.id)).plan.renews_on > day


async def test_seeding_twice_changes_nothing_but_keeps_changed_contact_data(database):
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    accounts = SqlAccounts(database)
    await seed_demo_accounts(database, now)
    changes = ContactChanges(email="ada@example.net")
    await accounts.update_contact("cust-ada", changes, idempotency_key="k", now=now)
    before = (
        await accounts.overview("cust-ada", now.date()),
        await accounts.transactions("cust-ada", EVERYTHING),
    )
    await seed_demo_accounts(database, now)
    after = (
        await accounts.overview("cust-ada", now.date()),
        await accounts.transactions("cust-ada", EVERYTHING),
    )
    assert after == before
    assert after[0].profile.email == "ada@example.net"
