"""Views: one for each reader and half hour."""

from __future__ import annotations

import pytest

from tests.site.conftest import serve
from tests.site.fakes import ROBOT, numbered


async def test_reloads_within_half_an_hour_are_one_view(site):
    await site.client.get(ROBOT.path)
    site.clock.advance(minutes=29)
    response = await site.client.get(ROBOT.path)
    assert site.briefings.counted[ROBOT.id] == 1
    assert "1 view<" in response.text

    site.clock.advance(minutes=2)
    response = await site.client.get(ROBOT.path)
    assert site.briefings.counted[ROBOT.id] == 2
    assert "2 views<" in response.text


async def test_each_briefing_and_each_visitor_counts():
    other = numbered(1)
    async with serve(ROBOT, other) as site:
        await site.client.get(ROBOT.path)
        await site.client.get(other.path)
        await site.client.get(ROBOT.path)
        site.client.cookies.clear()
        await site.client.get(ROBOT.path)

    assert site.briefings.counted == {ROBOT.id: 2, other.id: 1}


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"User-Agent": "facebookexternalhit/1.1"},
        {"User-Agent": "curl/8.5.0"},
        {"User-Agent": "python-httpx/0.28"},
        {"User-Agent": ""},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
    ],
)
async def test_robots_and_prefetching_do_not_count(site, headers):
    response = await site.client.get(ROBOT.path, headers=headers)

    assert response.status_code == 200
    assert site.briefings.counted[ROBOT.id] == 0
    assert "set-cookie" not in response.headers


async def test_head_does_not_count(site):
    await site.client.head(ROBOT.path)

    assert site.briefings.counted[ROBOT.id] == 0


async def test_unknown_briefing_counts_nothing(site):
    await site.client.get("/briefings/unknown")

    assert site.briefings.counted == {}


@pytest.mark.parametrize("value", ["", "rubbish", "e30.rubbish", "W10.x", "é"])
async def test_altered_cookie_counts_as_a_new_visitor(site, value):
    response = await site.client.get(ROBOT.path, headers={"Cookie": f"jmac_views={value}".encode()})

    assert response.status_code == 200
    assert site.briefings.counted[ROBOT.id] == 1


async def test_cookie_stays_small_however_much_is_read():
    briefings = [numbered(n) for n in range(90)]
    async with serve(*briefings) as site:
        for briefing in briefings:
            response = await site.client.get(briefing.path)
            site.clock.advance(seconds=1)
        again = await site.client.get(briefings[-1].path)

    cookie = response.headers["set-cookie"]
    assert len(cookie) < 4000
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "set-cookie" not in again.headers
    assert site.briefings.counted.total() == 90
