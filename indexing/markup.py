"""Owns turning the HTML of feeds into Markdown prose: paragraphs, headings and list items.

Reads HTML as a stream, without a tree, so that nothing in it can nest too deeply. What it gives is
escaped: no markup of the source survives. Whole pages are read by `articles.py` instead.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from indexing.prose import escape_markdown

MAX_MARKUP = 400_000
"""Characters of HTML that are read of one item."""
_SKIPPED = frozenset(
    "script style pre svg iframe nav form button video audio figure noscript object table".split()
)
_ENDS_BLOCK = frozenset(
    "p div br hr ul ol li dl dt dd blockquote section article header footer aside main address"
    " h1 h2 h3 h4 h5 h6 pre figure table tr td th details summary".split()
)
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")


def markdown_of_html(markup: str) -> str:
    """The prose of some HTML as Markdown; code leaves an empty fence, so that its place is known.

    Args:
        markup: HTML of any quality; what is too long is cut.
    """
    reader = _Reader()
    reader.feed(markup[:MAX_MARKUP])
    reader.close()
    reader.end_block()
    return "\n\n".join(reader.blocks)


def markdown_of_plain(text: str) -> str:
    """Plain text as Markdown that shows it as it is; empty lines part paragraphs."""
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text[:MAX_MARKUP]))
    return "\n\n".join(escape_markdown(part) for part in paragraphs if part)


def line_of_html(markup: str) -> str:
    """HTML as plain text on one line, for titles."""
    without_tags = _TAG.sub(" ", markup[:MAX_MARKUP])
    return re.sub(r" (?=[.,;:!?)’”])", "", " ".join(html.unescape(without_tags).split()))


class _Reader(HTMLParser):
    """Collects the text of one block after the other."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self._words: list[str] = []
        self._mark = ""
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block ends where another begins."""
        if tag in _ENDS_BLOCK:
            self.end_block()
        if tag in _SKIPPED:
            self._skipped.append(tag)
            if tag == "pre":
                self.blocks.append("```\n```")
        elif re.fullmatch(r"h[1-6]", tag):
            self._mark = "#" * max(2, int(tag[1])) + " "
        elif tag == "li":
            self._mark = "- "

    def handle_endtag(self, tag: str) -> None:
        """A block ends with its element."""
        if tag in self._skipped:
            del self._skipped[self._skipped.index(tag) :]
        if tag in _ENDS_BLOCK:
            self.end_block()

    def handle_data(self, data: str) -> None:
        """Text counts outside of what is skipped."""
        if not self._skipped:
            self._words.append(data)

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Read `<![…` that is no marked section as browsers do: as a comment."""
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:
            return self.parse_bogus_comment(i)

    def end_block(self) -> None:
        """Close the block that is being read."""
        text = " ".join("".join(self._words).split())
        if text:
            self.blocks.append(f"{self._mark}{escape_markdown(text)}")
            self._mark = ""
        self._words = []
