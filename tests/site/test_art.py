"""Artwork of briefings."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from assistant.site.art import artwork
from indexing.briefings import Category
from tests.site.fakes import ROBOT


@pytest.mark.parametrize("category", list(Category))
def test_artwork_is_wellformed_small_and_always_the_same(category):
    for number in range(20):
        drawn = artwork(f"slug-{number}", category)
        ElementTree.fromstring(drawn)
        assert "style" not in drawn
        assert len(drawn) < 16_000
        assert drawn == artwork(f"slug-{number}", category)


def test_artwork_differs_from_briefing_to_briefing():
    assert len({artwork(f"slug-{number}", Category.AI) for number in range(20)}) == 20


async def test_artwork_is_served_and_kept(site):
    response = await site.client.get(f"/art/{ROBOT.slug}.svg")
    known = {"If-None-Match": response.headers["ETag"]}

    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'"
    assert (await site.client.get(f"/art/{ROBOT.slug}.svg", headers=known)).status_code == 304
    assert (await site.client.get("/art/unknown.svg")).status_code == 404
