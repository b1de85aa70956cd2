"""What staff see: the list of conversations and the trace of each answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import chain

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import event

from assistant.core.events import (
    Citation,
    ConversationPaused,
    EventBody,
    Feedback,
    Retrieval,
    StaffMessage,
    Status,
    Suggestions,
    TextDelta,
    ToolCall,
    ToolResult,
    TurnFailed,
    TurnStarted,
)
from assistant.review.list_routes import PAGE_SIZE
from tests.chat_store import NOW, conversation
from tests.events import BY_TYPE, EXAMPLES, PASSAGE
from tests.fakes_agent import completed
from tests.review.conftest import Console

HOSTILE = '<img src=x onerror="alert(1)"><script>alert(1)</script>'


async def keep(console: Console, *bodies: EventBody, turn_id: str | None = "turn-1") -> None:
    """Append to the log of conv-1."""
    for body in bodies:
        await console.store.log.append("conv-1", turn_id, [body], NOW)


async def rows(console: Console, query: str = "") -> list[str]:
    return ids_of(await console.page(f"/review{query}"))


def ids_of(page: BeautifulSoup) -> list[str]:
    return [link["href"].rsplit("/", 1)[1] for link in page.select("ul.list a")]


async def add(console: Console, number: int, **changes: object) -> None:
    usual = {
        "id": f"c-{number:02}",
        "turn_count": 1,
        "first_message": f"Question {number}",
        "updated_at": NOW - timedelta(minutes=number),
    }
    await console.store.conversations.create(replace(conversation(), **{**usual, **changes}))


async def test_conversations_are_listed_latest_first_and_empty_ones_left_out(signed_in: Console):
    await add(signed_in, 2)
    await add(signed_in, 1, customer_id="cust-ada", customer_name="Ada", is_paused=True)
    await add(signed_in, 3, turn_count=0)

    page = await signed_in.page("/review")

    assert [" ".join(row.get_text(" ").split()) for row in page.select("ul.list li")] == [
        "Question 1 Ada Paused 1 turn 1 minute ago",
        "Question 2 Visitor 1 turn 2 minutes ago",
    ]


async def test_a_search_finds_words_customers_and_whole_ids(signed_in: Console):
    await add(signed_in, 1, first_message="Why 100%?")
    await add(signed_in, 2, customer_id="cust_ada", customer_name="Ada")

    assert await rows(signed_in, "?q=why") == ["c-01"]
    assert await rows(signed_in, "?q=%25") == ["c-01"]
    assert await rows(signed_in, "?q=cust_ada") == ["c-02"]
    assert await rows(signed_in, "?q=_") == ["c-02"]
    assert await rows(signed_in, "?q=c-01") == ["c-01"]
    assert await rows(signed_in, "?q=%20%20") == ["c-01", "c-02"]
    assert await rows(signed_in, "?q=' OR 1=1 --") == []


async def test_a_search_is_shown_as_text_and_kept_in_the_links_of_pages(signed_in: Console):
    for number in range(PAGE_SIZE + 1):
        await add(signed_in, number, first_message='"><script>x&y')

    page = await signed_in.page("/review?q=%22%3E%3Cscript%3Ex%26y")

    assert page.select("script:not([src='/review/static/console.js'])") == []
    assert page.select_one("input[name=q]")["value"] == '"><script>x&y'
    older = page.select_one("nav.pages a[rel=next]")["href"]
    second = await signed_in.page(older)
    assert len(second.select("ul.list li")) == 1
    assert second.select_one("input[name=q]")["value"] == '"><script>x&y'
    assert second.select_one("nav.pages a[rel=next]") is None


async def test_pages_show_every_conversation_once(signed_in: Console):
    for number in range(2 * PAGE_SIZE + 5):
        await add(signed_in, number, updated_at=NOW)

    pages, address = [], "/review"
    while address:
        page = await signed_in.page(address)
        pages.append(ids_of(page))
        following = page.select_one("nav.pages a[rel=next]")
        address = following["href"] if following else ""

    assert [len(page) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 5]
    assert sorted(chain(*pages)) == [f"c-{number:02}" for number in range(2 * PAGE_SIZE + 5)]


async def test_a_search_that_is_too_long_is_a_problem(signed_in: Console):
    response = await signed_in.client.get("/review?q=" + "x" * 201)

    assert response.status_code == 422
    assert "at most 200 characters" in response.text


async def test_a_longer_list_asks_the_database_no_more(signed_in: Console):
    engine = signed_in.store.database.engine.sync_engine
    statements: list[str] = []
    event.listen(
        engine,
        "before_cursor_execute",
        lambda _c, _cur, statement, *_: statements.append(statement),
    )

    async def count() -> int:
        statements.clear()
        await signed_in.page("/review")
        return len(statements)

    await add(signed_in, 0)
    one = await count()
    for number in range(1, 25):
        await add(signed_in, number)

    assert await count() == one


async def test_an_unknown_conversation_has_a_page_that_says_so(signed_in: Console):
    response = await signed_in.client.get("/review/conversations/conv-9")

    assert response.status_code == 404
    assert "No such conversation" in response.text


async def test_a_conversation_shows_what_was_said_and_how_each_answer_came_about(
    signed_in: Console,
):
    await signed_in.store.conversations.create(conversation(first_message="Do robots walk?"))
    await keep(
        signed_in,
        TurnStarted(message="Do robots walk?", client_turn_id="c", agent="built-in"),
        Status(text="Routing", detail={"news": 0.93}),
        Retrieval(
            query="robots walk",
            filters={"since": "2026-11-01", "until": None},
            passages=(replace(PASSAGE, scores={"dense": 0.5, "lexical": 12.25}),),
            elapsed_ms=12.4,
        ),
        ToolCall(call_id="1", tool="get_balance", arguments={"account": "a1"}, label="Balance"),
        ToolResult(
            call_id="1",
            tool="get_balance",
            ok=False,
            output={"error": "no such account"},
            card=None,
            elapsed_ms=3.0,
        ),
        TextDelta(text="They "),
        TextDelta(text="do."),
        replace(BY_TYPE["citation"], quote="Robots walk daily."),
        completed(slot="robots"),
        Feedback(rating="down", comment="Which robots?"),
    )

    page = await signed_in.page("/review/conversations/conv-1")

    said = page.select_one("article.turn .said")
    assert said.select_one(".visitor").get_text() == "Do robots walk?"
    assert said.select_one(".heidi").get_text(strip=True) == "They do."
    assert said.select_one(".sources a")["href"] == "/briefings/robots-walk"
    assert "Bad answer" in said.get_text()
    assert "Which robots?" in said.get_text()
    assert [step.get_text() for step in page.select(".step .title")] == [
        "Routing",
        "Retrieved 1 passage for “robots walk”",
        "Called get_balance",
        "get_balance failed in 3 ms",
        "Cited [1] Robots walk",
        "Completed: answered",
    ]
    trace = page.select_one("details.trace").get_text(" ")
    for detail in ("0.812", "dense 0.5", "lexical 12.25", "since", '"news": 0.93'):
        assert detail in trace
    for detail in ('"account": "a1"', "no such account", "Robots walk daily.", '"slot": "robots"'):
        assert detail in trace
    assert [step["class"] for step in page.select(".step.bad")] == [["step", "tool-result", "bad"]]


async def test_what_staff_said_and_pauses_stand_where_they_happened(signed_in: Console):
    await signed_in.store.conversations.create(conversation(is_paused=True))
    await keep(
        signed_in,
        ConversationPaused(reason="Nothing happened for a while."),
        StaffMessage(staff_name="Mira", text="Hello"),
        turn_id=None,
    )

    page = await signed_in.page("/review/conversations/conv-1")

    assert [" ".join(item.get_text(" ").split()) for item in page.select(".timeline > [id]")] == [
        "12:00 Paused: Nothing happened for a while.",
        "Hello Mira 12:00",
    ]
    assert "Nothing said yet" not in page.get_text()


async def test_a_conversation_without_a_word_says_so(signed_in: Console):
    await signed_in.store.conversations.create(conversation())

    page = await signed_in.page("/review/conversations/conv-1")

    assert "Nothing said yet" in page.get_text()


@pytest.mark.parametrize(
    "place", ["x", "~", "x~c-01", "2026-11-24T12:00:00~c-01", "9" * 30 + "~c-01", "~c-01", "%F0%9F"]
)
async def test_a_page_that_can_not_be_is_the_first(signed_in: Console, place: str):
    await add(signed_in, 1)

    assert await rows(signed_in, f"?after={place}") == ["c-01"]


async def test_a_page_past_the_end_leads_back(signed_in: Console):
    await add(signed_in, 1)

    page = await signed_in.page("/review?after=2000-01-01T00:00:00%2B00:00~c-00")

    assert page.select("ul.list") == []
    assert "past the end" in page.get_text()


async def test_a_turn_that_is_still_running_or_failed_is_shown_so(signed_in: Console):
    await signed_in.store.conversations.create(conversation())
    await keep(signed_in, TurnStarted(message="One?", client_turn_id="c", agent="llm:x"))
    await keep(
        signed_in,
        TurnStarted(message="Two?", client_turn_id="d", agent="llm:x"),
        TurnFailed(error="time-out", message="Too long."),
        turn_id="turn-2",
    )

    page = await signed_in.page("/review/conversations/conv-1")

    assert [badge.get_text() for badge in page.select(".meta .badge")] == ["running", "failed"]
    assert page.select_one(".alert").get_text() == "Too long."


def poisoned(value: object) -> object:
    """The value with markup in every text."""
    match value:
        case str():
            return HOSTILE
        case tuple():
            return tuple(poisoned(inner) for inner in value)
        case dict():
            return {HOSTILE + name: poisoned(inner) for name, inner in value.items()}
        case _:
            return value


def hostile(body: EventBody) -> EventBody:
    kept = {"type", "outcome", "decision", "rating"}
    changes = {name: poisoned(value) for name, value in vars(body).items() if name not in kept}
    if isinstance(body, Retrieval):
        passage = {name: poisoned(value) for name, value in vars(PASSAGE).items()}
        changes["passages"] = (replace(PASSAGE, **passage),)
    return replace(body, **changes)


async def test_hostile_markup_anywhere_is_shown_as_text(signed_in: Console):
    await signed_in.store.conversations.create(
        conversation(
            turn_count=1,
            first_message=HOSTILE,
            customer_id=HOSTILE,
            customer_name=HOSTILE,
            timezone=HOSTILE[:64],
        )
    )
    await keep(signed_in, *(hostile(body) for body in EXAMPLES))

    for path in ("/review", "/review/conversations/conv-1"):
        response = await signed_in.client.get(path)
        page = BeautifulSoup(response.text, "html.parser")
        assert response.status_code == 200
        assert (
            page.select("script:not([src='/review/static/console.js']), img, iframe, [onerror]")
            == []
        )
        assert "<script>alert(1)</script>" in page.get_text()
        assert response.headers["content-security-policy"]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//evil.example", "data:text/html,x"])
async def test_hostile_addresses_are_no_links(signed_in: Console, address):
    await signed_in.store.conversations.create(conversation())
    citation = BY_TYPE["citation"]
    assert isinstance(citation, Citation)
    await keep(
        signed_in,
        TurnStarted(message="Hi", client_turn_id="c", agent="built-in"),
        Retrieval(
            query="x", filters={}, passages=(replace(PASSAGE, path=address),), elapsed_ms=1.0
        ),
        replace(citation, path=address, source_url=address),
        Suggestions(questions=(), briefings=(("Click", address),)),
    )

    page = await signed_in.page("/review/conversations/conv-1")

    links = {link.get("href") for link in page.select("a")}
    assert address not in links
    assert all(not link or link.startswith(("/", "#")) for link in links)


async def test_of_many_passages_the_first_ones_are_in_sight(signed_in: Console):
    await signed_in.store.conversations.create(conversation())
    passages = tuple(replace(PASSAGE, chunk_id=str(number)) for number in range(5))
    await keep(
        signed_in,
        TurnStarted(message="Hi", client_turn_id="c", agent="built-in"),
        Retrieval(query="x", filters={}, passages=passages, elapsed_ms=1.0),
    )

    page = await signed_in.page("/review/conversations/conv-1")

    assert len(page.select(".step > div > .passages > li")) == 3
    assert len(page.select(".step > div > details .passages > li")) == 2
    assert "2 more" in page.get_text()
