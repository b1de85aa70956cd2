"""Demo sign-in, and the token that tells Heidi who is signed in."""

from __future__ import annotations

import jwt
import pytest
from bs4 import BeautifulSoup

from assistant.backends.demo_accounts import demo_customers
from assistant.http.tokens import IdentityTokens
from assistant.site.customers import site_customers
from assistant.site.sessions import local_path
from tests.site.conftest import IDENTITY_SECRET, serve
from tests.site.fakes import ROBOT

NOT_LOCAL = (
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    " //evil.example",
    "/a\r\nSet-Cookie: x=1",
    "/a b",
    "javascript:alert(1)",
    "evil.example",
    "",
    "/" + "a" * 600,
)


async def test_sign_in_page_offers_each_customer_and_remembers_where_to_go(site):
    response = await site.client.get("/sign-in?next=/briefings%3Fpage=1")
    page = BeautifulSoup(response.text, "lxml")

    assert [each.get_text() for each in page.select(".customer button")] == [
        "Continue as Ada",
        "Continue as Ben",
    ]
    assert [each["value"] for each in page.select(".customer input[name=next]")] == [
        "/briefings?page=1",
        "/briefings?page=1",
    ]


async def test_signing_in_leads_back_and_names_the_customer(site):
    response = await site.sign_in(next="/about?x=1")

    assert (response.status_code, response.headers["Location"]) == (303, "/about?x=1")
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    page = BeautifulSoup((await site.client.get("/about?x=1")).text, "lxml")
    assert page.select_one(".signed-in").get_text(strip=True) == "AMSigned in asAda Moreau"
    assert page.select_one(".sign-out input")["value"] == "/about?x=1"


async def test_cookies_go_over_tls_only_where_the_site_does():
    async with serve(ROBOT, base_url="https://site.test") as site:
        assert "Secure" in (await site.sign_in()).headers["set-cookie"]


@pytest.mark.parametrize("wanted", NOT_LOCAL)
async def test_open_redirect_is_refused(site, wanted):
    assert local_path(wanted) == "/"
    assert (await site.sign_in(next=wanted)).headers["Location"] == "/"
    signed_out = await site.client.post("/sign-out", data={"next": wanted})
    assert signed_out.headers["Location"] == "/"


async def test_signing_out_forgets_the_customer(site):
    await site.sign_in()
    response = await site.client.post("/sign-out", data={"next": "/about"})

    assert (response.status_code, response.headers["Location"]) == (303, "/about")
    assert (await site.client.get("/demo/heidi-token")).status_code == 204


async def test_a_link_does_not_sign_out(site):
    await site.sign_in()
    response = await site.client.get("/sign-out")

    assert (response.status_code, response.headers["Location"]) == (303, "/sign-in")
    assert (await site.client.get("/demo/heidi-token")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_forms_of_other_sites_are_refused(site, headers):
    form = {"customer": "cust-ada"}
    signed_in = await site.client.post("/sign-in", data=form, headers=headers)
    signed_out = await site.client.post("/sign-out", headers=headers)

    assert (signed_in.status_code, signed_out.status_code) == (403, 403)
    assert "set-cookie" not in signed_in.headers
    assert "set-cookie" not in signed_out.headers


@pytest.mark.parametrize("customer", ["", "cust-eve", "cust-ada\x00"])
async def test_unknown_customer_is_refused(site, customer):
    assert (await site.sign_in(customer)).status_code == 403


async def test_token_is_accepted_by_heidi(site):
    await site.sign_in("cust-ben")

    first = await site.client.get("/demo/heidi-token")
    second = await site.client.get("/demo/heidi-token")

    assert first.headers["Cache-Control"] == "no-store"
    token = first.json()["token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    now = int(site.clock().timestamp())
    identifier = claims.pop("jti")
    assert claims == {
        "sub": "cust-ben",
        "name": "Ben Whitaker",
        "iss": "demo-site",
        "aud": "heidi",
        "iat": now,
        "exp": now + 600,
    }
    assert (
        jwt.decode(second.json()["token"], options={"verify_signature": False})["jti"] != identifier
    )


async def test_token_verifies_with_the_shared_secret():
    from datetime import UTC, datetime

    async with serve(clock=lambda: datetime.now(UTC)) as site:
        await site.sign_in()
        token = (await site.client.get("/demo/heidi-token")).json()["token"]

    claims = IdentityTokens(IDENTITY_SECRET, "demo-site").verify(token)
    assert (claims.customer_id, claims.name) == ("cust-ada", "Ada Moreau")


async def test_nobody_gets_no_token(site):
    response = await site.client.get("/demo/heidi-token")

    assert (response.status_code, response.content) == (204, b"")


async def test_session_ends_after_twelve_hours(site):
    await site.sign_in()
    site.clock.advance(hours=11, minutes=59)
    assert (await site.client.get("/demo/heidi-token")).status_code == 200
    site.clock.advance(minutes=2)
    assert (await site.client.get("/demo/heidi-token")).status_code == 204


async def test_altered_session_is_nobody(site):
    await site.sign_in()
    value = site.client.cookies["jmac_session"]
    for altered in (value[:-1], f"x{value}", value.replace(".", ""), "..", ""):
        site.client.cookies.clear()
        site.client.cookies.set("jmac_session", altered)
        assert (await site.client.get("/demo/heidi-token")).status_code == 204


async def test_site_without_demo_customers_has_no_sign_in():
    async with serve(ROBOT, customers=()) as site:
        front = (await site.client.get("/")).text
        assert "/sign-in" not in front
        assert "identify.js" not in front
        assert (await site.client.get("/sign-in")).status_code == 404
        assert (await site.client.get("/demo/heidi-token")).status_code == 404


def test_customers_are_those_of_the_demo_accounts():
    assert [(each.id, each.name) for each in site_customers()] == [
        (each.id, each.name) for each in demo_customers()
    ]
