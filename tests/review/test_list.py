"""The list finds conversations by what was said and how it went."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from assistant.core.caller import StaffMember
from assistant.core.events import Feedback, Outcome, StaffMessage, TurnPassedOn, TurnStarted
from assistant.review.list_routes import PAGE_SIZE
from assistant.store.conversation_tables import ConversationRow
from assistant.store.review_facts import searchable
from assistant.store.review_index import ReviewIndex
from assistant.store.review_search import words_of
from assistant.store.takeovers import Takeovers
from assistant.store.tickets import Ticket, Tickets
from tests.chat_store import NOW, conversation
from tests.review.conftest import Console
from tests.review.said import have, turn_id
from tests.review.test_pages import ids_of, rows

MIRA = StaffMember(staff_id="staff_mira", name="Mira")


@pytest.mark.parametrize(
    "words",
    [
        "walking",
        "WALKING robots",
        "zürich",
        "ZÜRICH",
        '"robots walk"',
        "tallest",
        "c-robots",
        "ada",
    ],
)
async def test_a_search_finds_what_anybody_said(signed_in: Console, words: str):
    await have(signed_in, "c-other", ("Hello", "Hi."))
    await have(
        signed_in,
        "c-robots",
        ("Are robots walking in Zürich?", "They are."),
        ("And which robots walk?", "The tallest."),
        customer_id="cust-ada",
        customer_name="Ada",
    )

    assert await rows(signed_in, f"?q={words}") == ["c-robots"]


async def test_a_search_finds_the_words_of_staff_and_what_was_said_since(signed_in: Console):
    await have(signed_in, "c-1", ("Hello", "Hi."))
    assert await rows(signed_in, "?q=refund") == []

    said = StaffMessage(staff_name="Mira", text="Your REFUND is on its way.")
    await signed_in.store.log.append("c-1", None, [said], NOW)

    assert await rows(signed_in, "?q=refund") == ["c-1"]


@pytest.mark.parametrize("words", ['"walk robots"', "robots tomorrow", "%", "_", '"', "\\"])
async def test_a_search_finds_nothing_else(signed_in: Console, words: str):
    await have(signed_in, "c-1", ("Do robots walk?", "Yes."))

    assert await rows(signed_in, f"?q={words}") == ([] if words != '"' else ["c-1"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("outcome=abstained", {"c-bad"}),
        ("outcome=answered", {"c-good", "c-llm"}),
        ("feedback=down", {"c-bad"}),
        ("feedback=up", {"c-good"}),
        ("agent=llm:gpt", {"c-llm"}),
        ("who=customer", {"c-llm"}),
        ("who=anonymous", {"c-good", "c-bad"}),
        ("feedback=down&q=robots", {"c-bad"}),
        ("feedback=down&q=hello", set()),
        ("from=2026-11-24", {"c-bad", "c-llm"}),
        ("to=2026-11-23", {"c-good"}),
        ("from=2026-11-01&to=2026-11-30", {"c-good", "c-bad", "c-llm"}),
        ("from=yesterday", {"c-good", "c-bad", "c-llm"}),
        ("from=9999-12-31&to=9999-12-31", set()),
        ("status=nonsense&who=x&sort=y", {"c-good", "c-bad", "c-llm"}),
    ],
)
async def test_filters_stand_in_the_address(signed_in: Console, query: str, found: set[str]):
    earlier = NOW - timedelta(days=3)
    await have(
        signed_in,
        "c-good",
        ("Hello", "Hi."),
        rating="up",
        created_at=earlier,
        updated_at=earlier,
    )
    # A turn moves the conversation to the day on which it begins.
    await _move(signed_in, "c-good", earlier)
    await have(signed_in, "c-bad", ("Robots?", "No."), outcome=Outcome.ABSTAINED, rating="down")
    await have(
        signed_in,
        "c-llm",
        ("Hello there", "Hi."),
        agent="llm:gpt",
        customer_id="cust-ada",
        customer_name="Ada",
    )

    assert set(await rows(signed_in, f"?{query}")) == found


async def _move(console: Console, conversation_id: str, at) -> None:
    async with console.store.database.begin() as session:
        await session.execute(
            update(ConversationRow)
            .where(ConversationRow.id == conversation_id)
            .values(updated_at=at)
        )


async def test_what_is_no_date_is_said(signed_in: Console):
    page = await signed_in.page("/review?from=yesterday")

    assert "“yesterday” is no date" in page.select_one(".alert").get_text()


async def test_queues_count_and_tell_the_longest_wait(signed_in: Console):
    for number, name in enumerate(("waits", "taken", "open", "idle")):
        await have(signed_in, f"c-{name}", (name, "Hi."))
        if name in {"waits", "idle"}:
            await _move(signed_in, f"c-{name}", NOW - timedelta(days=2 + number))
    await Tickets(signed_in.store.database).open(ticket("c-waits", NOW - timedelta(hours=3)))
    await Takeovers(signed_in.store.database, signed_in.store.log).begin("c-taken", MIRA, NOW)

    page = await signed_in.page("/review?status=waiting")

    assert [tab.get_text(" ", strip=True) for tab in page.select(".tabs a")] == [
        "All 4",
        "Waiting for a person 1",
        "Taken over 1",
        "Open 1",
        "Closed or idle 1",
    ]
    assert page.select_one(".tabs [aria-current]").get_text().startswith("Waiting")
    assert "asked 3 hours ago" in page.select_one(".queue-note").get_text()
    assert "Asked for a person" in page.select_one("ul.list").get_text()
    for status, found in (
        ("waiting", "c-waits"),
        ("taken", "c-taken"),
        ("open", "c-open"),
        ("idle", "c-idle"),
    ):
        assert await rows(signed_in, f"?status={status}") == [found]


async def test_pages_stay_what_they_are_while_conversations_move(signed_in: Console):
    for number in range(PAGE_SIZE + 5):
        at = NOW - timedelta(minutes=number)
        await signed_in.store.conversations.create(
            conversation(f"c-{number:02}", turn_count=1, first_message="Hi", updated_at=at)
        )
    first = await signed_in.page("/review")
    await _move(signed_in, "c-34", NOW + timedelta(minutes=1))

    second = await signed_in.page(first.select_one("a[rel=next]")["href"])

    assert ids_of(second) == ["c-30", "c-31", "c-32", "c-33"]
    back = await signed_in.page(second.select_one("a[rel=prev]")["href"])
    assert ids_of(back) == ids_of(first)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("newest", ["c-1", "c-2", "c-3"]),
        ("oldest", ["c-3", "c-2", "c-1"]),
        ("started", ["c-3", "c-2", "c-1"]),
        ("longest", ["c-2", "c-1", "c-3"]),
    ],
)
async def test_the_order_can_be_chosen_and_pages_follow_it(
    signed_in: Console, sort: str, order: list[str], monkeypatch
):
    monkeypatch.setattr("assistant.review.list_routes.PAGE_SIZE", 1)
    for number, turns in ((1, 5), (2, 9), (3, 2)):
        await signed_in.store.conversations.create(
            conversation(
                f"c-{number}",
                turn_count=turns,
                first_message="Hi",
                updated_at=NOW - timedelta(hours=number),
                created_at=NOW + timedelta(hours=number),
            )
        )

    seen, address, back = [], f"/review?sort={sort}", ""
    while address:
        page = await signed_in.page(address)
        seen += ids_of(page)
        following, previous = page.select_one("a[rel=next]"), page.select_one("a[rel=prev]")
        address, back = (each["href"] if each else "" for each in (following, previous))

    assert seen == order
    assert ids_of(await signed_in.page(back)) == [order[1]]


async def test_the_index_reads_each_conversation_once(signed_in: Console):
    index = ReviewIndex(signed_in.store.database)
    for number in range(3):
        await have(signed_in, f"c-{number}", ("Hello", "Hi."))

    assert [await index.catch_up(limit=2), await index.catch_up(), await index.catch_up()] == [
        2,
        1,
        0,
    ]


async def test_a_changed_judgement_replaces_the_earlier_one(signed_in: Console):
    await have(signed_in, "c-1", ("Hello", "Hi."), rating="up")
    assert await rows(signed_in, "?feedback=up") == ["c-1"]

    await signed_in.store.log.append("c-1", turn_id("c-1"), [Feedback(rating="down")], NOW)

    assert await rows(signed_in, "?feedback=up") == []
    assert await rows(signed_in, "?feedback=down") == ["c-1"]


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ("Robots  WALK", ("robots", "walk")),
        ('say "robots walk" now', ("say", "robots walk", "now")),
        ("it's 5'", ("it's", "5'")),
        ('open "quote', ("open", "quote")),
        ("#1 a\\b", ("#1", "a\\b")),
        ("", ()),
    ],
)
def test_a_search_is_words_and_phrases(search: str, words: tuple[str, ...]):
    assert words_of(search) == words
    assert searchable(search) == searchable(searchable(search))


async def test_the_list_says_when_older_conversations_are_not_read_yet(
    signed_in: Console, monkeypatch
):
    monkeypatch.setattr("assistant.review.list_routes.MOST_AT_ONCE", 1)
    await have(signed_in, "c-1", ("Hello", "Hi."))

    first, second = [await signed_in.page("/review") for _ in range(2)]

    assert "still being read" in first.get_text()
    assert "still being read" not in second.get_text()


async def test_an_open_list_learns_of_what_is_new(signed_in: Console):
    await have(signed_in, "c-1", ("Hello", "Hi."))
    page = await signed_in.page("/review?q=robots")
    live = page.select_one("[data-list]")["data-list"]
    await have(signed_in, "c-2", ("Do robots walk?", "**Yes**, they\ndo."))

    newer = await signed_in.page(live)

    assert live == "/review/live?q=robots"
    assert (page.select_one("#found")["data-total"], ids_of(page)) == ("0", [])
    assert newer.select_one("#found")["data-total"] == "1"
    assert ids_of(newer) == ["c-2"]
    assert newer.select_one("header, h1, form") is None
    assert newer.select_one("#queues .count").get_text() == "2"


async def test_a_row_tells_who_waits_who_helps_and_what_was_said_last(signed_in: Console):
    for name in ("c-1", "c-2"):
        await have(signed_in, name, ("Hello", "- **Hi**, how\n- are you?"))
    await Tickets(signed_in.store.database).open(ticket("c-1", NOW - timedelta(hours=3)))
    await Takeovers(signed_in.store.database, signed_in.store.log).begin("c-2", MIRA, NOW)

    page = await signed_in.page("/review?sort=started")

    first, second = (" ".join(row.get_text(" ").split()) for row in page.select("#found > ul li"))
    assert first.startswith("Hello Heidi: Hi, how are you? Visitor Waiting 3 hours")
    assert "With Mira" in second
    assert page.title.get_text() == "(1) Conversations · Heidi console"
    assert page.select_one("#found")["data-title"] == page.title.get_text()


async def test_what_nobody_has_answered_yet_is_marked(signed_in: Console):
    await have(signed_in, "c-1", ("Hello", "Hi."))
    await Takeovers(signed_in.store.database, signed_in.store.log).begin("c-1", MIRA, NOW)
    started = TurnStarted(message="Are you there?", client_turn_id="c", agent="built-in")
    passed = TurnPassedOn(to="Mira")
    await signed_in.store.log.append("c-1", "turn-x", [started, passed], NOW)
    signed_in.clock.advance(minutes=5)

    page = await signed_in.page("/review?status=taken")

    assert "Unanswered 5 minutes" in page.select_one("#found").get_text()
    assert "Visitor: Are you there?" in page.select_one("#found").get_text()


def ticket(conversation_id: str, opened_at) -> Ticket:
    return Ticket(
        id=f"tkt_{conversation_id}",
        conversation_id=conversation_id,
        reason="Asked for a person",
        summary="",
        customer_name="",
        email="",
        status="open",
        opened_at=opened_at,
    )
