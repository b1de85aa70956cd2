"""Owns the tool `get_balance`."""

from __future__ import annotations

from assistant.backends.accounts import Account, Accounts
from assistant.core.cards import facts_card
from assistant.core.errors import ToolFailed
from assistant.core.events import JsonObject
from assistant.core.money import totals_by_currency
from assistant.core.phrasing import format_money, join_words
from assistant.core.toolbox import ToolContext, ToolOutput, ToolPolicy
from assistant.tools.account_views import account_data, account_row, cell, say_sums
from assistant.tools.base import (
    READS_OWN_DATA,
    ReadTool,
    customer_of,
    object_schema,
    text_schema,
)


class GetBalance(ReadTool):
    """What the customer's accounts hold."""

    name: str = "get_balance"
    description: str = (
        "The balance of each of the customer's accounts and the total in each currency. "
        "Use it for questions about how much money there is."
    )
    label: str = "Looking up your balance"
    schema: JsonObject = object_schema(
        {"account": text_schema("Part of one account's name, such as Savings; all without it", 60)}
    )
    policy: ToolPolicy = READS_OWN_DATA

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def run(self, arguments: JsonObject, context: ToolContext) -> ToolOutput:
        """Balances of all accounts, or of the ones asked for."""
        every = await self._accounts.balances(customer_of(context))
        if not every:
            raise ToolFailed("You have no account yet.", remedy="Talk to our support team.")
        wanted = arguments.get("account")
        shown = _named(every, wanted) if wanted else every
        totals = totals_by_currency(account.balance for account in every)
        total_rows = [(f"Total {money.currency}", format_money(money)) for money in totals]
        return ToolOutput(
            data={
                "accounts": [account_data(account) for account in shown],
                "totals": [money.as_json() for money in totals],
            },
            text=_sentence(shown, every),
            card=facts_card("Your balance", [*map(account_row, shown), *total_rows]),
        )


def _named(accounts: tuple[Account, ...], wanted: str) -> tuple[Account, ...]:
    found = tuple(a for a in accounts if wanted.casefold() in a.name.casefold())
    if not found:
        names = join_words([cell(account.name) for account in accounts])
        raise ToolFailed(
            f"You have no account called {cell(wanted)}.", remedy=f"Your accounts are {names}."
        )
    return found


def _sentence(shown: tuple[Account, ...], every: tuple[Account, ...]) -> str:
    held = [f"your {cell(a.name)} account holds {format_money(a.balance)}" for a in shown[:3]]
    sentence = join_words(held)
    sentence = f"{sentence[0].upper()}{sentence[1:]}."
    if len(every) == 1:
        return sentence
    totals = say_sums(totals_by_currency(account.balance for account in every))
    return f"{sentence} Across all accounts: {totals}."
