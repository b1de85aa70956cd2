"""What holds for every request and response."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from assistant.app import _add_middleware
from assistant.http.errors import install_error_handlers
from assistant.http.middleware import SECURITY_HEADERS, BodyLimit, PlainAddresses, SecuredApp
from assistant.metrics import Metrics
from assistant.settings import Settings

POLICY = "default-src 'self'; object-src 'none'"
ORIGIN = "https://news.example"


def make_app() -> SecuredApp:
    app = SecuredApp()
    app.content_security_policy = POLICY
    install_error_handlers(app)

    @app.api_route("/echo", methods=["GET", "HEAD", "POST", "PUT"])
    async def echo(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    @app.get("/page")
    async def page() -> HTMLResponse:
        return HTMLResponse("<p>Hello</p>")

    @app.get("/own-policy")
    async def own_policy() -> HTMLResponse:
        headers = {"Content-Security-Policy": "default-src 'none'", "X-Frame-Options": "SAMEORIGIN"}
        return HTMLResponse("", headers=headers)

    @app.get("/crash")
    async def crash() -> Response:
        raise RuntimeError("password=hunter2")

    @app.post("/json")
    async def read(body: dict[str, int]) -> dict[str, int]:
        return body

    return app


def client_of(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://heidi.test")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = make_app()
    app.add_middleware(BodyLimit, max_bytes=100)
    app.add_middleware(PlainAddresses)
    async with client_of(app) as opened:
        yield opened


async def chunks(*sizes: int) -> AsyncIterator[bytes]:
    for size in sizes:
        yield b"x" * size


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 100, pytest.param("chunks", id="chunked")])
async def test_a_body_up_to_the_limit_arrives_whole(client: httpx.AsyncClient, content):
    size = 100 if content == "chunks" else len(content)
    body = chunks(40, 40, 20) if content == "chunks" else content

    assert (await client.post("/echo", content=body)).text == str(size)


@pytest.mark.parametrize("sizes", [(101,), (60, 60), (1,) * 101, (100, 1), (10_000,) * 3])
async def test_a_larger_body_is_refused_whether_or_not_its_length_is_declared(
    client: httpx.AsyncClient, sizes
):
    for body in (b"x" * sum(sizes), chunks(*sizes)):
        response = await client.post("/echo", content=body)

        assert (response.status_code, response.json()["type"]) == (
            413,
            "/problems/message-too-long",
        )
        assert response.headers["content-type"] == "application/problem+json"


async def call(app: FastAPI, method: str, headers: dict[str, str], *messages: dict[str, object]):
    """Speak to an application as a server does that does not check what it passes on."""
    sent: list[dict[str, object]] = []
    waiting = iter(messages)

    async def receive() -> dict[str, object]:
        return next(waiting)

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": "/echo",
        "raw_path": b"/echo",
        "query_string": b"",
        "root_path": "",
        "headers": [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    return sent


def limited() -> SecuredApp:
    app = make_app()
    app.add_middleware(BodyLimit, max_bytes=100)
    return app


@pytest.mark.parametrize("declared", ["1", "0", "-5", "abc", "\u00b2", "000000000000999", ""])
async def test_a_length_that_lies_does_not_get_a_large_body_in(declared):
    body = {"type": "http.request", "body": b"x" * 101, "more_body": False}

    sent = await call(limited(), "POST", {"Content-Length": declared}, body)

    assert sent[0]["status"] == 413


@pytest.mark.parametrize("declared", ["101", "99999999999999999999999999"])
async def test_a_declared_large_body_is_refused_before_it_is_read(declared):
    sent = await call(limited(), "POST", {"Content-Length": declared})

    assert sent[0]["status"] == 413


async def test_half_a_request_whose_sender_has_gone_is_not_answered():
    half = {"type": "http.request", "body": b"x" * 10, "more_body": True}

    assert await call(limited(), "POST", {}, half, {"type": "http.disconnect"}) == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_reading_is_not_held_up_by_a_declared_body(method):
    nothing = {"type": "http.request", "body": b"", "more_body": False}

    sent = await call(limited(), method, {"Content-Length": "5000"}, nothing)

    assert sent[0]["status"] == 200


@pytest.mark.parametrize("path", ["/page", "/echo", "/nothing", "/crash"])
async def test_every_response_has_the_security_headers(client: httpx.AsyncClient, path):
    response = await client.get(path)

    assert {name: response.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS


async def test_refusals_have_the_security_headers_too(client: httpx.AsyncClient):
    for response in (
        await client.post("/echo", content=b"x" * 101),
        await client.get("/a%00b"),
        await client.post("/page"),
    ):
        assert response.headers["x-content-type-options"] == "nosniff"


async def test_pages_have_a_content_security_policy_and_may_have_their_own(
    client: httpx.AsyncClient,
):
    assert (await client.get("/page")).headers["content-security-policy"] == POLICY
    own = await client.get("/own-policy")
    assert own.headers.get_list("content-security-policy") == ["default-src 'none'"]
    assert own.headers.get_list("x-frame-options") == ["SAMEORIGIN"]
    assert "content-security-policy" not in (await client.get("/echo")).headers


async def test_a_page_about_a_crash_has_a_content_security_policy():
    app = make_app()

    async def crash_page(_request: Request, _error: Exception) -> HTMLResponse:
        return HTMLResponse("<p>Sorry</p>", status_code=500)

    app.add_exception_handler(Exception, crash_page)
    async with client_of(app) as client:
        response = await client.get("/crash")

    assert (response.status_code, response.headers["content-security-policy"]) == (500, POLICY)


async def test_a_crash_tells_nothing_of_its_cause(client: httpx.AsyncClient):
    response = await client.get("/crash")

    assert response.status_code == 500
    assert response.json()["type"] == "/problems/internal"
    assert "hunter2" not in response.text


@pytest.mark.parametrize("path", ["/a%00b", "/page?q=%00", "/page?q=a%00b&x=1", "/%00"])
async def test_a_nul_in_an_address_is_a_problem(client: httpx.AsyncClient, path):
    response = await client.get(path)

    assert (response.status_code, response.json()["type"]) == (422, "/problems/invalid-input")


@pytest.mark.parametrize(
    "body",
    [b"[" * 90, b'{"a": ' + b"1" * 90 + b"}", b"\xff\xfe", b'{"a": "x"}', b"null", b"NaN"],
)
async def test_a_body_that_json_readers_give_up_on_is_a_problem_with_its_field(
    client: httpx.AsyncClient, body
):
    response = await client.post(
        "/json", content=body, headers={"Content-Type": "application/json"}
    )

    if response.status_code == 200:
        assert response.json() == json.loads(body)
        return
    problem = response.json()
    assert (response.status_code in {400, 422}, problem["type"]) == (
        True,
        "/problems/invalid-input",
    )
    assert problem["field"]
    assert problem["remedy"]


async def test_a_deep_or_huge_body_is_a_problem():
    async with client_of(make_app()) as client:
        for body in (b"[" * 60_000, b'{"a": ' + b"9" * 5000 + b"}"):
            response = await client.post(
                "/json", content=body, headers={"Content-Type": "application/json"}
            )

            assert response.status_code in {400, 422}
            assert response.json()["type"] == "/problems/invalid-input"


@pytest.fixture
async def shared(tmp_path) -> AsyncIterator[httpx.AsyncClient]:
    """A server whose bubble stands on one other site."""
    app = make_app()
    _add_middleware(app, Settings(data_dir=tmp_path, allowed_origins=f"{ORIGIN}/, "), Metrics())
    async with client_of(app) as opened:
        yield opened


def preflight(origin: str) -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": ",".join(
            ("authorization", "content-type", "last-event-id", "x-heidi-identity")
        ),
    }


async def test_an_allowed_origin_may_call_and_send_the_headers_it_needs(shared: httpx.AsyncClient):
    asked = await shared.options("/echo", headers=preflight(ORIGIN))
    called = await shared.post("/echo", headers={"Origin": ORIGIN})

    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == ORIGIN
    assert called.headers["access-control-allow-origin"] == ORIGIN
    exposed = called.headers["access-control-expose-headers"]
    assert exposed == "Retry-After, X-Request-Id, X-Heidi-Visitor-Token"
    assert "access-control-allow-credentials" not in called.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://news.example.evil.example",
        "http://news.example",
        "https://news.example:8443",
        "null",
        "https://NEWS.example",
    ],
)
async def test_any_other_origin_may_not(shared: httpx.AsyncClient, origin):
    asked = await shared.options("/echo", headers=preflight(origin))
    called = await shared.get("/echo", headers={"Origin": origin})

    assert asked.status_code == 400
    assert "access-control-allow-origin" not in asked.headers
    assert "access-control-allow-origin" not in called.headers


async def test_a_refused_body_can_be_read_by_an_allowed_origin(shared: httpx.AsyncClient):
    response = await shared.post("/echo", content=b"x" * 70_000, headers={"Origin": ORIGIN})

    assert response.status_code == 413
    assert response.headers["access-control-allow-origin"] == ORIGIN


def test_without_allowed_origins_nothing_speaks_of_them(tmp_path):
    app = make_app()
    _add_middleware(app, Settings(data_dir=tmp_path), Metrics())

    assert CORSMiddleware not in {middleware.cls for middleware in app.user_middleware}


async def test_where_more_is_needed_more_is_taken():
    app = SecuredApp()
    app.add_middleware(BodyLimit, max_bytes=100, longer={"/desk/": 200})

    @app.post("/{path:path}")
    async def length(request: Request) -> int:
        return len(await request.body())

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://heidi.test") as client:
        sent = [("/desk/text", 200), ("/desk/text", 201), ("/desks", 101), ("/", 100)]
        seen = [(await client.post(path, content=b"x" * size)).status_code for path, size in sent]

    assert seen == [200, 413, 413, 200]
