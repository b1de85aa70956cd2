"""Owns the tool `list_transactions`."""

from __future__ import annotations

from assistant.backends.accounts import (
    Accounts,
    Direction,
    Transaction,
    TransactionFilter,
    TransactionPage,
)
from assistant.core.cards import table_card
from assistant.core.errors import InvalidInput
from assistant.core.events import JsonObject
from assistant.core.phrasing import count_of, format_money, format_short_day, join_words
from assistant.core.toolbox import ToolContext, ToolOutput, ToolPolicy
from assistant.tools.account_views import cell, say_sums, transaction_data
from assistant.tools.base import (
    READS_OWN_DATA,
    ReadTool,
    customer_of,
    day_schema,
    limit_schema,
    object_schema,
    text_schema,
)
from assistant.tools.times import read_day

DEFAULT_LIMIT = 5
SPOKEN = 3
"""How many transactions the sentence names; the card has them all."""


class ListTransactions(ReadTool):
    """Payments in and out."""

    name: str = "list_transactions"
    description: str = (
        "The customer's newest payments in and out, with the number and sums of all that match. "
        'Use it for "last three payments", "what did I pay in October", "payments to the rail".'
    )
    label: str = "Looking up your transactions"
    schema: JsonObject = object_schema(
        {
            "since": day_schema("First day, included"),
            "until": day_schema("Last day, included"),
            "direction": {
                "enum": ["in", "out"],
                "description": "`out`: paid by the customer; `in`: received; both without it",
            },
            "text": text_schema("Part of the other party's name or of the description", 80),
            "account": text_schema("Part of one account's name", 60),
            "limit": limit_schema(50, DEFAULT_LIMIT),
        }
    )
    policy: ToolPolicy = READS_OWN_DATA

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def run(self, arguments: JsonObject, context: ToolContext) -> ToolOutput:
        """The newest transactions that match."""
        wanted = _filter(arguments)
        page = await self._accounts.transactions(customer_of(context), wanted)
        rows = [_row(transaction) for transaction in page.transactions]
        return ToolOutput(
            data={
                "transactions": [transaction_data(each) for each in page.transactions],
                "matched": page.matched,
                "received": [money.as_json() for money in page.received],
                "paid": [money.as_json() for money in page.paid],
            },
            text=_sentence(page, wanted),
            card=table_card("Your transactions", ["Date", "Who", "Amount", "Account"], rows)
            if rows
            else None,
        )


def _filter(arguments: JsonObject) -> TransactionFilter:
    since, until = arguments.get("since"), arguments.get("until")
    wanted = TransactionFilter(
        since=read_day(since, "since") if since else None,
        until=read_day(until, "until") if until else None,
        direction=arguments.get("direction"),
        text=_words(arguments, "text"),
        account=_words(arguments, "account"),
        limit=arguments.get("limit", DEFAULT_LIMIT),
    )
    if wanted.since and wanted.until and wanted.until < wanted.since:
        raise InvalidInput(
            "The period ends before it begins.", field="until", remedy="Swap since and until."
        )
    return wanted


def _words(arguments: JsonObject, name: str) -> str | None:
    """Text to look for; PostgreSQL takes no NUL, and nobody looks for control characters."""
    return cell(arguments.get(name, "")) or None


def _row(transaction: Transaction) -> tuple[str, str, str, str]:
    return (
        format_short_day(transaction.day),
        cell(transaction.counterparty),
        format_money(transaction.amount),
        cell(transaction.account_name),
    )


def _sentence(page: TransactionPage, wanted: TransactionFilter) -> str:
    noun = _noun(wanted.direction)
    where = _say_filter(wanted)
    if not page.matched:
        return f"I found no {noun}s{where}."
    spoken = join_words([_say(each) for each in page.transactions[:SPOKEN]])
    if not where:
        shown = min(SPOKEN, len(page.transactions))
        latest = f"latest {noun} is" if shown == 1 else f"latest {shown} {noun}s are"
        return f"Your {latest} {spoken}."
    sums = [f"paid {say_sums(page.paid)}"] if page.paid else []
    sums += [f"received {say_sums(page.received)}"] if page.received else []
    total = f"{count_of(page.matched, noun)}{where}: you {join_words(sums)}"
    return f"I found {total}. The latest: {spoken}."


def _noun(direction: Direction | None) -> str:
    match direction:
        case "out":
            return "payment"
        case "in":
            return "incoming payment"
        case None:
            return "transaction"


def _say(transaction: Transaction) -> str:
    towards = "from" if transaction.direction == "in" else "to"
    amount = format_money(abs(transaction.amount))
    day = format_short_day(transaction.day)
    return f"{amount} {towards} {cell(transaction.counterparty)} on {day}"


def _say_filter(wanted: TransactionFilter) -> str:
    parts = []
    if wanted.text:
        parts.append(f" with “{cell(wanted.text)}”")
    if wanted.account:
        parts.append(f" in {cell(wanted.account)}")
    if wanted.since and wanted.until:
        first, last = format_short_day(wanted.since), format_short_day(wanted.until)
        parts.append(f" from {first} to {last}" if wanted.since < wanted.until else f" on {first}")
    elif wanted.since:
        parts.append(f" since {format_short_day(wanted.since)}")
    elif wanted.until:
        parts.append(f" up to {format_short_day(wanted.until)}")
    return "".join(parts)
