"""Feeds of every kind and in every state are read, or refused with a reason."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexing.errors import FeedUnreadable
from indexing.feeds import FeedItem, ParsedFeed, parse_feed
from tests.indexing.feed_server import item, rss

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
URL = "https://robots.example/feeds/all.xml"


def parse(content: str | bytes, content_type: str = "") -> ParsedFeed:
    data = content.encode() if isinstance(content, str) else content
    return parse_feed(data, url=URL, now=NOW, content_type=content_type)


def only(content: str | bytes, content_type: str = "") -> FeedItem:
    (found,) = parse(content, content_type).items
    return found


def test_rss_gives_items_in_order() -> None:
    feed = parse(rss(item("a", "Robots &amp; arms", "One."), item("b", "Other", "Two.")))

    assert (feed.title, feed.form, feed.language) == ("Robot Weekly", "rss20", "en")
    assert [(found.title, found.url, found.text) for found in feed.items] == [
        ("Robots & arms", "https://robots.example/a", "One."),
        ("Other", "https://robots.example/b", "Two."),
    ]
    assert feed.items[0].moment == datetime(2026, 3, 14, 9, tzinfo=UTC)


def test_atom_prefers_content_and_publication_and_resolves_links() -> None:
    found = only(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://robots.example/x/"><id>f</id>'
        '<entry><id>tag:1</id><title type="html">A &amp;lt;b&amp;gt; &lt;i&gt;c&lt;/i&gt;</title>'
        '<link href="post?utm_source=f&amp;id=1"/><updated>2026-03-15T00:00:00Z</updated>'
        "<published>2026-03-10T00:00:00Z</published><summary>Short.</summary>"
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Long text.</p>'
        "<p>More.</p></div></content></entry></feed>"
    )

    assert (found.title, found.url) == ("A <b> c", "https://robots.example/x/post?id=1")
    assert (found.summary, found.text) == ("Short.", "Long text.\n\nMore.")
    assert found.moment == datetime(2026, 3, 10, tzinfo=UTC)


def test_rdf_with_dublin_core_dates_is_read() -> None:
    found = only(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<channel rdf:about="https://robots.example/"><title>R</title></channel>'
        '<item rdf:about="https://robots.example/1"><title>T</title>'
        "<link>https://robots.example/1</link><dc:date>2026-03-14T09:00+01:00</dc:date></item>"
        "</rdf:RDF>"
    )

    assert found.moment == datetime(2026, 3, 14, 8, tzinfo=UTC)


def test_a_json_feed_is_read() -> None:
    feed = parse(
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "J",
                "items": [
                    {
                        "id": 7,
                        "url": "/seven",
                        "title": "Seven",
                        "content_html": "<p>One.</p><p>Two.</p>",
                        "date_published": "2026-03-14T09:00:00Z",
                    },
                    {"id": "8", "content_text": "No title"},
                    "nonsense",
                ],
            }
        )
    )

    assert [(i.title, i.url, i.text) for i in feed.items] == [
        ("Seven", "https://robots.example/seven", "One.\n\nTwo.")
    ]
    assert [(r.position, r.reason) for r in feed.rejected] == [
        (2, "has no title"),
        (3, "has no title"),
    ]


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (rss(item("a", "Café “x”", "y")).encode("utf-8"), ""),
        (rss(item("a", "Café “x”", "y")).encode("utf-16"), ""),
        (
            rss(item("a", "Café “x”", "y"))
            .replace('"1.0"', '"1.0" encoding="windows-1252"')
            .encode("windows-1252"),
            "application/rss+xml",
        ),
        (
            rss(item("a", "Café “x”", "y")).encode("windows-1252"),
            "text/xml; charset=windows-1252",
        ),
        (rss(item("a", "Café “x”", "y")).encode(), "text/html"),
        (rss(item("a", "Café “x”", "y")).encode(), "application/xml; charset=iso-8859-1"),
        (
            rss(item("a", "Café “x”", "y"))
            .replace('"1.0"', '"1.0" encoding="utf-8"')
            .encode("windows-1252"),
            "",
        ),
        (
            rss(item("a", "Café “x”", "y"))
            .replace('"1.0"', '"1.0" encoding="no-such-thing"')
            .encode("utf-8"),
            "",
        ),
    ],
)
def test_encodings_declared_rightly_or_wrongly_are_found(content: bytes, content_type: str) -> None:
    assert only(content, content_type).title == "Café “x”"


def test_what_is_not_well_formed_is_repaired() -> None:
    feed = parse(rss(item("a", "A & B < C", "An <unclosed> & &nbsp; text")).replace("</rss>", ""))

    assert feed.is_repaired
    assert [found.title for found in feed.items] == ["A & B < C"]


def test_what_is_cut_off_in_cdata_keeps_what_came_before() -> None:
    whole = rss(item("a", "First", "<![CDATA[<p>One</p>]]>"), item("b", "Second", "<![CDATA[<p>Tw"))

    assert parse(whole[: whole.rindex("Tw") + 2]).items[0].text == "One"


def test_entries_that_cannot_be_used_are_counted_with_reasons() -> None:
    feed = parse(
        rss(
            item("a", "", "No title"),
            "<item><title>No address</title></item>",
            item("c", "Script", "x", link="javascript:alert(1)"),
            item("d", "No date", "x", date=""),
            item("e", "Swapped", "x", date="03/14/2026"),
            item("f", "Tomorrow week", "x", date="Sat, 21 Mar 2026 09:00:00 GMT"),
            item("a1", "Twice", "x"),
            item("a1", "Twice, corrected", "y"),
            item("a2", "Twice", "x", link="http://www.robots.example/a1/?utm_id=1"),
        )
    )

    assert [(r.position, r.reason) for r in feed.rejected] == [
        (1, "has no title"),
        (2, "has no address"),
        (3, "has an address that cannot be opened: 'javascript:alert(1)'"),
    ]
    assert feed.repeated == 2
    assert [(i.title, i.moment is None, i.date_problem) for i in feed.items] == [
        ("No date", True, "there is no date"),
        ("Swapped", True, "the date '03/14/2026' is in no form that has one meaning"),
        ("Tomorrow week", True, "the date 'Sat, 21 Mar 2026 09:00:00 GMT' is in the future"),
        ("Twice", False, ""),
    ]


def test_a_permanent_guid_stands_for_a_missing_link() -> None:
    found = only(
        rss(
            "<item><title>T</title><guid>https://robots.example/9</guid><pubDate>x</pubDate></item>"
        )
    )

    assert found.url == "https://robots.example/9"


def test_entities_neither_multiply_nor_read_files() -> None:
    levels = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    bomb = f"<!DOCTYPE r [<!ENTITY l0 '{'x' * 100}'>{levels}]>" + rss(item("a", "T &l9;", "&l9;"))
    thief = '<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/hostname">]>' + rss(
        item("a", "T &f;", "&f;")
    )

    assert all(
        len(found.title) + len(found.text) < 20
        for text in (bomb, thief)
        for found in parse(text).items
    )


def test_markup_is_not_passed_on() -> None:
    found = only(
        rss(
            item(
                "a",
                "&lt;b onclick='x'&gt;T&lt;/b&gt; one",
                "&lt;img src=x onerror=alert(1)&gt;&lt;a href='javascript:x'&gt;Text&lt;/a&gt;",
            )
        )
    )

    assert (found.title, found.text) == ("T one", "Text")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "is empty"),
        ("   \n", "is empty"),
        ("Hello", "is not a feed: it has no element"),
        ("<note><title>x</title></note>", "is not a feed: it begins with <note>"),
        ("<urlset><url/></urlset>", "is a sitemap, not a feed"),
        ("<!doctype html><html><body>404</body></html>", "is a web page, not a feed"),
        (
            '<html><link rel="alternate" type="application/rss+xml" href="../rss"></html>',
            "is a web page, not a feed; its feed is https://robots.example/rss",
        ),
        (b"\x1f\x8b\x08\x00\x00\x00", "is compressed data, not a feed"),
        ('{"a": 1}', "is JSON, but no JSON feed: it names no version"),
        ("[1]", "is JSON, but no JSON feed: it names no version"),
        ("{nonsense", "is not JSON: "),
        ('{"version": "https://jsonfeed.org/version/1"}', "is a JSON feed without a list of items"),
    ],
)
def test_what_is_no_feed_is_refused_with_a_reason(content: str | bytes, reason: str) -> None:
    with pytest.raises(FeedUnreadable) as refused:
        parse(content)

    assert refused.value.reason.startswith(reason)


def test_halves_of_characters_are_left_out() -> None:
    entry = {"id": "1", "url": "/a", "title": "A\ud83d B", "content_text": "C\udc00 D\x00"}
    text = json.dumps(
        {
            "version": "https://jsonfeed.org/version/1",
            "items": [entry, entry | {"id": "2", "url": "/\ud83d"}],
        }
    )
    feed = parse(text)

    assert [(found.title, found.text) for found in feed.items] == [("A B", "C D")]
    assert "cannot be opened" in feed.rejected[0].reason


@given(st.binary(max_size=300))
def test_any_bytes_are_a_feed_or_unreadable(content: bytes) -> None:
    with suppress(FeedUnreadable):
        assert parse(content).form


WHOLE = rss(item("a", "First", "<![CDATA[<p>One</p>]]>"), item("b", "Second", "Two &amp; more"))


@given(st.integers(0, len(WHOLE) - 1), st.sampled_from("<>&\"'\x00\ufffe]"))
def test_a_feed_with_any_one_character_altered_is_read_or_unreadable(at: int, mark: str) -> None:
    with suppress(FeedUnreadable):
        feed = parse(WHOLE[:at] + mark + WHOLE[at + 1 :])
        assert all(found.moment is None or found.moment <= NOW for found in feed.items)


@pytest.mark.parametrize("tag", ["<div>", "&lt;div&gt;"])
def test_what_is_nothing_but_tags_is_refused_before_it_takes_long(tag: str) -> None:
    with pytest.raises(FeedUnreadable, match="has more than 100,000 tags"):
        parse_feed(rss(item("n", "Nested", tag * 100_000)).encode(), url=URL, now=NOW)
