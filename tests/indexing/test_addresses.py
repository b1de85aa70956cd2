"""Addresses of one article are recognised as such."""

from __future__ import annotations

import pytest

from indexing.addresses import absolute_address, canonical_address, without_tracking


@pytest.mark.parametrize(
    ("address", "absolute"),
    [
        ("/a", "https://news.example/a"),
        ("b.html#top", "https://news.example/feeds/b.html"),
        ("//cdn.example/a", "https://cdn.example/a"),
        (" https://news.example/a\n b ", "https://news.example/ab"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("mailto:a@news.example", None),
        ("urn:uuid:1", None),
        ("http://[::1", None),
        ("http://a.example:99999/", None),
    ],
)
def test_only_web_addresses_are_taken(address: str, absolute: str | None) -> None:
    assert absolute_address(address, "https://news.example/feeds/all.xml") == absolute


@pytest.mark.parametrize(
    "address",
    [
        "http://www.news.example/a/?utm_source=rss&utm_medium=feed#top",
        "https://news.example:443/a/amp/?id=1&fbclid=x".replace("id=1&", ""),
        "https://amp.news.example/a/index.html?ref=feed",
        "https://News.example/a",
    ],
)
def test_addresses_of_one_article_are_the_same(address: str) -> None:
    assert canonical_address(address) == "news.example/a"


def test_what_leads_elsewhere_stays() -> None:
    assert canonical_address("https://a.example:8080/x?b=2&a=1&utm_id=3") == (
        "a.example:8080/x?a=1&b=2"
    )
    assert without_tracking("https://a.example/x?b=2&utm_id=3&a=%20") == (
        "https://a.example/x?b=2&a=%20"
    )
    assert without_tracking("https://a.example/x?utm_id=3") == "https://a.example/x"
