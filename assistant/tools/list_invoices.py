"""Owns the tool `list_invoices`."""

from __future__ import annotations

from assistant.backends.accounts import Accounts, Invoice, InvoiceFilter
from assistant.core.cards import table_card
from assistant.core.events import JsonObject
from assistant.core.money import totals_by_currency
from assistant.core.phrasing import count_of, format_money, format_short_day, join_words
from assistant.core.toolbox import ToolContext, ToolOutput, ToolPolicy
from assistant.tools.account_views import cell, invoice_data, invoice_row, say_sums
from assistant.tools.base import (
    READS_OWN_DATA,
    ReadTool,
    customer_of,
    limit_schema,
    object_schema,
)

DEFAULT_LIMIT = 10
SPOKEN = 3
"""How many unpaid invoices the sentence names; the card has them all."""


class ListInvoices(ReadTool):
    """The customer's invoices."""

    name: str = "list_invoices"
    description: str = (
        "The customer's invoices, newest first, with what is still to be paid. Use it for "
        "questions about bills, due dates and overdue payments."
    )
    label: str = "Looking up your invoices"
    schema: JsonObject = object_schema(
        {
            "status": {
                "enum": ["open", "overdue", "paid"],
                "description": "`open`: everything unpaid, overdue ones included; all without it",
            },
            "limit": limit_schema(50, DEFAULT_LIMIT),
        }
    )
    policy: ToolPolicy = READS_OWN_DATA

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def run(self, arguments: JsonObject, context: ToolContext) -> ToolOutput:
        """Invoices of the status asked for."""
        status: InvoiceFilter | None = arguments.get("status")
        today = context.now.astimezone(context.timezone).date()
        invoices = await self._accounts.invoices(customer_of(context), today, status)
        shown = invoices[: arguments.get("limit", DEFAULT_LIMIT)]
        unpaid = tuple(invoice for invoice in invoices if invoice.status != "paid")
        columns = ["Invoice", "Amount", "Due", "Status"]
        return ToolOutput(
            data={
                "invoices": [invoice_data(invoice) for invoice in shown],
                "matched": len(invoices),
                "unpaid_total": [
                    money.as_json() for money in totals_by_currency(i.amount for i in unpaid)
                ],
            },
            text=_sentence(invoices, unpaid, status),
            card=table_card("Your invoices", columns, [invoice_row(i) for i in shown])
            if shown
            else None,
        )


def _sentence(
    invoices: tuple[Invoice, ...], unpaid: tuple[Invoice, ...], status: InvoiceFilter | None
) -> str:
    if not invoices:
        return f"You have no {status or ''} invoices.".replace("  ", " ")
    if not unpaid:
        newest = invoices[0]
        latest = f"the latest is {cell(newest.number)} for {format_money(newest.amount)}"
        return f"You have {count_of(len(invoices), 'paid invoice')}; {latest}."
    kind = "overdue invoice" if status == "overdue" else "unpaid invoice"
    sums = f" for {say_sums(totals_by_currency(invoice.amount for invoice in unpaid))} in total"
    total = sums if len(unpaid) > 1 else ""
    named = join_words([_say(invoice) for invoice in unpaid[:SPOKEN]])
    return f"You have {count_of(len(unpaid), kind)}{total}: {named}."


def _say(invoice: Invoice) -> str:
    verb = "was due" if invoice.status == "overdue" else "is due"
    day = format_short_day(invoice.due_on)
    return f"{cell(invoice.number)} for {format_money(invoice.amount)} {verb} on {day}"
