"""Whoever writes too often waits; nobody else does, and no header buys more."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import jwt
import pytest
from limits.errors import StorageError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from assistant.core.errors import InvalidInput
from assistant.http.limits import RateLimit, RateLimits, client_address


async def echo(request: Request) -> Response:
    status = 401 if request.headers.get("Password") == "wrong" else 200
    return PlainTextResponse("ok", status_code=status)


def client_of(address: str = "198.51.100.7", **options: object) -> httpx.AsyncClient:
    return connect(limited(**options), address)


def limited(**options: object) -> RateLimit:
    paths = ("/v1/x", "/sign-in", "/review/sign-in")
    inner = Starlette(routes=[Route(path, echo, methods=["GET", "POST"]) for path in paths])
    return RateLimit(inner, **options)


def connect(app: RateLimit, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://heidi.test")


async def post(client: httpx.AsyncClient, count: int, path: str = "/v1/x", **headers: str):
    return [(await client.post(path, headers=headers)).status_code for _ in range(count)]


async def test_a_visitor_waits_whichever_of_their_tokens_they_send():
    tokens = [
        jwt.encode({"sub": visitor, "gen": generation}, "s" * 32, algorithm="HS256")
        for visitor in ("vis-1", "vis-2")
        for generation in range(4)
    ]
    async with client_of(limits=RateLimits(visitor="3/hour")) as client:
        seen = [(await post(client, 1, Authorization=f"Bearer {token}"))[0] for token in tokens]

    assert seen == [200, 200, 200, 429] * 2


async def test_one_visitor_waits_while_another_goes_on():
    async with client_of(limits=RateLimits(visitor="3/hour")) as client:
        assert await post(client, 4, Authorization="Bearer a") == [200, 200, 200, 429]
        assert await post(client, 1, Authorization="Bearer b") == [200]


async def test_a_refusal_is_a_problem_that_says_how_long_to_wait():
    async with client_of(limits=RateLimits(address="1/hour")) as client:
        await post(client, 1)
        refused = await client.post("/v1/x")
    wait_s = int(refused.headers["Retry-After"])
    assert 0 < wait_s <= 3600
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json() == {
        "type": "/problems/rate-limited",
        "title": "Too many requests",
        "status": 429,
        "detail": f"That was too often. Try again in {wait_s} s.",
        "remedy": "Wait as long as Retry-After says.",
    }


async def test_an_address_waits_however_many_tokens_it_makes_up():
    async with client_of(limits=RateLimits(address="3/hour")) as client:
        seen = [(await post(client, 1, Authorization=f"Bearer {n}"))[0] for n in range(4)]
    assert seen == [200, 200, 200, 429]


async def test_an_address_over_its_limit_does_not_use_up_the_sites():
    app = limited(limits=RateLimits(address="2/hour", site="4/hour"))
    async with connect(app, "198.51.100.7") as loud, connect(app, "198.51.100.8") as quiet:
        assert await post(loud, 9) == [200, 200] + [429] * 7
        assert await post(quiet, 2) == [200, 200]


async def test_the_site_as_a_whole_has_a_limit():
    app = limited(limits=RateLimits(site="3/hour"))
    seen = []
    for number in range(4):
        async with connect(app, f"198.51.100.{number}") as client:
            seen += await post(client, 1)
    assert seen == [200, 200, 200, 429]


@pytest.mark.parametrize("path", ["/sign-in", "/review/sign-in"])
async def test_refused_sign_ins_are_counted_and_good_ones_are_not(path):
    async with client_of(limits=RateLimits(sign_in="2/hour")) as client:
        assert await post(client, 5, path) == [200] * 5
        assert await post(client, 3, path, Password="wrong") == [401, 401, 429]
        assert await post(client, 1, path) == [429]


async def test_reading_is_not_limited():
    async with client_of(limits=RateLimits(address="1/hour", site="1/hour")) as client:
        seen = [(await client.get("/v1/x")).status_code for _ in range(5)]
    assert seen == [200] * 5


async def test_somebody_who_types_is_never_near_the_defaults():
    async with client_of() as client:
        await client.post("/v1/x")
        assert await post(client, 30, Authorization="Bearer a") == [200] * 30


async def test_a_forwarded_address_is_a_claim_unless_proxies_are_trusted():
    async with client_of(limits=RateLimits(address="2/hour")) as client:
        seen = [
            (await client.post("/v1/x", headers={"X-Forwarded-For": f"203.0.113.{n}"})).status_code
            for n in range(3)
        ]
    assert seen == [200, 200, 429]


@pytest.mark.parametrize(
    ("client", "forwarded", "proxies", "address"),
    [
        ("10.0.0.1", "203.0.113.9", 0, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9", 1, "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9", 1, "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", 2, "203.0.113.9"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.9", 2, "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", None, 0, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", None, 0, "203.0.113.9"),
        (None, None, 0, "unknown"),
        ("10.0.0.1", "x" * 500, 1, "x" * 64),
    ],
)
def test_the_client_is_who_the_outermost_trusted_proxy_saw(client, forwarded, proxies, address):
    headers = [] if forwarded is None else [(b"x-forwarded-for", forwarded.encode())]
    scope = {"type": "http", "client": (client, 1) if client else None, "headers": headers}

    assert client_address(scope, proxies) == address


@pytest.mark.parametrize(
    "options",
    [
        {"limits": RateLimits(visitor="often")},
        {"limits": RateLimits(site="1/fortnight")},
        {"storage": "carrier-pigeon://x"},
    ],
    ids=str,
)
def test_a_setting_that_can_not_be_read_says_so(options):
    with pytest.raises(InvalidInput):
        limited(**options)


async def test_empty_limits_are_none():
    off = RateLimits(visitor="", address="", site="", sign_in="")
    async with client_of(limits=off) as client:
        assert await post(client, 50, Authorization="Bearer a") == [200] * 50


async def test_a_storage_that_is_down_lets_everybody_pass(monkeypatch):
    app = limited(limits=RateLimits(address="1/hour"))

    async def fail(*_args: object) -> bool:
        raise StorageError(OSError("down"))

    monkeypatch.setattr(app._limiter, "hit", fail)
    async with connect(app, "198.51.100.7") as client:
        assert await post(client, 3) == [200] * 3


async def test_a_refusal_takes_another_form_where_one_is_given():
    def other(path: str, detail: str):
        return PlainTextResponse("slow", status_code=429) if path == "/v1/x" else None

    made: Callable[..., object] = other
    async with client_of(limits=RateLimits(address="1/hour"), refused=made) as client:
        await post(client, 1)
        refused = await client.post("/v1/x")
    assert (refused.text, refused.headers["Retry-After"] != "") == ("slow", True)
