"""Markdown of a briefing, friendly and hostile."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from assistant.site.markdown import body_html
from tests.site.conftest import serve
from tests.site.fakes import numbered

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://tracker.example/pixel.gif)",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](java\nscript:alert(1))",
    "[click](&#106;avascript:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](vbscript:x)",
    '[click](https://a.example "x onmouseover=alert(1)")',
    '<a href="https://a.example" onclick="alert(1)" style="position:fixed">x</a>',
    "<iframe src=https://a.example></iframe>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<form action=https://a.example><input name=q></form>",
    '<https://a.example/"onmouseover=alert(1)>',
    "`<script>` and ```\n</code><script>alert(1)</script>\n```",
    "| a |\n| --- |\n| <script>alert(1)</script> |",
    '<math><mtext><table><style><!--</style><a title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
)
ALLOWED = {
    "p": set(),
    "h2": set(),
    "h3": set(),
    "h4": set(),
    "ul": set(),
    "ol": {"start"},
    "li": set(),
    "blockquote": set(),
    "pre": set(),
    "code": set(),
    "em": set(),
    "strong": set(),
    "a": {"href", "title", "rel"},
    "hr": set(),
    "br": set(),
    "table": set(),
    "thead": set(),
    "tbody": set(),
    "tr": set(),
    "th": set(),
    "td": set(),
}

SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
"""RFC 3986: what begins with another character is a relative address."""


def assert_harmless(html: str) -> None:
    for element in BeautifulSoup(html, "html.parser").find_all(True):
        assert set(element.attrs) <= ALLOWED[element.name]
        if href := element.get("href"):
            scheme = SCHEME.match(href.strip())
            assert scheme is None or scheme[1].lower() in {"http", "https", "mailto"}


@pytest.mark.parametrize("markdown", HOSTILE)
def test_hostile_markdown_is_harmless(markdown):
    assert_harmless(body_html(markdown))


@given(st.lists(st.sampled_from([*HOSTILE, "<", ">", '"', "[", "](", ")", "`", "*", "&", "\n\n"])))
def test_any_mixture_of_hostile_pieces_is_harmless(pieces):
    assert_harmless(body_html("".join(pieces)))


@pytest.mark.parametrize("markdown", HOSTILE)
async def test_hostile_body_is_harmless_on_its_page(markdown):
    briefing = numbered(1, body=markdown)
    async with serve(briefing) as site:
        response = await site.client.get(briefing.path)

    assert response.status_code == 200
    prose = BeautifulSoup(response.text, "html.parser").select_one(".prose")
    assert_harmless(prose.decode_contents())


def test_markdown_becomes_what_it_says():
    markdown = (
        "# One\n\nText with *stress* and a [link](https://a.example/x).\n\n1. first\n2. second"
    )

    assert body_html(markdown) == (
        "<h2>One</h2>\n"
        "<p>Text with <em>stress</em> and a "
        '<a href="https://a.example/x" rel="noopener noreferrer">link</a>.</p>\n'
        "<ol>\n<li>first</li>\n<li>second</li>\n</ol>\n"
    )
