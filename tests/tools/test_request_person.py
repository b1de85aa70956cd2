"""Asking for a person: a ticket once, mail when nobody is there, and true words about both."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import structlog

from assistant.backends.accounts_sql import SqlAccounts
from assistant.backends.demo_accounts import seed_demo_accounts
from assistant.backends.handoff import TicketHandoffs
from assistant.core.events import ToolCall, ToolResult
from assistant.core.handoff import SupportHours
from assistant.store.conversation_tables import Conversation
from assistant.store.conversations import Conversations
from assistant.store.tickets import Tickets
from assistant.tools.request_person import RequestPerson
from tests.contracts.databases import ACCOUNT_TABLES, open_database
from tests.fakes_mail import FakeMailer
from tests.store.test_tickets import TABLES
from tests.tools.conftest import ADA, NOBODY, NOW, context_of

ASKED = "I've asked our support team to join this conversation"
AWAY = ". Nobody is online right now; they will answer here"
HOURS = SupportHours.parse("mon-fri 08:00-18:00 Europe/Zurich")


async def summarise(conversation_id: str) -> str:
    return f"Visitor: help in {conversation_id}"


@pytest.fixture
async def handoffs(tmp_path):
    async with open_database("sqlite", tmp_path, [*ACCOUNT_TABLES, *TABLES]) as database:
        await seed_demo_accounts(database, NOW)
        conversation = Conversation(
            id="c1",
            visitor_id="v",
            customer_id=None,
            customer_name="",
            timezone="UTC",
            locale="en",
            is_paused=False,
            first_message="",
            turn_count=0,
            created_at=NOW,
            updated_at=NOW,
        )
        await Conversations(database).create(conversation)
        yield TicketHandoffs(
            tickets=Tickets(database),
            accounts=SqlAccounts(database),
            summarise=summarise,
            mailer=FakeMailer(),
            support_email="support@news.example",
            hours=None,
            conversation_url=lambda name: f"https://news.example/review/{name}",
        )


async def ask(handoffs, caller=NOBODY, **arguments):
    return await RequestPerson(handoffs).run(arguments, context_of(caller))


async def test_a_visitor_who_asks_gets_a_ticket_and_the_staff_a_mail(handoffs):
    output = await ask(handoffs, ADA, reason="Wants a refund")
    [ticket] = await handoffs.tickets.waiting()
    assert (ticket.reason, ticket.summary) == ("Wants a refund", "Visitor: help in c1")
    assert (ticket.customer_name, ticket.email) == ("Ada Moreau", "ada.moreau@example.com")
    assert output.data == {"ticket_id": ticket.id, "is_new": True}
    assert output.text == f"{ASKED}; they will answer here or by e-mail as soon as they can."
    [letter] = handoffs.mailer.letters
    assert (letter.to, letter.subject) == (
        "support@news.example",
        "Ada Moreau waits for a person",
    )
    assert "https://news.example/review/c1" in letter.text
    assert "Visitor: help in c1" in letter.text


async def test_asking_again_makes_neither_ticket_nor_mail(handoffs):
    first = await ask(handoffs)
    again = await ask(handoffs, reason="Please!")
    assert again.data == {**first.data, "is_new": False}
    assert first.text == f"{ASKED}; they will answer here as soon as they can."
    assert again.text.startswith("Our support team knows already")
    assert len(await handoffs.tickets.waiting()) == len(handoffs.mailer.letters) == 1


async def test_nobody_is_mailed_while_somebody_is_online(handoffs):
    output = await ask(replace(handoffs, hours=HOURS))
    assert output.text == f"{ASKED}; someone will answer you here shortly."
    assert handoffs.mailer.letters == []


async def test_in_the_evening_they_are(handoffs):
    evening = replace(context_of(NOBODY), now=NOW + timedelta(hours=10))
    output = await RequestPerson(replace(handoffs, hours=HOURS)).run({}, evening)
    assert output.text == f"{ASKED}{AWAY} when they are back."
    assert len(handoffs.mailer.letters) == 1


async def test_a_mail_that_fails_loses_no_ticket(handoffs):
    with structlog.testing.capture_logs() as logs:
        output = await ask(replace(handoffs, mailer=FakeMailer(is_broken=True)))
    assert output.data["is_new"]
    assert [log["event"] for log in logs] == ["support not told"]
    assert len(await handoffs.tickets.waiting()) == 1


async def test_without_mail_settings_only_the_ticket_is_made(handoffs):
    for quiet in (replace(handoffs, mailer=None), replace(handoffs, support_email="")):
        await ask(quiet)
    assert len(await handoffs.tickets.waiting()) == 1


async def test_it_needs_neither_sign_in_nor_confirmation(handoffs, make_toolbox, actions):
    toolbox = make_toolbox([RequestPerson(handoffs)], NOBODY)
    events, invocation, text = await toolbox.call("request_person", {})
    assert [type(event) for event in events] == [ToolCall, ToolResult]
    assert invocation.ok
    assert text.startswith(ASKED)
    assert actions.actions == {}


async def test_an_unknown_customer_waits_all_the_same(handoffs):
    stranger = replace(ADA, customer_id="cust-zoe")
    with structlog.testing.capture_logs():
        output = await ask(handoffs, stranger)
    assert output.data["is_new"]
    assert (await handoffs.tickets.waiting())[0].email == ""
