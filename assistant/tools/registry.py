"""Owns the list of tools that this site has."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.backends.accounts import Accounts
from assistant.backends.calendar import Calendar
from assistant.backends.handoff import Handoffs
from assistant.backends.invitations import Invitations
from assistant.core.toolbox import Tool
from assistant.tools.book_meeting import BookMeeting
from assistant.tools.cancel_meeting import CancelMeeting
from assistant.tools.find_free_slots import FindFreeSlots
from assistant.tools.get_account_overview import GetAccountOverview
from assistant.tools.get_balance import GetBalance
from assistant.tools.get_profile import GetProfile
from assistant.tools.list_invoices import ListInvoices
from assistant.tools.list_meetings import ListMeetings
from assistant.tools.list_transactions import ListTransactions
from assistant.tools.move_meeting import MoveMeeting
from assistant.tools.request_person import RequestPerson
from assistant.tools.update_contact import UpdateContact


def make_tools(
    accounts: Accounts,
    calendar: Calendar,
    *,
    invitations: Invitations | None = None,
    handoffs: Handoffs | None = None,
    others: Sequence[Tool] = (),
) -> tuple[Tool, ...]:
    """Every tool, on these backends.

    Args:
        accounts: customers' accounts.
        calendar: the staff's calendar.
        invitations: sends meetings by mail; None sends nothing.
        handoffs: asks a person; None leaves that tool out.
        others: tools from elsewhere, each with its policy.
    """
    return (
        GetAccountOverview(accounts),
        GetBalance(accounts),
        ListTransactions(accounts),
        ListInvoices(accounts),
        GetProfile(accounts),
        UpdateContact(accounts),
        FindFreeSlots(calendar),
        BookMeeting(calendar, invitations),
        MoveMeeting(calendar, invitations),
        CancelMeeting(calendar, invitations),
        ListMeetings(calendar),
        *((RequestPerson(handoffs),) if handoffs else ()),
        *others,
    )
