"""Owns reading Markdown as plain prose: headings, paragraphs, list items and table rows.

Code blocks, images and raw HTML are left out: what remains is what a person would read aloud.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKS = re.compile(r"[\\`*\[\]<]|&(?=[#\w])|(?<![^\W_])_|_(?![^\W_])")
"""What has a meaning inside a line; an underscore within a word has none."""
_BLOCK_START = re.compile(r"[#>=~]|[-+](?=\s|$)|-{2,}\s*$")
Form = Literal["plain", "markdown"]


class BlockKind(StrEnum):
    """What a block of prose is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"
    HTML = "html"
    CODE = "code"


@dataclass(frozen=True, kw_only=True)
class Block:
    """One line of prose, however it was wrapped in the source."""

    kind: BlockKind
    text: str = ""
    """Plain text on one line; the raw source for HTML; nothing for code."""
    markdown: str = ""
    """The same as Markdown without links, images and raw HTML."""
    level: int = 0
    """Depth of a heading or of a nested list item, from one; zero elsewhere."""
    links: tuple[str, ...] = ()
    """Addresses of the links in it."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """What stands below one heading."""

    heading: str
    """Plain text; empty before the first heading."""
    lines: tuple[str, ...]
    """Paragraphs, list items and rows as plain text that ends with a stop."""


def read_sections(markdown: str) -> tuple[Section, ...]:
    """Sections of a Markdown text in order, without those that hold no prose."""
    sections: list[Section] = []
    heading, lines = "", list[str]()
    for block in (*read_blocks(markdown), None):
        if block is None or block.kind is BlockKind.HEADING:
            if lines:
                sections.append(Section(heading=heading, lines=tuple(lines)))
            heading, lines = block.text if block else "", []
        elif block.kind is not BlockKind.HTML and block.text:
            lines.append(with_stop(block.text))
    return tuple(sections)


def read_blocks(markdown: str) -> tuple[Block, ...]:
    """Blocks of a Markdown text in order; HTML is passed on as it is, of code only the place."""
    reader = _Reader()
    for token in _parser().parse(markdown):
        reader.read(token)
    return tuple(reader.blocks)


class _Reader:
    """Follows markdown-it's flat tokens and remembers what they stand in."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._opener = ""
        self._depth = 0
        self._header: list[str] | None = None
        self._row: list[str] = []

    def read(self, token: Token) -> None:
        """Take the next token."""
        match token.type:
            case "list_item_open" | "list_item_close":
                self._depth += token.nesting
            case "table_open":
                self._header = None
            case "tr_open":
                self._row = []
            case "tr_close":
                self._close_row()
            case "inline":
                self._read_inline(token)
            case "html_block":
                self.blocks.append(Block(kind=BlockKind.HTML, text=token.content))
            case "fence" | "code_block":
                self.blocks.append(Block(kind=BlockKind.CODE))
        self._opener = token.tag if token.nesting == 1 else ""

    def _read_inline(self, token: Token) -> None:
        text = _written(token, "plain")
        if self._opener in ("th", "td"):
            self._row.append(text)
            return
        kind, level = BlockKind.PARAGRAPH, 0
        if self._opener[1:].isdigit():
            kind, level = BlockKind.HEADING, int(self._opener[1:])
        elif self._depth:
            kind, level = BlockKind.ITEM, self._depth
        children = token.children or ()
        links = tuple(str(part.attrGet("href")) for part in children if part.type == "link_open")
        markdown = _written(token, "markdown")
        self.blocks.append(Block(kind=kind, text=text, markdown=markdown, level=level, links=links))

    def _close_row(self) -> None:
        if self._header is None:
            self._header = self._row
        elif any(self._row):
            self.blocks.append(_row(self._header, self._row))


def _row(header: Sequence[str], row: Sequence[str]) -> Block:
    """A row of a table as one line, "Model: MiniLM; dimension: 384"."""
    cells = (
        f"{name}: {cell}" if name else cell
        for name, cell in zip(header, row, strict=False)
        if cell and cell != "-"
    )
    text = "; ".join(cells)
    return Block(kind=BlockKind.ROW, text=text, markdown=escape_markdown(text))


def _written(inline: Token, form: Form) -> str:
    text = _one_line("".join(_piece(token, form) for token in inline.children or ()))
    return text if form == "plain" else _escape_start(text)


def _piece(token: Token, form: Form) -> str:
    match token.type:
        case "text" | "text_special":
            return token.content if form == "plain" else _escape_marks(token.content)
        case "code_inline":
            if form == "plain" or "`" in token.content:
                return token.content
            return f"`{token.content}`"
        case "softbreak" | "hardbreak":
            return " "
        case "html_inline" if token.content.lower().startswith("<br"):
            return " "
        case "strong_open" | "strong_close" if form == "markdown":
            return "**"
        case _:
            return ""


def escape_markdown(text: str) -> str:
    """Plain text written so that Markdown shows it as it is."""
    return _escape_start(_escape_marks(text))


def _escape_marks(text: str) -> str:
    return _MARKS.sub(r"\\\g<0>", text)


def _escape_start(text: str) -> str:
    if numbered := re.match(r"\d{1,9}(?=[.)](\s|$))", text):
        return f"{numbered[0]}\\{text[numbered.end() :]}"
    return f"\\{text}" if _BLOCK_START.match(text) else text


def _one_line(text: str) -> str:
    return " ".join(text.split())


def with_stop(text: str) -> str:
    """A line that stands for a sentence: "Faster start-up" becomes "Faster start-up."."""
    last = text.rstrip("\"')*\u201d\u2019")[-1:]
    return text if last in ".!?:;…" else f"{text}."


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")
