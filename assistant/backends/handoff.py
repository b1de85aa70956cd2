"""Owns handing a conversation to a person: a ticket in the queue, and mail when nobody is there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog

from assistant.backends.accounts import Accounts
from assistant.backends.mail import Mailer
from assistant.core.caller import Caller, VerifiedCustomer
from assistant.core.errors import HeidiError
from assistant.core.handoff import SupportHours
from assistant.store.tickets import Ticket, Tickets, new_ticket_id

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Handoff:
    """How the request for a person ended."""

    ticket_id: str
    is_new: bool
    """False if the conversation waited already."""
    is_staffed: bool | None
    """Whether somebody is there now; None if nobody knows."""
    can_reply_by_mail: bool
    """Whether the visitor's address is known."""


class Handoffs(Protocol):
    """Asks a person to take over a conversation."""

    async def ask(
        self, conversation_id: str, caller: Caller, *, reason: str, now: datetime
    ) -> Handoff:
        """Ask once for each conversation that does not wait already."""
        ...


@dataclass(frozen=True, kw_only=True)
class TicketHandoffs(Handoffs):
    """`Handoffs` by tickets."""

    tickets: Tickets
    accounts: Accounts
    """Where a customer's address is."""
    summarise: Callable[[str], Awaitable[str]]
    """The last turns of a conversation, in words."""
    mailer: Mailer | None = None
    support_email: str = ""
    """Who gets mail while nobody is online; empty: nobody."""
    hours: SupportHours | None = None
    """When somebody is online; None: nobody knows, so mail is sent."""
    conversation_url: Callable[[str], str] = str
    """Where the staff read a conversation."""

    async def ask(
        self, conversation_id: str, caller: Caller, *, reason: str, now: datetime
    ) -> Handoff:
        """Open a ticket unless there is one, and tell by mail if nobody is online."""
        is_staffed = self.hours.is_open(now) if self.hours is not None else None
        earlier = await self.tickets.open_for(conversation_id)
        if earlier is not None:
            return _handoff(earlier, is_new=False, is_staffed=is_staffed)
        ticket, is_new = await self.tickets.open(
            Ticket(
                id=new_ticket_id(),
                conversation_id=conversation_id,
                reason=reason,
                summary=await self.summarise(conversation_id),
                customer_name=caller.name if isinstance(caller, VerifiedCustomer) else "",
                email=await self._email_of(caller),
                status="open",
                opened_at=now,
            )
        )
        if is_new and not is_staffed:
            await self._tell(ticket)
        return _handoff(ticket, is_new=is_new, is_staffed=is_staffed)

    async def _email_of(self, caller: Caller) -> str:
        if not isinstance(caller, VerifiedCustomer):
            return ""
        try:
            return (await self.accounts.profile(caller.customer_id)).email
        except HeidiError as error:
            log.warning("ticket without address", problem=error.detail)
            return ""

    async def _tell(self, ticket: Ticket) -> None:
        if self.mailer is None or not self.support_email:
            return
        who = ticket.customer_name or "A visitor"
        text = (
            f"{who} waits for a person.\n\n{ticket.reason}\n"
            f"{self.conversation_url(ticket.conversation_id)}\n"
            f"E-mail: {ticket.email or 'not known'}\n\n{ticket.summary}\n"
        )
        try:
            await self.mailer.send(self.support_email, f"{who} waits for a person", text)
        except HeidiError as error:
            # The ticket stands in the queue: nothing is lost but time.
            log.error("support not told", ticket_id=ticket.id, problem=error.detail)


def _handoff(ticket: Ticket, *, is_new: bool, is_staffed: bool | None) -> Handoff:
    return Handoff(
        ticket_id=ticket.id,
        is_new=is_new,
        is_staffed=is_staffed,
        can_reply_by_mail=bool(ticket.email),
    )
