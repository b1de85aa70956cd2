"""Owns turning a briefing's Markdown into HTML that is safe whatever the Markdown holds. Pure.

Two layers: the parser does not pass HTML through, and the sanitiser lets only an allow-list out.
Images are left out, so that reading a page contacts no other server.
"""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    "p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "a",
    "hr", "br", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
"""The page has one h1: the briefing's title."""


def body_html(markdown: str) -> str:
    """Safe HTML of a briefing's body."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = parser.parse(markdown)
    for token in tokens:
        _place_heading(token)
    html = parser.renderer.render(tokens, parser.options, {})
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def _place_heading(token: Token) -> None:
    if token.type in {"heading_open", "heading_close"}:
        token.tag = _HEADINGS[token.tag]
