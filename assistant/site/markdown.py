"""Owns turning Markdown into HTML that is safe whatever the Markdown holds. Pure.

Of briefings for the site, and of answers for whoever reads conversations.

Two layers: the parser does not pass HTML through, and the sanitiser lets only an allow-list out.
Images are left out, so that reading a page contacts no other server.
"""

from __future__ import annotations

from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistant.core.links import local_path

_TAGS = {
    "p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "a",
    "hr", "br", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
"""The page has one h1: the briefing's title."""


def body_html(markdown: str) -> str:
    """Safe HTML of a briefing's body."""
    parser = _parser()
    tokens = parser.parse(markdown)
    for token in tokens:
        _place_heading(token)
    return _clean(parser.renderer.render(tokens, parser.options, {}))


def answer_html(markdown: str) -> str:
    """Safe HTML of an answer; only pages of this server are links, other addresses are shown.

    An answer may be what a hostile text made a model write: nobody shall follow it by a click.
    """
    parser = _parser().enable("newline")
    parser.options["breaks"] = True
    tokens = parser.parse(markdown)
    for token in tokens:
        _place_heading(token)
        token.children = _without_foreign_links(token.children or [])
    return _clean(parser.renderer.render(tokens, parser.options, {}))


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def _without_foreign_links(tokens: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    foreign: list[str] = []
    for token in tokens:
        if token.type == "link_open" and not local_path(str(token.attrGet("href"))):
            foreign.append(str(token.attrGet("href")))
        elif token.type == "link_close" and foreign:
            address = foreign.pop()
            is_shown = bool(kept) and kept[-1].content == address
            kept.append(Token("text", "", 0, content="" if is_shown else f" ({address})"))
        else:
            kept.append(token)
    return kept


def _place_heading(token: Token) -> None:
    if token.type in {"heading_open", "heading_close"}:
        token.tag = _HEADINGS[token.tag]
