"""Visitor tokens follow each other: nobody is thrown out, and what was replaced opens nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import jwt
import pytest

from assistant.http.rotation import RotationLimits
from assistant.http.tokens import VISITOR_LIFETIME, VisitorClaims
from tests.http.conftest import Api

SUCCESSOR = "X-Heidi-Visitor-Token"
LIMITS = RotationLimits()
OLD = LIMITS.max_age + timedelta(seconds=1)
GRACE = LIMITS.grace


class Visitor:
    """Someone whose tokens are counted: `tokens[n]` is of generation n."""

    def __init__(self, api: Api, conversation_id: str, token: str) -> None:
        self._api = api
        self.path = f"/v1/conversations/{conversation_id}"
        self.tokens = [token]

    async def come(self, generation: int = -1, **identity: str) -> tuple[int, str | None]:
        """Read the transcript; gives the status and the kind of token that was handed over."""
        response = await self._api.client.get(self.path, headers=self.headers(generation, identity))
        return response.status_code, self.take(response.headers.get(SUCCESSOR))

    async def have_come_long_ago(self) -> None:
        """Have the first token of some time ago, while the host's clock is what it is."""
        conversation = await self._api.conversations.get(self.path.rpartition("/")[2])
        claims = VisitorClaims(visitor_id=conversation.visitor_id, conversation_id=conversation.id)
        self._api.clock.now -= OLD
        self.tokens[0] = self._api.visitor_tokens.sign(claims)
        self._api.clock.now += OLD

    def headers(self, generation: int = -1, identity: dict[str, str] | None = None):
        """The credentials with one of the tokens."""
        return {"Authorization": f"Bearer {self.tokens[generation]}", **(identity or {})}

    def take(self, token: str | None) -> str | None:
        """Keep a token that was handed over; tells whether it is new."""
        if token is None:
            return None
        generation = claims_of(token)["gen"]
        if generation < len(self.tokens):
            return "again"
        assert generation == len(self.tokens)
        self.tokens.append(token)
        return "new"


def claims_of(token: str) -> dict[str, object]:
    return jwt.decode(token, options={"verify_signature": False})


@pytest.fixture
async def visitor(api: Api) -> Visitor:
    created = (await api.client.post("/v1/conversations", json={})).json()
    return Visitor(api, created["id"], created["token"])


async def test_a_young_token_is_kept(api: Api, visitor: Visitor):
    api.clock.now += LIMITS.max_age - timedelta(seconds=1)

    assert await visitor.come() == (200, None)


async def test_an_old_token_is_answered_with_its_successor(api: Api, visitor: Visitor):
    api.clock.now += OLD
    assert await visitor.come() == (200, "new")

    first, second = map(claims_of, visitor.tokens)
    assert second == first | {"gen": 1, "iat": int(api.clock().timestamp())}
    assert await visitor.come() == (200, None)


async def test_a_successor_that_was_lost_on_the_way_is_handed_over_again(
    api: Api, visitor: Visitor
):
    api.clock.now += OLD
    assert await visitor.come(0) == (200, "new")
    api.clock.now += timedelta(days=9)

    assert await visitor.come(0) == (200, "again")


async def test_the_old_token_ends_a_short_grace_after_the_new_one_was_used(
    api: Api, visitor: Visitor
):
    api.clock.now += OLD
    await visitor.come()
    await visitor.come(1)
    api.clock.now += GRACE - timedelta(seconds=1)
    assert await visitor.come(0) == (200, None)
    api.clock.now += timedelta(seconds=1)

    response = await api.client.get(visitor.path, headers=visitor.headers(0))

    assert response.status_code == 401
    assert response.json()["type"] == "/problems/visitor-token-invalid"
    assert SUCCESSOR not in response.headers
    assert await visitor.come(1) == (200, None)


async def test_whoever_slept_for_days_comes_back_with_the_token_they_have(
    api: Api, visitor: Visitor
):
    api.clock.now += OLD
    await visitor.come()
    await visitor.come(1)
    api.clock.now += VISITOR_LIFETIME - timedelta(days=1)

    assert await visitor.come(1) == (200, "new")
    assert await visitor.come(2) == (200, None)


async def test_successors_do_not_outlive_the_first_token(api: Api, visitor: Visitor):
    for _ in range(5):
        api.clock.now += OLD
        await visitor.come()
        await visitor.come()

    assert len(visitor.tokens) == 6
    assert len({claims_of(token)["exp"] for token in visitor.tokens}) == 1


async def test_tabs_that_ask_at_once_are_handed_one_generation(api: Api, visitor: Visitor):
    api.clock.now += OLD

    seen = await asyncio.gather(*(visitor.come(0) for _ in range(8)))

    assert {status for status, _ in seen} == {200}
    assert len(visitor.tokens) == 2
    conversation = await api.conversations.get(visitor.path.rpartition("/")[2])
    assert (conversation.token_generation, conversation.predecessor_until) == (1, None)


async def test_every_predecessor_has_its_grace(api: Api, visitor: Visitor):
    api.clock.now += OLD
    await visitor.come(0)
    api.clock.now += OLD

    assert await visitor.come(1) == (200, None)
    assert await visitor.come(0) == (200, None)
    api.clock.now += GRACE
    assert await visitor.come(1) == (200, "new")


