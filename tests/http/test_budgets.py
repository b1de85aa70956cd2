"""What a visitor is told when a budget is spent (RFC 9457)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx

from assistant.core.actions import ACTION_LIFETIME, Action
from assistant.core.toolbox import hash_arguments
from assistant.store.budgets import Budget, Budgets
from tests.http.conftest import Api, open_api

SSE = {"Accept": "text/event-stream"}


async def ask(api: Api, conversation: str, headers: dict[str, str], name: str) -> httpx.Response:
    return await api.client.post(
        f"/v1/conversations/{conversation}/turns",
        json={"message": "Hi", "client_turn_id": name},
        headers=headers | SSE,
    )


async def test_a_conversation_over_its_budget_is_told_to_start_another(tmp_path: Path):
    async with open_api(tmp_path, budgets=Budgets(conversation=Budget(turns=1))) as api:
        conversation, headers = await api.start()
        assert (await ask(api, conversation, headers, "one")).status_code == 200

        refused = await ask(api, conversation, headers, "two")

        assert refused.status_code == 429
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert "Retry-After" not in refused.headers
        assert refused.json() == {
            "type": "/problems/budget-spent",
            "title": "Limit reached",
            "status": 429,
            "detail": "This conversation is as long as it may get.",
            "remedy": "Start a new conversation to go on.",
            "scope": "conversation",
        }
        transcript = await api.client.get(f"/v1/conversations/{conversation}", headers=headers)
        assert [turn["message"] for turn in transcript.json()["turns"]] == ["Hi"]


async def test_a_day_over_its_budget_says_when_the_next_one_begins(tmp_path: Path):
    async with open_api(tmp_path, budgets=Budgets(day=Budget(turns=1))) as api:
        for name in ("one", "two"):
            conversation, headers = await api.start()
            response = await ask(api, conversation, headers, name)

        tomorrow = (api.clock() + timedelta(days=1)).replace(hour=0, minute=0, second=0)
        wait_s = int((tomorrow - api.clock()).total_seconds())
        assert (response.status_code, response.headers["Retry-After"]) == (429, str(wait_s))
        assert response.json()["scope"] == "day"
        assert response.json()["remedy"].startswith("Please ask again in ")


async def test_a_confirmation_that_was_shown_can_be_answered_on_a_spent_budget(tmp_path: Path):
    async with open_api(tmp_path, budgets=Budgets(conversation=Budget(turns=1))) as api:
        conversation, headers = await api.start()
        await ask(api, conversation, headers, "one")
        now = api.clock()
        await api.actions.create(
            Action(
                id="act-1",
                conversation_id=conversation,
                turn_id="turn-1",
                customer_id=None,
                tool="book_meeting",
                arguments={},
                arguments_hash=hash_arguments("book_meeting", {}),
                title="Book it?",
                created_at=now - timedelta(minutes=1),
                expires_at=now + ACTION_LIFETIME,
            )
        )

        decided = await api.client.post(
            f"/v1/conversations/{conversation}/actions/act-1",
            json={"decision": "confirm", "client_turn_id": "decided"},
            headers=headers | SSE,
        )

        assert "confirm: Book it?" in decided.text
        assert (await ask(api, conversation, headers, "three")).status_code == 429
