"""Owns turning a post's text into clean prose: no markup, no code, no page furniture.

Works on any post; the rules name kinds of clutter that site generators produce, not sites.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from bs4 import BeautifulSoup

from indexing.prose import Block, BlockKind, escape_markdown, read_blocks
from indexing.sentences import split_sentences

_FRONT_MATTER = re.compile(r"\A\s*(---|\+\+\+)\n.*?\n\1\s*\n", re.DOTALL)
_LINE_MARKUP = re.compile(
    r"^[ \t]*(:::.*|import .+ from .+|export (default|const) .+"
    r"|\[\^[^\]]+\]:.*(\n(?!\[\^)[ \t]*\S.*)*)$",
    re.MULTILINE,
)
_MARKUP = re.compile(
    r"<!--.*?-->"
    r"|\{\{[^{}]*\}\}"
    r"|\{%[^{}]*%\}"
    r"|\{:?\s*[.#][^{}\n]*\}|\{:[^{}\n]*\}"
    r"|\[\^[^\]\s]+\]"
    r"|(?<![\w:]):[a-z][a-z0-9_+-]+:(?![\w:])"
    r"|[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F\u200D]",
    re.DOTALL,
)
_ADMONITION = re.compile(r"^([ \t]*)(?:!!!|\?\?\?\+?|===)[ \t]+[^\n]*$")
_REFERENCE_LINK = re.compile(r"\[([^\[\]]+)\]\s?\[[^\[\]]*\]")
_COMMIT_MARK = re.compile(r"^\[[0-9a-f]{7,40}\] - (\(SEMVER-\w+\) )?(.*?)(\s#\d+)?$")
_ISSUE = re.compile(r"\s\(#\d+(, #\d+)*\)")
_URL = re.compile(r"https?://\S+|www\.\S+")
_FURNITURE_HEADING = re.compile(
    r"^\W*(acknowledge?ments?|references?|sources|citations|footnotes|notes|see also|appendix"
    r"|further (reading|resources)|related\b.*|additional resources|resources|useful links"
    r"|(learn|read|find out) more|more (information|resources)|table of contents|contents|toc"
    r"|join (us|our|the)\b.*|get (involved|in touch|started)|stay (in touch|connected|tuned).*"
    r"|keep in touch|connect with us|contact( us)?|follow us|community|call to action"
    r"|(contributors?|authors?|about the authors?|credits|thank(s| you)\b.*|special thanks.*)"
    r"|commits|changelog|full changelog|downloads?( and .*)?|installation files|license)\W*$",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"^\W*(with contributions (from|by)|contribut(ed|ions) by|(written|posted|authored) (by|on)"
    r"|by [A-Z][a-z]+ [A-Z]\w+|authors?:|published|last (updated|modified)|edited by|tl;?dr\W*$"
    r"|(cover|photo|image|header) (image|photo|credit|source|by)|photo by|image by|figure \d+"
    r"|source:|table of contents|contents:?$|\[?toc\]?$)"
    r"|originally (posted|published|appeared)|cross-?posted|was (first )?published (on|in)",
    re.IGNORECASE,
)
_INVITATION = re.compile(
    r"\b(click here|follow (us|along|\w+ on)|subscribe|sign up|star us"
    r"|join (us|our|the (\w+ )?(slack|discord|community|channel))|find us|reach out"
    r"|mailing list|office hours|our (discord|slack)"
    r"|(slack|discord) (channel|server|community)|on (twitter|linkedin|mastodon|bluesky|youtube)"
    r"|share your (stor|feedback|thought)|let us know|feel free to|get in touch|happy (coding"
    r"|hacking)|stay tuned|thank(s| you)|we('d| would) love to hear|contact us|book a)",
    re.IGNORECASE,
)
_SIGNPOST = re.compile(
    r"\b(github|discord|slack|twitter|linkedin|youtube|docs?|documentation|website|demo)\b",
    re.IGNORECASE,
)
"""Where a line leads that is nothing but a link."""
_LONGEST_INVITATION = 60
"""Words; a longer paragraph says more than goodbye."""


def clean_text(text: str, *, title: str, is_truncated: bool = False) -> tuple[Block, ...]:
    """Prose of a post: headings that have text below them, paragraphs, list items, table rows.

    Args:
        text: Markdown, HTML or both.
        title: Heading of the page; not repeated in the prose.
        is_truncated: The text may stop in the middle of a sentence.
    """
    blocks = [_tidy(block) for block in _flattened(read_blocks(_without_markup(text)))]
    if is_truncated and blocks and not blocks[-1].text.endswith((".", "!", "?")):
        blocks.pop()
    kept = _without_furniture(blocks, title)
    return tuple(_with_content(without_dangling(kept)))


def _without_markup(text: str) -> str:
    """The text without what neither Markdown nor HTML knows."""
    text = _FRONT_MATTER.sub("", text, count=1)
    text = _LINE_MARKUP.sub("", text)
    text = _MARKUP.sub("", text)
    return "\n".join(_without_admonitions(text.split("\n")))


def _without_admonitions(lines: Sequence[str]) -> Iterator[str]:
    """Lines of boxes and tabs (`!!! note`), moved out so that they are not read as code."""
    indent: int | None = None
    for line in lines:
        if opening := _ADMONITION.match(line):
            indent = len(opening[1]) + 4
            yield ""
        elif indent is not None and (not line.strip() or line.startswith(" " * indent)):
            yield line[indent:]
        else:
            indent = None
            yield line


def _flattened(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks with the prose of HTML in place of HTML."""
    for block in blocks:
        if block.kind is not BlockKind.HTML:
            yield block
            continue
        for inner in read_blocks(_html_text(block.text)):
            if inner.kind not in (BlockKind.HTML, BlockKind.CODE):
                yield inner


