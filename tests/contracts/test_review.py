"""What the console asks the database, on SQLite and PostgreSQL alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from assistant.core.caller import StaffMember
from assistant.core.events import Feedback, StaffMessage, TextDelta, TurnStarted
from assistant.core.question_lines import SavedQuestion
from assistant.store.base import Base
from assistant.store.conversations import Conversations
from assistant.store.labels import Labels
from assistant.store.review_index import ReviewIndex
from assistant.store.review_queries import SORTS, STATUSES, ListFilter, ReviewQueries
from assistant.store.saved_questions import SavedQuestions
from assistant.store.staff_notes import Notes
from assistant.store.takeovers import Takeovers
from tests.chat_store import NOW, ChatStore, another_process, chat_store, conversation
from tests.contracts.databases import SQL_KINDS, open_database

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
