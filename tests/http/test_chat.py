"""The chat endpoints, over HTTP."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from assistant.core.events import (
    Citation,
    Outcome,
    Status,
    TextDelta,
    TurnInterrupted,
)
from tests.fakes_agent import completed
from tests.http.conftest import open_api
from tests.sse import parse_sse

SSE = {"Accept": "text/event-stream"}


def ask(api, conversation_id, headers, message="Hello?", client_turn_id="c1", **extra):
    return api.client.post(
        f"/v1/conversations/{conversation_id}/turns",
        json={"message": message, "client_turn_id": client_turn_id},
        headers={**headers, **extra},
    )


async def test_a_turn_streams_its_events_and_the_transcript_has_the_same(api):
    api.agent.script = [
        Status(text="Thinking", detail={"secret": "route"}),
        TextDelta(text="Robots "),
        TextDelta(text="walk."),
        Citation(
            number=1,
            start=0,
            end=12,
            chunk_id="b1:0",
            briefing_id="b1",
            title="Robots",
            path="/briefings/robots",
            date="2026-01-02",
            source_name="IEEE",
            source_url="https://example.org",
            quote="Robots walk.",
        ),
        completed(),
    ]
    conversation_id, headers = await api.start()

    response = await ask(api, conversation_id, headers, **SSE)

    events = parse_sse(response.text)
    assert [event["event"] for event in events] == [
        "turn.started",
        "status",
        "text.delta",
        "text.delta",
        "citation",
        "turn.completed",
    ]
    assert [event["id"] for event in events] == [1, 2, 3, 4, 5, 6]
    assert "detail" not in events[1]["data"]
    transcript = (
        await api.client.get(f"/v1/conversations/{conversation_id}", headers=headers)
    ).json()
    (turn,) = transcript["turns"]
    assert (turn["message"], turn["answer"], turn["status"], turn["outcome"]) == (
        "Hello?",
        "Robots walk.",
        "completed",
        "answered",
    )
    assert [citation["title"] for citation in turn["citations"]] == ["Robots"]
    assert transcript["events"] == [event["data"] for event in events]


async def test_the_same_client_turn_id_joins_the_turn_instead_of_asking_twice(api):
    conversation_id, headers = await api.start()

    first = await ask(api, conversation_id, headers)
    second = await ask(api, conversation_id, headers)
    joined = await ask(api, conversation_id, headers, **SSE)

    assert first.status_code == second.status_code == 202
    assert first.json() == second.json()
    assert parse_sse(joined.text)[-1]["event"] == "turn.completed"
    assert len(api.agent.turns) == 1


async def test_ten_simultaneous_posts_of_one_message_start_one_turn(api):
    conversation_id, headers = await api.start()

    replies = await asyncio.gather(*(ask(api, conversation_id, headers) for _ in range(10)))

    assert {reply.status_code for reply in replies} == {202}
    assert len({reply.json()["turn_id"] for reply in replies}) == 1
    assert len(api.agent.turns) == 1


async def test_a_second_message_waits_for_the_first_answer(api):
    gate = asyncio.Event()
    api.agent.script = [TextDelta(text="…"), gate, completed()]
    conversation_id, headers = await api.start()
    await ask(api, conversation_id, headers, client_turn_id="c1")

    second = await ask(api, conversation_id, headers, client_turn_id="c2")

    assert (second.status_code, second.json()["type"]) == (409, "/problems/turn-running")
    gate.set()


async def test_closing_the_connection_does_not_stop_the_answer(api):
    gate = asyncio.Event()
    api.agent.script = [TextDelta(text="One. "), gate, TextDelta(text="Two."), completed()]
    conversation_id, headers = await api.start()
    reading = asyncio.create_task(ask(api, conversation_id, headers, **SSE))
    async with asyncio.timeout(5):
        while await api.log.last_seq(conversation_id) < 2:
            await asyncio.sleep(0)
    reading.cancel()
    gate.set()

    joined = await ask(api, conversation_id, headers, **SSE)

    assert (
        "".join(
            event["data"]["text"]
            for event in parse_sse(joined.text)
            if event["event"] == "text.delta"
        )
        == "One. Two."
    )


async def test_stop_keeps_what_was_said_and_ends_the_turn(api):
    api.agent.script = [TextDelta(text="Well, "), asyncio.Event(), completed()]
    conversation_id, headers = await api.start()
    turn_id = (await ask(api, conversation_id, headers)).json()["turn_id"]
    async with asyncio.timeout(5):
        while await api.log.last_seq(conversation_id) < 2:
            await asyncio.sleep(0)

    await api.client.post(
        f"/v1/conversations/{conversation_id}/turns/{turn_id}/cancel", headers=headers
    )

    joined = await ask(api, conversation_id, headers, **SSE)
    events = parse_sse(joined.text)
    assert [event["event"] for event in events] == [
        "turn.started",
        "text.delta",
        "turn.completed",
    ]
    assert events[-1]["data"]["outcome"] == Outcome.CANCELLED


async def test_an_agent_that_breaks_ends_as_one_failed_event_without_internals(api):
    api.agent.script = [TextDelta(text="Let me see. "), RuntimeError("password=hunter2")]
    conversation_id, headers = await api.start()

    response = await ask(api, conversation_id, headers, **SSE)

    events = parse_sse(response.text)
    assert [event["event"] for event in events] == ["turn.started", "text.delta", "turn.failed"]
    assert events[-1]["data"]["error"] == "internal"
    assert "hunter2" not in response.text


async def test_events_replay_after_last_event_id(api):
    conversation_id, headers = await api.start()
    await ask(api, conversation_id, headers, **SSE)
    await api.conversations.set_paused(conversation_id, is_paused=True)
    from assistant.core.events import ConversationPaused

    await api.log.append(conversation_id, None, [ConversationPaused(reason="test")], api.clock())

    response = await api.client.get(
        f"/v1/conversations/{conversation_id}/events",
        headers={**headers, "Last-Event-ID": "2"},
    )

    assert [(event["id"], event["event"]) for event in parse_sse(response.text)] == [
        (3, "turn.completed"),
        (4, "conversation.paused"),
    ]


async def test_a_paused_conversation_goes_on_after_resume(api):
    conversation_id, headers = await api.start()
    await api.conversations.set_paused(conversation_id, is_paused=True)

    refused = await ask(api, conversation_id, headers)
    resumed = await api.client.post(f"/v1/conversations/{conversation_id}/resume", headers=headers)
    answered = await ask(api, conversation_id, headers)

    assert refused.json()["type"] == "/problems/conversation-paused"
    assert resumed.json() == {"after": 1}
    assert answered.status_code == 202


async def test_a_turn_whose_server_is_gone_is_said_to_be_interrupted(api):
    api.agent.script = [TextDelta(text="Half an "), asyncio.Event()]
    conversation_id, headers = await api.start()
    turn_id = (await ask(api, conversation_id, headers)).json()["turn_id"]
    async with asyncio.timeout(5):
        while await api.log.last_seq(conversation_id) < 2:
            await asyncio.sleep(0)
    api.runner._owner = "another-process"

    recovered = await api.runner.recover(only_process=True)

    assert recovered == 1
    last = (await api.log.read(conversation_id))[-1]
    assert (last.turn_id, type(last.body)) == (turn_id, TurnInterrupted)


async def test_a_question_that_waited_for_sign_in_is_asked_again_once(api):
    api.agent.script = [TextDelta(text="Please sign in."), completed(Outcome.SIGN_IN_REQUIRED)]
    conversation_id, headers = await api.start()
    await ask(api, conversation_id, headers, message="What's my balance?", **SSE)
    api.agent.script = [TextDelta(text="You have 5 EUR."), completed()]
    signed_in = {**headers, **api.identity()}
    path = f"/v1/conversations/{conversation_id}/identity"

    first = (await api.client.post(path, headers=signed_in)).json()
    second = (await api.client.post(path, headers=signed_in)).json()

    assert first["customer"] == {"name": "Ada"}
    assert first["turn_id"] is not None
    assert second["turn_id"] in {first["turn_id"], None}
    assert [turn.message for turn, _ in api.agent.turns] == ["What's my balance?"] * 2


async def test_feedback_is_kept_with_the_turn(api):
    conversation_id, headers = await api.start()
    turn_id = (await ask(api, conversation_id, headers)).json()["turn_id"]

    given = await api.client.post(
        f"/v1/conversations/{conversation_id}/turns/{turn_id}/feedback",
        json={"rating": "down", "comment": "Wrong year"},
        headers=headers,
    )

    assert given.status_code == 204
    transcript = await api.client.get(f"/v1/conversations/{conversation_id}", headers=headers)
    assert transcript.json()["turns"][0]["feedback"] == "down"


@pytest.mark.parametrize(
    ("message", "status", "code"),
    [
        ("", 422, "invalid-input"),
        ("   \n\t ", 422, "invalid-input"),
        ("\u200b\u200b", 422, "invalid-input"),
        ("a\x00b", 422, "invalid-input"),
        ("\x1b[31mred", 422, "invalid-input"),
        ("x" * 4001, 413, "message-too-long"),
        ("x" * 100_000, 413, "message-too-long"),
    ],
)
async def test_unusable_messages_are_problems_with_a_remedy(api, message, status, code):
    conversation_id, headers = await api.start()

    response = await ask(api, conversation_id, headers, message=message)

    problem = response.json()
    assert (response.status_code, problem["type"]) == (status, f"/problems/{code}")
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["remedy"]
    assert api.agent.turns == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b'"hello"',
        b"{}",
        b'{"message": 5, "client_turn_id": "c"}',
        b'{"message": "hi", "client_turn_id": "a b"}',
        b'{"message": "hi", "client_turn_id": "c", "customer_id": "x"}',
        b'{"message": "\\ud800", "client_turn_id": "c"}',
    ],
)
async def test_broken_bodies_are_problems(api, body):
    conversation_id, headers = await api.start()

    response = await api.client.post(
        f"/v1/conversations/{conversation_id}/turns",
        content=body,
        headers={**headers, "Content-Type": "application/json"},
    )

    assert response.status_code in {400, 422}
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["remedy"]


@pytest.mark.parametrize("number", ["-1", "1.5", "abc", "٣", "9" * 40, "99"])
async def test_a_malformed_last_event_id_is_a_problem(api, number):
    conversation_id, headers = await api.start()

    response = await api.client.get(
        f"/v1/conversations/{conversation_id}/events",
        headers={**headers, "Last-Event-ID": number.encode()},
    )

    assert (response.status_code, response.json()["type"]) == (
        400,
        "/problems/malformed-last-event-id",
    )


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "visitor-token-missing"),
        ({"Authorization": "Basic abc"}, 401, "visitor-token-missing"),
        ({"Authorization": "Bearer abc"}, 401, "visitor-token-invalid"),
        ({"Authorization": "Bearer a.b.c"}, 401, "visitor-token-invalid"),
    ],
)
async def test_without_a_good_visitor_token_nothing_is_shown(api, headers, status, code):
    conversation_id, _ = await api.start()

    response = await api.client.get(f"/v1/conversations/{conversation_id}", headers=headers)

    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{code}")


async def test_another_visitors_conversation_looks_like_none(api):
    conversation_id, _ = await api.start()
    _, other = await api.start()

    theirs = await api.client.get(f"/v1/conversations/{conversation_id}", headers=other)
    none = await api.client.get("/v1/conversations/conv_nothing", headers=other)

    assert theirs.status_code == none.status_code == 404
    assert theirs.json() == none.json()


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 1},
        {"aud": "someone-else"},
        {"iss": "evil-site"},
        {"exp": 9_999_999_999},
        {"sub": ""},
    ],
)
async def test_a_bad_identity_token_is_refused(api, claims):
    conversation_id, headers = await api.start()

    response = await ask(api, conversation_id, headers, **api.identity(**claims))

    assert (response.status_code, response.json()["type"]) == (401, "/problems/identity-invalid")
    assert api.agent.turns == []


async def test_a_customers_conversation_needs_that_customer(api):
    conversation_id, headers = await api.start()
    await ask(api, conversation_id, headers, **api.identity("cust-ada"), **SSE)
    path = f"/v1/conversations/{conversation_id}"

    anonymous = await api.client.get(path, headers=headers)
    other = await api.client.get(path, headers={**headers, **api.identity("cust-ben")})
    same = await api.client.get(path, headers={**headers, **api.identity("cust-ada")})

    assert (anonymous.status_code, anonymous.json()["type"]) == (
        403,
        "/problems/identity-required",
    )
    assert (other.status_code, other.json()["type"]) == (403, "/problems/not-allowed")
    assert same.status_code == 200


async def test_a_list_shows_a_conversation_by_its_first_message_to_its_owner_alone(api):
    api.agent.script = [TextDelta(text="Yes."), completed()]
    conversation_id, headers = await api.start()
    address = f"/v1/conversations/{conversation_id}/summary"
    await ask(api, conversation_id, headers, "Do robots walk?", **SSE)
    await ask(api, conversation_id, headers, "And swim?", client_turn_id="c2", **SSE)

    own = (await api.client.get(address, headers=headers)).json()
    _, others_headers = await api.start()
    others = await api.client.get(address, headers=others_headers)
    await ask(api, conversation_id, headers, "Mine", client_turn_id="c3", **SSE, **api.identity())
    signed_out = await api.client.get(address, headers=headers)

    assert set(own) == {"id", "title", "created_at", "updated_at"}
    assert (own["id"], own["title"]) == (conversation_id, "Do robots walk?")
    assert others.status_code == 404
    assert signed_out.status_code == 403


async def test_an_unknown_timezone_is_a_problem(api):
    response = await api.client.post("/v1/conversations", json={"timezone": "Mars/Olympus"})

    assert (response.status_code, response.json()["field"]) == (422, "timezone")


async def test_every_response_has_security_headers(api):
    response = await api.client.get("/v1/nothing")

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_a_conversation_is_not_paused_in_the_middle_of_an_answer(api):
    gate = asyncio.Event()
    api.agent.script = [TextDelta(text="Well, "), gate, completed()]
    conversation_id, headers = await api.start()
    await ask(api, conversation_id, headers)

    during = await api.conversations.set_paused(conversation_id, is_paused=True)
    gate.set()
    await ask(api, conversation_id, headers, **SSE)
    after = await api.conversations.set_paused(conversation_id, is_paused=True)

    assert (during, after) == (False, True)


async def test_a_transcript_names_the_hosts_that_may_be_linked_to(tmp_path: Path):
    async with open_api(tmp_path, link_hosts=("docs.example",)) as opened:
        conversation_id, headers = await opened.start()
        response = await opened.client.get(f"/v1/conversations/{conversation_id}", headers=headers)

    assert response.json()["link_hosts"] == ["docs.example"]
