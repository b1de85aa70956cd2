"""Fetching is polite, limited, and says why it fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest

from indexing.errors import FetchFailed
from indexing.fetching import FEED_TYPES, Fetched, FetchLimits, WebClient
from indexing.public_addresses import PublicTransport, is_public
from tests.indexing.feed_server import Answer, FeedServer, packed, serving

LIMITS = FetchLimits(timeout_s=5, total_s=5, max_bytes=20_000, host_pause_s=0)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with serving() as running:
        yield running


class Naps:
    """Remembers how long was slept, and does not sleep."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


async def get(
    url: str, *, limits: FetchLimits = LIMITS, naps: Naps | None = None, **known: str
) -> Fetched:
    client = WebClient(
        user_agent="Heidi/1", limits=limits, allows_private=True, sleep=naps or Naps()
    )
    async with client:
        return await client.get(url, accept=FEED_TYPES, **known)


async def reason(url: str, limits: FetchLimits = LIMITS) -> str:
    with pytest.raises(FetchFailed) as failed:
        await get(url, limits=limits)
    return failed.value.reason


async def test_content_comes_with_what_the_next_request_needs(server: FeedServer) -> None:
    url = server.feed("/a", "<rss/>", etag='"1"', last_modified="Sat, 14 Mar 2026 09:00:00 GMT")

    fetched = await get(url)

    assert fetched == Fetched(
        url=url,
        content=b"<rss/>",
        content_type="application/rss+xml; charset=utf-8",
        etag='"1"',
        last_modified="Sat, 14 Mar 2026 09:00:00 GMT",
    )
    assert (await get(url, etag='"1"', last_modified=fetched.last_modified)).is_unchanged
    assert server.requests[-1][1]["if-modified-since"] == fetched.last_modified
    assert server.requests[-1][1]["user-agent"] == "Heidi/1"


async def test_gzip_is_unpacked_and_bombs_are_not(server: FeedServer) -> None:
    zipped = {"content-encoding": "gzip"}
    fine = server.give("/a", Answer(packed("<rss/>"), headers=zipped))
    bomb = server.give("/b", Answer(packed("x" * 1_000_000), headers=zipped))
    nested = server.give("/c", Answer(packed("x", 2), headers={"content-encoding": "gzip, gzip"}))
    broken = server.give("/d", Answer(b"no gzip", headers=zipped))

    assert (await get(fine)).content == b"<rss/>"
    assert await reason(bomb) == "is larger than 20,000 bytes"
    assert await reason(nested) == "is packed several times over"
    assert await reason(broken) == "cannot be unpacked"


async def test_what_is_announced_too_large_is_not_read(server: FeedServer) -> None:
    url = server.give("/a", Answer(b"x", headers={"content-length": "30000"}))

    assert await reason(url) == "is larger than 20,000 bytes"


async def test_redirects_are_followed_and_those_for_good_are_named(server: FeedServer) -> None:
    end = server.feed("/end", "<rss/>")
    moved = server.give("/moved", Answer(status=301, headers={"location": "/end"}))
    aside = server.give("/aside", Answer(status=302, headers={"location": "/moved"}))
    circle = server.give("/circle", Answer(status=301, headers={"location": "/circle"}))
    away = server.give("/away", Answer(status=301, headers={"location": "file:///etc/passwd"}))

    assert (await get(moved)).moved_to == end
    fetched = await get(aside)
    assert (fetched.url, fetched.moved_to) == (end, "")
    assert await reason(circle) == "redirects more than 5 times"
    assert "not http(s)" in await reason(away)


async def test_passing_failures_are_tried_again_as_the_server_asks(server: FeedServer) -> None:
    url = server.give(
        "/a",
        Answer(status=500),
        Answer(status=429, headers={"retry-after": "7"}),
        Answer(b"<rss/>"),
    )
    naps = Naps()

    assert (await get(url, naps=naps)).content == b"<rss/>"
    assert 1 <= naps.taken[0] <= 3
    assert naps.taken[1] == 7


async def test_lasting_failures_are_not_tried_again(server: FeedServer) -> None:
    gone = server.give("/gone", Answer(status=410))
    down = server.give("/down", Answer(status=503, headers={"retry-after": "86400"}))

    assert await reason(gone) == "answers 410 Gone"
    assert await reason(down) == "answers 503 Service Unavailable"
    assert server.paths() == ["/gone", "/down", "/down", "/down"]


async def test_a_server_that_drips_is_left(server: FeedServer) -> None:
    never = threading.Event()
    url = server.give("/a", Answer(b"late", waits=never))
    once = FetchLimits(timeout_s=0.05, total_s=5, attempts=1)
    slow = FetchLimits(timeout_s=5, total_s=0.05, attempts=1)

    assert await reason(url, once) == "does not answer within 0.05 s"
    assert await reason(url, slow) == "is not complete within 0.05 s"
    never.set()


async def test_a_host_is_asked_one_thing_at_a_time_with_pauses(server: FeedServer) -> None:
    url = server.feed("/a", "<rss/>")
    naps = Naps()
    limits = FetchLimits(host_pause_s=60)
    async with WebClient(
        user_agent="Heidi/1", limits=limits, allows_private=True, sleep=naps
    ) as client:
        await client.get(url, accept=FEED_TYPES)
        await client.get(url, accept=FEED_TYPES)

    assert len(naps.taken) == 1
    assert 0 < naps.taken[0] <= 60


async def test_own_network_is_not_asked_unless_allowed(server: FeedServer) -> None:
    url = server.feed("/a", "<rss/>")
    async with WebClient(user_agent="Heidi/1", limits=LIMITS, sleep=Naps()) as client:
        with pytest.raises(FetchFailed, match=r"127\.0\.0\.1, which is not public"):
            await client.get(url, accept=FEED_TYPES)

    assert server.requests == []


async def test_a_redirect_into_the_own_network_is_refused() -> None:
    asked: list[tuple[str, str, object]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(
            (request.url.host, request.headers["host"], request.extensions["sni_hostname"])
        )
        return httpx.Response(302, headers={"location": "http://inside.example/admin"})

    async def resolve(host: str, _port: int) -> list[str]:
        return {"news.example": ["93.184.216.34"], "inside.example": ["93.184.216.34", "10.0.0.7"]}[
            host
        ]

    transport = PublicTransport(httpx.MockTransport(answer), resolve)
    async with WebClient(
        user_agent="Heidi/1", limits=LIMITS, allows_private=True, transport=transport, sleep=Naps()
    ) as client:
        with pytest.raises(FetchFailed, match=r"leads to 10\.0\.0\.7, which is not public"):
            await client.get("https://news.example/feed", accept=FEED_TYPES)

    assert asked == [("93.184.216.34", "news.example", "news.example")]


async def test_an_unknown_host_is_said() -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        raise OSError("no such host")

    transport = PublicTransport(httpx.MockTransport(lambda _: httpx.Response(200)), resolve)
    async with WebClient(
        user_agent="Heidi/1", limits=LIMITS, allows_private=True, transport=transport, sleep=Naps()
    ) as client:
        with pytest.raises(FetchFailed, match=r"the host nowhere\.example is not known"):
            await client.get("http://nowhere.example/feed", accept=FEED_TYPES)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
    ],
)
def test_only_the_public_internet_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public
