"""The console is for staff only."""

from __future__ import annotations

import pytest
from fastapi import Response
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import update

from assistant.review.session import COOKIE, LIFETIME_S, StaffSessions
from assistant.store.staff import StaffRow
from tests.review.conftest import EMAIL, MIRA, PASSWORD, SECRET, Console

PAGES = ["/review", "/review?q=x&page=2", "/review/conversations/conv-1"]


def serializer(secret: str = SECRET, salt: str = "heidi-staff-session") -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=salt)


@pytest.mark.parametrize("path", PAGES)
async def test_without_a_session_every_page_leads_to_sign_in(console: Console, path):
    response = await console.client.get(path)

    assert (response.status_code, response.headers["location"]) == (303, "/review/sign-in")
    assert "Conversations" not in response.text


async def test_address_and_password_open_the_console(console: Console):
    response = await console.sign_in()

    assert (response.status_code, response.headers["location"]) == (303, "/review")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Path=/review", "SameSite=strict", f"Max-Age={LIFETIME_S}"} <= set(
        cookie.split("; ")
    )
    listed = await console.client.get("/review")
    assert listed.status_code == 200
    assert "Mira" in listed.text
    assert listed.headers["cache-control"] == "no-store"


async def test_over_https_the_cookie_stays_there(console: Console):
    response = Response()
    sessions = StaffSessions(console.staff, SECRET, is_secure=True)

    assert await sessions.sign_in(response, email=EMAIL, password=PASSWORD)
    assert "Secure" in response.headers["set-cookie"].split("; ")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "wrong password"),
        ("nobody@example.org", PASSWORD),
        ("a\x00b", "x"),
        ('"><script>alert(1)</script>', "x"),
    ],
)
async def test_anything_else_is_refused_in_the_same_words(console: Console, email, password):
    response = await console.sign_in(email, password)

    assert response.status_code == 401
    assert "E-mail and password don&#39;t match" in response.text
    assert "<script>" not in response.text
    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("form", [{}, {"email": EMAIL}, {"email": "x" * 300, "password": "x"}])
async def test_an_incomplete_form_is_answered_with_a_page(console: Console, form):
    response = await console.client.post("/review/sign-in", data=form)

    assert response.status_code == 422
    assert "is missing or too long." in response.text


async def test_a_tampered_cookie_opens_nothing(console: Console):
    session = [MIRA["id"], await console.staff.stamp(MIRA["id"])]
    good = serializer().dumps(session)
    forged = [
        "",
        "x",
        # Not the last character: base64 leaves two of its bits unused.
        good[:-2] + ("A" if good[-2] != "A" else "B") + good[-1],
        "A" + good[1:],
        serializer("another-secret-of-at-least-32-bytes").dumps(session),
        serializer(salt="another-use").dumps(session),
        serializer().dumps(MIRA["id"]),
        serializer().dumps(["staff_nobody", ""]),
        serializer().dumps([MIRA["id"], ""]),
        serializer().dumps(["staff", 1]),
        serializer().dumps({"id": MIRA["id"]}),
    ]

    for cookie in forged:
        response = await console.client.get("/review", headers={"Cookie": f"{COOKIE}={cookie}"})
        assert response.status_code == 303
    fine = await console.client.get("/review", headers={"Cookie": f"{COOKIE}={good}"})
    assert fine.status_code == 200


async def test_a_session_wears_out(console: Console, monkeypatch: pytest.MonkeyPatch):
    await console.sign_in()
    monkeypatch.setattr("assistant.review.session.LIFETIME_S", -1)

    assert (await console.client.get("/review")).status_code == 303


async def test_a_new_password_ends_the_sessions_of_the_old_one(signed_in: Console):
    assert (await signed_in.client.get("/review")).status_code == 200

    await signed_in.staff.set_password(email=EMAIL, password="another long password")

    assert (await signed_in.client.get("/review")).status_code == 303
    await signed_in.sign_in(EMAIL, "another long password")
    assert (await signed_in.client.get("/review")).status_code == 200


async def test_whoever_is_no_longer_active_is_out_at_once(signed_in: Console):
    async with signed_in.store.database.begin() as session:
        await session.execute(update(StaffRow).values(is_active=False))

    assert (await signed_in.client.get("/review")).status_code == 303


async def test_signing_out_forgets_the_session(console: Console):
    await console.sign_in()

    response = await console.client.post("/review/sign-out")

    assert (response.status_code, response.headers["location"]) == (303, "/review/sign-in")
    assert (await console.client.get("/review")).status_code == 303


async def test_a_visitors_token_is_no_staff_session(console: Console):
    response = await console.client.get("/review", headers={"Authorization": "Bearer x.y.z"})

    assert response.status_code == 303
