"""Staff help a visitor who waits: they see the ticket, reply, and close it."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from assistant.core.events import StaffMessage
from assistant.store.tickets import Ticket, Tickets
from tests.chat_store import NOW, conversation
from tests.review.conftest import Console


@pytest.fixture(autouse=True)
async def started(console: Console) -> None:
    """The visitor's conversation."""
    await console.store.conversations.create(conversation())


async def open_ticket(console: Console) -> Ticket:
    ticket, _ = await Tickets(console.store.database).open(
        Ticket(
            id="tkt_1",
            conversation_id="conv-1",
            reason="Asked for a <b>person</b>",
            summary="",
            customer_name="Ada",
            email="ada@example.org",
            status="open",
            opened_at=NOW,
        )
    )
    return ticket


async def test_who_waits_for_a_person_stands_above_the_conversations(signed_in: Console):
    await open_ticket(signed_in)

    waiting = (await signed_in.page("/review")).select_one(".waiting")

    assert waiting is not None
    assert "Asked for a <b>person</b>" in waiting.get_text()
    assert waiting.a is not None
    assert waiting.a["href"] == "/review/conversations/conv-1"


async def test_a_reply_goes_into_the_log_under_the_members_name(signed_in: Console):
    response = await signed_in.client.post(
        "/review/conversations/conv-1/messages", data={"text": " Hello, how can I help? "}
    )

    assert response.status_code == 303
    (event,) = await signed_in.store.log.read("conv-1")
    assert isinstance(event.body, StaffMessage)
    assert event.body.text == "Hello, how can I help?"
    assert event.turn_id is None


async def test_an_empty_reply_is_refused_and_nothing_is_said(signed_in: Console):
    response = await signed_in.client.post(
        "/review/conversations/conv-1/messages", data={"text": "   "}
    )

    assert response.status_code == 422
    assert "The message is empty." in response.text
    assert await signed_in.store.log.read("conv-1") == ()


async def test_a_reply_that_is_too_long_comes_back_to_be_shortened(signed_in: Console):
    response = await signed_in.client.post(
        "/review/conversations/conv-1/messages", data={"text": "x" * 4_001}
    )

    page = BeautifulSoup(response.text, "html.parser")
    box = page.select_one("textarea")
    assert response.status_code == 422
    assert box is not None
    assert box.get_text() == "x" * 4_001
    assert "4,001 characters" in page.get_text()
    assert await signed_in.store.log.read("conv-1") == ()


async def test_a_closed_ticket_waits_no_longer(signed_in: Console):
    ticket = await open_ticket(signed_in)

    await signed_in.client.post(f"/review/conversations/conv-1/tickets/{ticket.id}/close")

    page = await signed_in.page("/review/conversations/conv-1")
    assert page.select_one(".ticket") is None
    assert await Tickets(signed_in.store.database).waiting() == ()


async def test_only_staff_can_reply(console: Console):
    response = await console.client.post(
        "/review/conversations/conv-1/messages", data={"text": "Hello"}
    )

    assert (response.status_code, response.headers["location"]) == (303, "/review/sign-in")
    assert await console.store.log.read("conv-1") == ()