def _html_text(html: str) -> str:
    soup = BeautifulSoup(html, "html.parser")
    for element in soup(
        ["script", "style", "pre", "figure", "svg", "iframe", "nav", "form", "button", "video"]
    ):
        element.decompose()
    for element in soup(["a", "b", "strong", "em", "i", "u", "code", "span", "small", "sup"]):
        element.unwrap()
    soup.smooth()
    lines = (" ".join(line.split()) for line in soup.get_text("\n\n").split("\n\n"))
    return "\n\n".join(line for line in lines if line)


def _tidy(block: Block) -> Block:
    """The block without marks that the source's tools left in its text."""
    text = _REFERENCE_LINK.sub(r"\1", block.text)
    text = " ".join(_ISSUE.sub("", _COMMIT_MARK.sub(r"\2", text)).split())
    if text == block.text:
        return block
    return replace(block, text=text, markdown=escape_markdown(text))


def _without_furniture(blocks: Iterable[Block], title: str) -> list[Block]:
    """What belongs to the article rather than to its page."""
    kept: list[Block] = []
    dropped_level = 0
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            if dropped_level and block.level > dropped_level:
                continue
            dropped_level = block.level if _FURNITURE_HEADING.match(block.text) else 0
            is_kept = not dropped_level and not _is_same(block.text, title)
        else:
            is_kept = not dropped_level and not _is_furniture(block, is_first=not kept)
        if is_kept:
            kept.append(block)
    return kept


def _is_furniture(block: Block, *, is_first: bool) -> bool:
    if block.kind is BlockKind.CODE:
        return False
    words = block.text.split()
    if not any(letter.isalpha() for letter in block.text):
        return True
    if sum(map(len, _URL.findall(block.text))) > 0.3 * len(block.text):
        return True
    if _BYLINE.search(block.text) and len(words) <= _LONGEST_INVITATION:
        return True
    if block.links and all(link.startswith("#") for link in block.links):
        return len(words) <= 15
    if block.links and len(words) <= 6 and _SIGNPOST.search(block.text):
        return True
    is_goodbye = bool(_INVITATION.search(block.text)) and len(words) <= _LONGEST_INVITATION
    return is_goodbye and not is_first


def without_dangling(blocks: Sequence[Block]) -> Iterator[Block]:
    """Leave out code, and sentences that end in a colon although no list follows them."""
    for block, after in zip_longest(blocks, blocks[1:]):
        if block.kind is BlockKind.CODE:
            continue
        has_list = after is not None and after.kind in (BlockKind.ITEM, BlockKind.ROW)
        if block.kind is BlockKind.HEADING or has_list or not block.text.endswith(":"):
            yield block
            continue
        kept = split_sentences(block.text)[:-1]
        if kept:
            text = " ".join(kept)
            yield replace(block, text=text, markdown=escape_markdown(text))


def _with_content(blocks: Iterable[Block]) -> list[Block]:
    """Leave out headings that have nothing below them."""
    kept: list[Block] = []
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            while kept and kept[-1].kind is BlockKind.HEADING and kept[-1].level >= block.level:
                kept.pop()
        kept.append(block)
    while kept and kept[-1].kind is BlockKind.HEADING:
        kept.pop()
    return kept


def _is_same(text: str, title: str) -> bool:
    return re.findall(r"\w+", text.casefold()) == re.findall(r"\w+", title.casefold())
