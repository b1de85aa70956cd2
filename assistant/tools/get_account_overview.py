"""Owns the tool `get_account_overview`."""

from __future__ import annotations

from assistant.backends.accounts import Accounts, Invoice, Overview
from assistant.core.cards import facts_card
from assistant.core.events import JsonObject
from assistant.core.money import totals_by_currency
from assistant.core.phrasing import count_of, format_money, format_short_day
from assistant.core.toolbox import ToolContext, ToolOutput, ToolPolicy
from assistant.tools.account_views import (
    account_data,
    account_row,
    cell,
    invoice_data,
    profile_data,
    say_sums,
)
from assistant.tools.base import READS_OWN_DATA, ReadTool, customer_of, object_schema


class GetAccountOverview(ReadTool):
    """The customer's situation at a glance."""

    name: str = "get_account_overview"
    description: str = (
        "The customer's plan, accounts, balances and unpaid invoices at a glance. Use it for "
        "general questions about the account; use the narrower tools for details."
    )
    label: str = "Looking up your account"
    schema: JsonObject = object_schema({})
    policy: ToolPolicy = READS_OWN_DATA

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def run(self, arguments: JsonObject, context: ToolContext) -> ToolOutput:
        """Profile, accounts and unpaid invoices."""
        today = context.now.astimezone(context.timezone).date()
        overview = await self._accounts.overview(customer_of(context), today)
        return ToolOutput(
            data={
                "profile": profile_data(overview.profile),
                "accounts": [account_data(account) for account in overview.accounts],
                "unpaid_invoices": [invoice_data(invoice) for invoice in overview.unpaid],
            },
            text=f"{_say_plan(overview)} {_say_invoices(overview.unpaid)}",
            card=facts_card("Your account", _rows(overview)),
        )


def _say_plan(overview: Overview) -> str:
    holdings = say_sums(totals_by_currency(account.balance for account in overview.accounts))
    holding = f", and your {count_of(len(overview.accounts), 'account')} hold {holdings}"
    if len(overview.accounts) == 1:
        holding = f", and your account holds {holdings}"
    plan = cell(overview.profile.plan.name)
    return f"You are on the {plan} plan{holding if overview.accounts else ''}."


def _say_invoices(unpaid: tuple[Invoice, ...]) -> str:
    if not unpaid:
        return "All your invoices are paid."
    overdue = sum(invoice.status == "overdue" for invoice in unpaid)
    late = f", {overdue} of them overdue" if overdue else ""
    if overdue == len(unpaid):
        late = ", overdue" if overdue == 1 else ", all overdue"
    sums = say_sums(totals_by_currency(invoice.amount for invoice in unpaid))
    return f"You have {count_of(len(unpaid), 'unpaid invoice')} for {sums}{late}."


def _rows(overview: Overview) -> list[tuple[str, str]]:
    plan = overview.profile.plan
    return [
        ("Name", cell(overview.profile.name)),
        ("Plan", f"{cell(plan.name)}, {format_money(plan.price)} a {plan.period}"),
        ("Renews on", format_short_day(plan.renews_on)),
        *map(account_row, overview.accounts),
        *(
            (
                f"Invoice {cell(invoice.number)}",
                f"{format_money(invoice.amount)}, {invoice.status}, "
                f"due {format_short_day(invoice.due_on)}",
            )
            for invoice in overview.unpaid
        ),
    ]
