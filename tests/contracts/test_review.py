"""What the console asks the database, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import delete

from assistant.core.caller import StaffMember
from assistant.core.events import (
    Feedback,
    Outcome,
    StaffLeft,
    StaffMessage,
    TextDelta,
    TurnCompleted,
    TurnStarted,
)
from assistant.core.question_lines import SavedQuestion
from assistant.store.base import Base
from assistant.store.conversations import Conversations
from assistant.store.event_log import EventRow
from assistant.store.labels import Labels
from assistant.store.review_gaps import ReviewGaps
from assistant.store.review_index import ReviewIndex
from assistant.store.review_insights import Period, ReviewInsights, Times
from assistant.store.review_queries import (
    SORTS,
    STATUSES,
    LastSaid,
    ListFilter,
    ReviewQueries,
)
from assistant.store.review_tables import ReviewRow
from assistant.store.saved_questions import SavedQuestions
from assistant.store.staff_notes import Notes
from assistant.store.takeovers import Takeovers
from assistant.store.tickets import Ticket, Tickets
from tests.chat_store import NOW, ChatStore, another_process, chat_store, conversation
from tests.contracts.databases import SQL_KINDS, open_database
from tests.events import BY_TYPE

MIA = StaffMember(staff_id="staff_mia", name="Mia")
BEN = StaffMember(staff_id="staff_ben", name="Ben")


@pytest.fixture(params=SQL_KINDS)
async def store(request, tmp_path) -> AsyncIterator[ChatStore]:
    tables = Base.metadata.sorted_tables
    async with open_database(request.param, tmp_path, tables) as database:
        store = chat_store(database)
        for number in range(3):
            at = NOW - timedelta(hours=number)
            await store.conversations.create(
                conversation(f"c-{number}", created_at=at, updated_at=at)
            )
            turn_id = f"turn-c-{number}-client-1"
            started = TurnStarted(
                message=f"Frage {number} in ZÜRICH", client_turn_id="client-1", agent="scripted"
            )
            first = store.log.writer(f"c-{number}", turn_id, started, NOW)
            await store.start_turn(f"c-{number}", write_first_event=first)
            said = [TextDelta(text="It "), TextDelta(text="rains.")]
            await store.log.append(f"c-{number}", turn_id, said, NOW)
        yield store


async def found(store: ChatStore, **wanted: object) -> list[str]:
    await ReviewIndex(store.database).catch_up()
    page = await ReviewQueries(store.database).page(ListFilter(**wanted), NOW)
    return [each.id for each in page.conversations]


async def test_words_are_found_across_deltas_whatever_their_case(store: ChatStore):
    assert await found(store, search='"IT RAINS"') == ["c-0", "c-1", "c-2"]
    assert await found(store, search="frage 1 zürich") == ["c-1"]
    assert await found(store, search="100%") == []


async def say(store: ChatStore, conversation_id: str, text: str) -> None:
    said = [StaffMessage(staff_name="Mia", text=text)]
    await store.log.append(conversation_id, None, said, NOW)


@pytest.mark.parametrize(
    ("text", "search", "is_there"),
    [
        ("Der Straßenbahnfahrer", "ssenbahn", True),
        ("ΟΔΥΣΣΕΥΣ ταξίδι", "οδυσσευσ", True),
        ("ЮЛЯ слезам", "юля СЛЕЗАМ", True),
        ("東京タワー", "東京", True),
        ("東京タワー", "タワー", True),
        ("it is 5%", "5%", True),
        ("it is 50", "5%", False),
        ("snake_case", "snake_case", True),
        ("snakeXcase", "snake_case", False),
        ('He said "go"', "go", True),
        ("umbrella AND rain", "AND OR", False),
        ("umbrella NEAR rain*", "rain*", True),
        ("umbrella", "umbr*", False),
        ("a:b (c)", "a:b (c)", True),
        ("one two", '"one two"', True),
        ("one  two", '"one two"', True),
        ("two one", '"one two"', False),
        ("x y", "x", True),
        ("umbrella", "mbrell x", False),
        ("it's", "it's", True),
        ("emoji 🤖🤖🤖 here", "🤖🤖🤖", True),
        ("a\\b\\c", "a\\b\\c", True),
    ],
)
async def test_a_search_means_the_same_on_every_database(store, text, search, is_there):
    await say(store, "c-0", text)

    assert await found(store, search=search) == (["c-0"] if is_there else [])


async def test_a_phrase_does_not_reach_into_the_next_message(store: ChatStore):
    await say(store, "c-0", "green tea")
    await say(store, "c-0", "pot of gold")

    assert await found(store, search='"tea pot"') == []
    assert await found(store, search="tea pot") == ["c-0"]


async def test_what_is_no_longer_said_is_no_longer_found(store: ChatStore):
    await say(store, "c-0", "umbrella")
    assert await found(store, search="umbrella") == ["c-0"]
    async with store.database.begin() as session:
        await session.execute(delete(ReviewRow).where(ReviewRow.conversation_id == "c-0"))
        await session.execute(delete(EventRow).where(EventRow.type == "staff.message"))

    assert await found(store, search="umbrella") == []
    assert await found(store, search="frage 0") == ["c-0"]


async def test_whoever_signs_in_later_is_found_by_name(store: ChatStore):
    assert await found(store, search="ada") == []

    await store.conversations.attach_customer("c-1", "cust-7", "Ada Ångström")

    assert await found(store, search="ÅNGSTRÖM") == ["c-1"]
    assert await found(store, search="cust-7") == ["c-1"]


async def test_the_last_thing_said_is_kept(store: ChatStore):
    await say(store, "c-1", "Call me **back**")
    await ReviewIndex(store.database).catch_up()

    said = await ReviewQueries(store.database).last_said(["c-0", "c-1"])

    assert said == {
        "c-0": LastSaid(speaker="Heidi", text="It rains."),
        "c-1": LastSaid(speaker="Mia", text="Call me back"),
    }


async def test_turns_are_counted_and_timed(store: ChatStore):
    seen = BY_TYPE["retrieval"]
    for number, seconds in enumerate((1, 2, 9)):
        turn = f"turn-c-{number}-client-1"
        outcome = Outcome.ABSTAINED if number == 2 else Outcome.ANSWERED
        usage = {"prompt_tokens": 10, "completion_tokens": 5, "cost_usd": 0.25}
        ending = TurnCompleted(outcome=outcome, state={}, usage=usage, elapsed_ms=1.0)
        await store.log.append(
            f"c-{number}", turn, [seen, ending], NOW + timedelta(seconds=seconds)
        )
    await Tickets(store.database).open(
        Ticket(
            id="tkt_1",
            conversation_id="c-0",
            reason="Asked",
            summary="",
            customer_name="",
            email="",
            status="open",
            opened_at=NOW,
        )
    )
    await ReviewIndex(store.database).catch_up()
    period = Period(first=NOW.date(), last=NOW.date())

    figures = await ReviewInsights(store.database).of(period)
    earlier = await ReviewInsights(store.database).of(period.before)
    (gap,) = await ReviewGaps(store.database).of(period)

    assert (figures.conversations, figures.turns, figures.resolved) == (3, 3, 1)
    assert figures.outcomes == (("answered", 2), ("abstained", 1))
    assert (figures.answer, figures.first_text) == (Times(p50=2000, p95=9000), Times(p50=0, p95=0))
    assert (figures.tokens, figures.cost_usd, figures.handed_over) == (45, 0.75, 1)
    assert figures.median_wait_s is None
    assert [(day.conversations, day.turns) for day in figures.days] == [(3, 3)]
    assert (earlier.turns, earlier.answer, earlier.cost_usd) == (0, Times(p50=None, p95=None), None)
    assert (gap.conversation_id, gap.message) == ("c-2", "Frage 2 in ZÜRICH")
    assert gap.query == seen.query


async def test_every_filter_is_understood(store: ChatStore):
    turn_id = "turn-c-1-client-1"
    await store.log.append("c-1", turn_id, [Feedback(rating="down")], NOW)
    await Labels(store.database).add("c-1", turn_id, "Tone", MIA, NOW)
    (label,) = await Labels(store.database).all()

    assert await found(store, feedback="down", label=label.id, who="anonymous") == ["c-1"]
    assert await found(store, agent="scripted", since=NOW, until=NOW + timedelta(days=1)) == [
        "c-0",
        "c-1",
        "c-2",
    ]
    queries = ReviewQueries(store.database)
    assert await queries.facets() == {"agent": (("scripted", 3),), "feedback": (("down", 1),)}
    assert (await queries.queues(NOW)).counts == {
        "all": 3,
        "waiting": 0,
        "taken": 0,
        "open": 3,
        "idle": 0,
    }


@pytest.mark.parametrize("sort", SORTS)
async def test_pages_of_one_show_everything_once_both_ways(store: ChatStore, sort):
    queries = ReviewQueries(store.database)
    page = await queries.page(ListFilter(), NOW, sort=sort, limit=1)
    forth = [page]
    while page.next:
        page = await queries.page(ListFilter(), NOW, sort=sort, after=page.next, limit=1)
        forth.append(page)
    back = [page]
    while page.previous:
        page = await queries.page(ListFilter(), NOW, sort=sort, before=page.previous, limit=1)
        back.append(page)

    ids = [each.conversations[0].id for each in forth]
    assert sorted(ids) == ["c-0", "c-1", "c-2"]
    assert [each.conversations[0].id for each in back] == ids[::-1]
    assert {each.total for each in forth} == {3}


@pytest.mark.parametrize("status", STATUSES)
async def test_every_status_is_understood(store: ChatStore, status):
    assert isinstance(await found(store, status=status), list)


async def test_two_processes_index_at_once(store: ChatStore):
    other = another_process(store)
    said = [StaffMessage(staff_name="Mia", text="umbrella")]
    for number in range(3):
        await store.log.append(f"c-{number}", None, said, NOW)

    await asyncio.gather(
        ReviewIndex(store.database).catch_up(),
        ReviewIndex(other.database).catch_up(),
    )

    assert len(await found(store, search="umbrella")) == 3
    await other.database.close()


async def test_two_members_who_take_over_at_once_follow_each_other(store: ChatStore):
    other = another_process(store)
    one, two = Takeovers(store.database, store.log), Takeovers(other.database, other.log)

    results = await asyncio.gather(one.begin("c-0", MIA, NOW), two.begin("c-0", BEN, NOW))

    assert results == [True, True]
    events = [event.body for event in await other.log.read("c-0")]
    joined = [body.staff_id for body in events if body.type == "staff.joined"]
    assert sorted(joined) == ["staff_ben", "staff_mia"]
    kept = await Conversations(store.database).get("c-0")
    assert kept.taken_over_by == joined[-1]
    assert sum(body.type == "turn.passed_on" for body in events) == 1
    assert await two.end("c-0", MIA, NOW)
    await other.database.close()


async def test_two_processes_that_find_nobody_there_hand_back_once(store: ChatStore):
    other = another_process(store)
    idle_after = timedelta(minutes=30)
    one, two = (
        Takeovers(each.database, each.log, idle_after=idle_after) for each in (store, other)
    )
    await one.begin("c-0", MIA, NOW)

    assert not await two.release_idle("c-0", NOW + timedelta(minutes=29))
    results = await asyncio.gather(
        *(each.release_idle("c-0", NOW + idle_after) for each in (one, two))
    )

    assert sorted(results) == [False, True]
    left = [event.body for event in await store.log.read("c-0") if event.body.type == "staff.left"]
    assert left == [StaffLeft(staff_name="Mia", staff_id="", reason="idle")]
    (ticket,) = await Tickets(store.database).waiting()
    assert (ticket.conversation_id, ticket.summary) == (
        "c-0",
        "Visitor: Frage 0 in ZÜRICH\nHeidi: It rains.",
    )
    await other.database.close()


async def test_two_members_who_write_the_same_new_label_make_one(store: ChatStore):
    other = another_process(store)

    await asyncio.gather(
        Labels(store.database).add("c-0", "", "Tone", MIA, NOW),
        Labels(other.database).add("c-1", "", "tone", BEN, NOW),
    )

    (label,) = await Labels(store.database).all()
    assert label.use_count == 2
    await other.database.close()


async def test_notes_and_questions_come_back_as_they_were(store: ChatStore):
    await Notes(store.database).write("c-0", "Call back\n— Mia", MIA, NOW)
    question = SavedQuestion(
        conversation_id="c-0",
        turn_id="t",
        kind="news",
        message="Who?",
        outcomes=("answered",),
        contains=("a | b",),
    )
    key = await SavedQuestions(store.database).save(question, MIA, NOW)

    (note,) = await Notes(store.database).of("c-0")
    kept = await SavedQuestions(store.database).get(key)
    assert (note.text, note.staff_name, note.written_at) == ("Call back\n— Mia", "Mia", NOW)
    assert (kept.contains, kept.earlier, kept.made_by_name) == (("a | b",), (), "Mia")
