"""An identity token that was signed out opens nothing any more, at any endpoint."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator

import pytest

from tests.http.conftest import Api
from tests.http.conftest import api as api  # the fixture
from tests.security.site import client_of, open_site
from tests.security.test_permissions import NO_LIMITS, TABLE, Site

OF_CUSTOMERS = [
    key
    for key, row in TABLE.items()
    if row.allowed["customer"] != 401
    and row.allowed["worn-identity"] == 401
    and key[1] != "/v1/sign-out"
]


@pytest.fixture
async def site(tmp_path) -> AsyncIterator[Site]:
    async with open_site(tmp_path, **NO_LIMITS) as app, client_of(app) as client:
        made = Site(app, client)
        await made.furnish()
        yield made


async def test_a_token_replayed_after_sign_out_is_refused_at_every_endpoint(site: Site):
    stolen = site.headers("customer")
    assert (await site.client.post("/v1/sign-out", headers=stolen)).status_code == 204

    site.headers = lambda _caller: stolen
    seen = {}
    for key in OF_CUSTOMERS:
        response = await site.call(*key, TABLE[key], "customer")
        seen[key] = (response.status_code, response.json()["type"])

    assert ("GET", "/v1/conversations/{conversation_id}/summary") in seen
    assert seen == dict.fromkeys(OF_CUSTOMERS, (401, "/problems/identity-invalid"))


async def test_a_token_that_is_fetched_after_sign_out_is_accepted(api: Api):
    conversation, headers = await api.start()
    path = f"/v1/conversations/{conversation}"
    now = int(api.clock().timestamp())
    old = headers | api.identity(iat=now - 20, jti="old")
    leaving = api.identity(iat=now - 10, jti="left")
    left = headers | leaving
    await api.client.post(f"{path}/identity", headers=left)
    await api.client.post("/v1/sign-out", headers=leaving)

    again = headers | api.identity(iat=now, jti="again")

    seen = [(await api.client.get(path, headers=one)).status_code for one in (old, left, again)]
    assert seen == [401, 401, 200]


async def test_another_spelling_of_the_signature_is_the_same_token(api: Api):
    conversation, headers = await api.start()
    token = api.identity()["X-Heidi-Identity"]
    await api.client.post("/v1/sign-out", headers={"X-Heidi-Identity": token})
    # The last character of 32 bytes in base64url has two bits that nobody reads.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]
    decoded = [base64.urlsafe_b64decode(one.rpartition(".")[2] + "=") for one in (token, twin)]
    assert decoded[0] == decoded[1]

    response = await api.client.get(
        f"/v1/conversations/{conversation}", headers=headers | {"X-Heidi-Identity": twin}
    )

    assert response.status_code == 401


@pytest.mark.parametrize(
    ("identity", "status"),
    [({}, 403), ({"X-Heidi-Identity": "x.y.z"}, 401)],
    ids=["none", "forged"],
)
async def test_nobody_signs_anybody_out_without_a_good_token(api: Api, identity, status):
    assert (await api.client.post("/v1/sign-out", headers=identity)).status_code == status


async def test_an_open_stream_ends_when_its_reader_signs_out(api: Api):
    conversation, headers = await api.start()
    path = f"/v1/conversations/{conversation}"
    signed_in = headers | api.identity()
    await api.client.post(f"{path}/identity", headers=signed_in)
    stream = asyncio.create_task(api.client.get(f"{path}/events", headers=signed_in))
    await api.client.post("/v1/sign-out", headers=signed_in)

    while not stream.done():
        await api.notifier.notify(conversation)
        await asyncio.sleep(0)

    assert (await stream).status_code in {200, 401}


async def test_signing_out_again_changes_nothing(api: Api):
    signed = api.identity()

    seen = [(await api.client.post("/v1/sign-out", headers=signed)).status_code for _ in range(2)]

    assert seen == [204, 204]
