"""Staff take a conversation over in the console, and everybody who looks sees it."""

from __future__ import annotations

import pytest

from assistant.core.events import StaffJoined, StaffLeft
from assistant.store.takeovers import Takeovers
from tests.chat_store import conversation
from tests.review.conftest import IDLE_AFTER, Console
from tests.review.said import have
from tests.review.test_helping import open_ticket

PAGE = "/review/conversations/c-1"


@pytest.fixture(autouse=True)
async def started(console: Console) -> None:
    await have(console, "c-1", ("Hello", "Hi."))


def buttons(page) -> list[str]:
    return [each.get_text() for each in page.select(".head button, #state button")]


async def test_a_member_takes_over_and_hands_back(signed_in: Console):
    assert buttons(await signed_in.page(PAGE)) == ["Take over"]

    taken = await signed_in.client.post(f"{PAGE}/take-over")
    page = await signed_in.page(PAGE)

    assert (taken.status_code, taken.headers["location"]) == (303, f"{PAGE}#reply")
    assert buttons(page) == ["Hand back to Heidi"]
    assert "You speak with the visitor. Heidi is silent." in page.select_one(".taken").get_text()
    assert "Mira has taken over" in page.select_one(".timeline").get_text()

    await signed_in.client.post(f"{PAGE}/hand-back")

    page = await signed_in.page(PAGE)
    assert buttons(page) == ["Take over"]
    assert "Mira has handed back to Heidi" in page.select_one(".timeline").get_text()
    bodies = [event.body for event in await signed_in.store.log.read("c-1")]
    assert [body for body in bodies if isinstance(body, StaffJoined | StaffLeft)] == [
        StaffJoined(staff_name="Mira", staff_id="staff_mira"),
        StaffLeft(staff_name="Mira", staff_id="staff_mira"),
    ]


async def test_taking_over_ends_the_waiting(signed_in: Console):
    await signed_in.store.conversations.create(conversation())
    await open_ticket(signed_in)

    page = await signed_in.page("/review/conversations/conv-1")
    assert buttons(page) == ["Take over", "Close ticket"]
    await signed_in.client.post("/review/conversations/conv-1/take-over")

    page = await signed_in.page("/review/conversations/conv-1")
    assert page.select_one(".ticket") is None


async def test_an_open_page_learns_that_there_is_something_new(signed_in: Console):
    page = await signed_in.page(PAGE)
    timeline = page.select_one(".timeline")

    before = (await signed_in.client.get(timeline["data-latest"])).json()
    await signed_in.client.post(f"{PAGE}/take-over")
    after = (await signed_in.client.get(timeline["data-latest"])).json()

    assert before == {"last_seq": int(timeline["data-seq"])}
    assert after["last_seq"] == before["last_seq"] + 1


async def test_a_conversation_that_is_not_there_can_not_be_taken_over(signed_in: Console):
    for action in ("take-over", "hand-back"):
        response = await signed_in.client.post(f"/review/conversations/c-none/{action}")
        assert response.status_code == 404


async def test_only_staff_take_over(console: Console):
    response = await console.client.post(f"{PAGE}/take-over")

    assert response.headers["location"] == "/review/sign-in"
    assert (await console.store.conversations.get("c-1")).taken_over_by is None


async def test_who_stays_away_is_told_and_the_visitor_waits_again(signed_in: Console):
    await signed_in.client.post(f"{PAGE}/take-over")
    taken = await signed_in.page(PAGE)
    takeovers = Takeovers(signed_in.store.database, signed_in.store.log, idle_after=IDLE_AFTER)

    await takeovers.release_idle("c-1", signed_in.clock() + IDLE_AFTER)

    page = await signed_in.page(PAGE)
    assert "for 30 minutes the conversation goes back" in taken.select_one(".taken").get_text()
    assert "Mira has been away" in page.select_one(".timeline").get_text()
    assert "Mira took over and has not answered." in page.select_one(".ticket").get_text()
    assert buttons(page) == ["Take over", "Close ticket"]