async def test_errors_and_streams_hand_it_over_too(api: Api, visitor: Visitor):
    api.clock.now += OLD
    body = {"message": " ", "client_turn_id": "c-1"}
    refused = await api.client.post(f"{visitor.path}/turns", json=body, headers=visitor.headers())
    answered = await api.client.post(
        f"{visitor.path}/turns",
        json=body | {"message": "Hi"},
        headers=visitor.headers() | {"Accept": "text/event-stream"},
    )

    assert [refused.status_code, answered.status_code] == [422, 200]
    assert [visitor.take(each.headers[SUCCESSOR]) for each in (refused, answered)] == [
        "new",
        "again",
    ]
    assert [each.headers["Cache-Control"] for each in (refused, answered)] == ["no-store"] * 2


async def test_a_sign_in_replaces_a_token_of_any_age(api: Api, visitor: Visitor):
    ada = api.identity()
    signed_in = await api.client.post(f"{visitor.path}/identity", headers=visitor.headers(0, ada))
    assert visitor.take(signed_in.headers[SUCCESSOR]) == "new"
    again = await api.client.post(f"{visitor.path}/identity", headers=visitor.headers(1, ada))
    assert SUCCESSOR not in again.headers
    api.clock.now += GRACE

    assert await visitor.come(0, **ada) == (401, None)
    assert await visitor.come(1, **ada) == (200, None)


async def test_a_sign_in_with_an_old_token_begins_one_generation_and_its_answer_may_be_lost(
    api: Api, visitor: Visitor
):
    await visitor.have_come_long_ago()
    ada = api.identity()
    body = {"message": "What's my balance?", "client_turn_id": "c-1"}
    asked = await api.client.post(
        f"{visitor.path}/turns", json=body, headers=visitor.headers(0, ada)
    )
    assert SUCCESSOR not in asked.headers
    api.clock.now += OLD

    assert await visitor.come(0, **ada) == (200, "new")
    assert await visitor.come(0, **ada) == (200, "again")
    assert await visitor.come(1, **ada) == (200, None)


async def test_a_sign_in_with_a_token_whose_successor_was_lost_hands_over_the_latest(
    api: Api, visitor: Visitor
):
    await visitor.have_come_long_ago()
    await visitor.come(0)
    ada = api.identity()

    signed_in = await api.client.post(f"{visitor.path}/identity", headers=visitor.headers(0, ada))

    assert claims_of(signed_in.headers[SUCCESSOR])["gen"] == 2
    assert await visitor.come(1, **ada) == (200, "new")


async def test_who_knew_the_token_before_the_sign_in_is_never_handed_the_next_one(
    api: Api, visitor: Visitor
):
    signed_in = visitor.headers(0, api.identity())
    body = {"message": "What's my balance?", "client_turn_id": "c-1"}
    await api.client.post(f"{visitor.path}/turns", json=body, headers=signed_in)

    response = await api.client.get(visitor.path, headers=visitor.headers(0))

    assert response.status_code == 403
    assert SUCCESSOR not in response.headers


async def test_a_sign_out_replaces_the_token_at_once(api: Api, visitor: Visitor):
    headers = visitor.headers(0, api.identity())
    response = await api.client.post("/v1/sign-out", headers=headers)

    assert response.status_code == 204
    assert visitor.take(response.headers[SUCCESSOR]) == "new"
    assert await visitor.come(0) == (401, None)
    assert await visitor.come(1) == (200, None)


@pytest.mark.parametrize("token", ["x.y.z", "rotated"])
async def test_a_token_of_no_use_keeps_nobody_signed_in(api: Api, visitor: Visitor, token):
    ada = api.identity()
    if token == "rotated":
        await api.client.post("/v1/sign-out", headers=visitor.headers(0, api.identity("cust-ben")))
        token = visitor.tokens[0]

    left = await api.client.post(
        "/v1/sign-out", headers={"Authorization": f"Bearer {token}", **ada}
    )

    assert left.status_code == 204
    assert SUCCESSOR not in left.headers
    refused = await api.client.post(f"{visitor.path}/identity", headers=visitor.headers(0, ada))
    assert refused.status_code == 401


async def test_a_token_from_before_there_were_generations_goes_on(api: Api, visitor: Visitor):
    claims = {name: value for name, value in claims_of(visitor.tokens[0]).items() if name != "gen"}
    visitor.tokens[0] = jwt.encode(claims, "visitor-secret-of-at-least-32-bytes", algorithm="HS256")
    api.clock.now += OLD

    assert await visitor.come(0) == (200, "new")
    assert await visitor.come(1) == (200, None)


async def test_a_restored_backup_throws_nobody_out(api: Api, visitor: Visitor):
    conversation = await api.conversations.get(visitor.path.rpartition("/")[2])
    ahead = VisitorClaims(
        visitor_id=conversation.visitor_id, conversation_id=conversation.id, generation=7
    )
    visitor.tokens.append(api.visitor_tokens.sign(ahead))

    assert await visitor.come(1) == (200, None)


async def test_the_openapi_document_says_where_a_token_may_come(api: Api):
    paths = api.app.openapi()["paths"]

    named = {
        path
        for path, operations in paths.items()
        for operation in operations.values()
        if SUCCESSOR in operation["responses"].get("2XX", {}).get("headers", {})
    }

    assert named == {path for path in paths if path.startswith("/v1/conv")} | {"/v1/sign-out"}
