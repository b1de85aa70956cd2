"""Owns sentences: cutting a chunk into whole sentences with their place in it, and cleaning them.

Does not own choosing among them (`extraction.py`). Linear in the length of the text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.core.english import english_words

_ABBREVIATIONS = frozenset(
    """
    mr mrs ms dr prof sen rep gov gen lt col sgt st jr sr vs etc inc ltd corp co dept est fig no nos
    vol pp al cf ca approx e.g i.e u.s u.k u.n a.m p.m ph.d jan feb mar apr jun jul aug sep sept oct
    nov dec
    """.split()
)
_END = re.compile(r"[.!?…]+[\"'”’)\]*_]*(?=\s|$)")
_ITEM = re.compile(r"^\s{0,6}(?:[-*+•]|\d{1,2}[.)])\s+")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s")
_RULE = re.compile(r"^\s*(?:[-*_=]\s*){3,}$|^\s*\|.*\|?\s*$|^\s*(?:```|~~~)")
_OPENERS = re.compile(r"[\s\"'“‘(\[*_]*[A-Z0-9“‘\"'(\[*_À-Þ]")
_WORD_BEFORE = re.compile(r"([^\W_][\w.]*)$")

_IMAGE = re.compile(r"!\[([^\]]{0,300})\]\([^)\s]{0,2000}(?:\s+\"[^\"]{0,300}\")?\)")
_LINK = re.compile(
    r"\[([^\]]{0,300})\]\((?:[^()\s]|\([^()\s]{0,200}\)){0,2000}(?:\s+\"[^\"]{0,300}\")?\)"
)
_REFERENCE = re.compile(r"\[([^\]]{1,300})\]\[[^\]]{0,100}\]")
_FOOTNOTE = re.compile(r"\[\^?\d{1,3}\]")
_TAG = re.compile(r"<(?:!--.{0,2000}?--|/?[a-zA-Z][^<>]{0,2000})>", re.DOTALL)
_EMPHASIS = re.compile(r"(?<![\w*_])([*_]{1,3})(?=\S)(.{1,400}?)(?<=\S)\1(?![\w*_])")
_CODE = re.compile(r"`{1,2}([^`]{1,300})`{1,2}")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One whole sentence, or one item of a list, of a chunk."""

    text: str
    """Its words without Markdown or HTML."""
    start: int
    end: int
    """Where it stands in the chunk, in code points."""
    is_item: bool = False
    """Whether it stands behind a list mark."""
    paragraph: int = 0
    """Which line of the chunk it belongs to."""

    @property
    def is_lead_in(self) -> bool:
        """Whether it only announces what follows: "The details:"."""
        return self.text.endswith(":")

    @property
    def is_complete(self) -> bool:
        """Whether it ends as sentences end."""
        return self.text.rstrip("\"'”’)").endswith((".", "!", "?", "…"))


def plain_text(text: str) -> str:
    """The words of a text: no Markdown, no HTML, one space between words.

    What it returns is data for reading; nothing in it can become markup again except by accident
    of punctuation, so the page still escapes it.
    """
    text = _TAG.sub(" ", text)
    text = _IMAGE.sub(r"\1", text)
    text = _LINK.sub(r"\1", text)
    text = _REFERENCE.sub(r"\1", text)
    text = _FOOTNOTE.sub("", text)
    text = _CODE.sub(r"\1", text)
    text = _EMPHASIS.sub(r"\2", text)
    text = html.unescape(text).replace("<", "‹").replace(">", "›")
    return _SPACE.sub(" ", text).strip()


def without_tags(text: str) -> str:
    """What a visitor wrote without HTML tags, unless nothing but tags was written."""
    return _SPACE.sub(" ", _TAG.sub(" ", text)).strip() or text


def split_sentences(text: str) -> tuple[Sentence, ...]:
    """Cut a chunk into sentences and list items; headings, tables and code are left out."""
    found: list[Sentence] = []
    for number, (start, end, is_item) in enumerate(_blocks(text)):
        for first, last in _spans(text, start, end):
            words = plain_text(text[first:last])
            if any(character.isalnum() for character in words):
                found.append(
                    Sentence(text=words, start=first, end=last, is_item=is_item, paragraph=number)
                )
    return tuple(found)


def _blocks(text: str) -> Iterator[tuple[int, int, bool]]:
    """Lines as (start, end, is item): a chunk has one paragraph or list item on each."""
    position = 0
    is_fenced = False
    for line in text.splitlines(keepends=True):
        is_fence = line.lstrip().startswith(("```", "~~~"))
        if not (is_fence or is_fenced or _HEADING.match(line) or _RULE.match(line)):
            item = _ITEM.match(line)
            yield position + (item.end() if item else 0), position + len(line), item is not None
        is_fenced ^= is_fence
        position += len(line)


def _spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    block = text[start:end]
    first = 0
    for mark in _END.finditer(block):
        if mark.end() < len(block) and not _ends_sentence(block, mark):
            continue
        yield from _trimmed(block, first, mark.end(), start)
        first = mark.end()
    yield from _trimmed(block, first, len(block), start)


def _trimmed(block: str, first: int, last: int, offset: int) -> Iterator[tuple[int, int]]:
    piece = block[first:last]
    stripped = piece.strip()
    if stripped:
        begin = first + piece.index(stripped[0])
        yield offset + begin, offset + begin + len(stripped)


def _ends_sentence(block: str, mark: re.Match[str]) -> bool:
    following = block[mark.end() :].lstrip()[:12]
    if not _OPENERS.match(following):
        return False
    if not mark.group().startswith(".") or mark.group().startswith(".."):
        return True
    before = _WORD_BEFORE.search(block[max(0, mark.start() - 24) : mark.start()])
    word = before.group(1) if before else ""
    if len(word) == 1 and word.isupper():
        return False
    return word.lower() not in _ABBREVIATIONS


_LEADING = re.compile(
    r"^(?:(?:however|but|and|so|also|meanwhile|moreover|furthermore|in addition|additionally|"
    r"besides|"
    r"still|yet|indeed|of course|in fact|at the same time|for example|for instance|then|"
    r"on the other hand|nevertheless|nonetheless|instead|therefore|thus|consequently|as a result|"
    r"with that said|that said|for (?:that|this) reason|because of (?:that|this)|as such|"
    r"finally|lastly|firstly|secondly|specifically|in particular|notably|similarly|likewise|"
    r"in short|overall|importantly|interestingly|effectively|in other words|that being said|"
    r"to that end|hence|accordingly|unsurprisingly|"
    r"as (?:previously |already |we )?(?:mentioned|noted|described|discussed|announced|said)"
    r"(?: (?:above|before|earlier|previously|in [^,.]{1,40}))?)"
    r",\s+|(?:but|and|yet)\s+)",
    re.IGNORECASE,
)


def condense(sentence: str) -> str:
    """A sentence that can stand alone: without the connective that tied it to the one before."""
    text = _LEADING.sub("", sentence, count=1).strip()
    # "dstack" and "evm-units" are names, which are written as they are.
    first = _FIRST_WORD.match(text)
    if first and first.group().islower() and first.group() in english_words():
        text = text[0].upper() + text[1:]
    return text


_FIRST_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?(?![\w/:(]|[-.]\w)")


_NO_CREDIT = r"(?!.{3,200}\bfor (?:\w+ly )?(?:report|disclos|find|discover|identif|notif|alert)\w+)"
"""Who is thanked for a finding is who found it."""
_POINTER = re.compile(
    r"^\W*(?:(?:please |you can |to )?(?:read|learn|find out|see|check out|refer to|visit|join|"
    r"click|watch|sign up|subscribe|follow|stay tuned|head over|take a look|reach out|report "
    r"(?:\w+ )?issues)\b|for (?:more|further|detailed|additional|the full|a full|"
    r"the complete|a complete|fine grain) (?:\w+ ){0,2}?(?:information|details|insights?|list|"
    r"goals|context)\b|this (?:is|post is|article is) (?:an? )?(?:also )?(?:cross-?post|"
    r"posted|published)|the (?:official|original|full) (?:post|advisory|announcement) (?:contains|"
    r"is (?:here|available))"
    r"|(?:more|further|full|all) (?:information|details) |"
    r"if you (?:don't|do not) have (?:it|one) already\b|"
    rf"thanks? (?:you|to)\b{_NO_CREDIT}|"
    rf"we(?:'d| would) (?:like|love) to (?:thank\b{_NO_CREDIT}|hear|invite))|\blink left out\b"
    r"|\bcheck out (?:the|our|this|these|what)\b|\bsee (?:our|the) (?:full |detailed )?"
    r"(?:release notes|documentation|docs|roadmap|changelog)\b",
    re.IGNORECASE,
)


_ADDRESS = re.compile(
    r"://|\bwww\.\S|\b[\w-]{1,60}(?:\.[\w-]{1,60}){0,5}\.[a-z]{2,24}(?::\d{1,5})?[/?#]\S",
    re.IGNORECASE,
)


def points_elsewhere(sentence: str) -> bool:
    """Whether a sentence sends the reader on: "Read more here", "Join us on Slack", an address.

    Addresses are not shown to visitors, and a sentence without its address is none.
    """
    plain = sentence.replace("’", "'")
    return _POINTER.search(plain) is not None or _ADDRESS.search(plain) is not None


_DEPENDENT = re.compile(
    r"^[\"“'‘(]*(?:(?:beyond|besides|with|despite|without|because of) (?:this|that|these|those)"
    r"(?! (?:day|week|month|quarter|year|release|version|update)\b)|in (?:this|that|such)"
    r" (?:case|way|example|setup|scenario|mode|setting)s?\b|he|"
    r"she|it|they|this(?! (?:year|week|month|quarter|spring|summer|autumn|fall|winter|time|"
    r"(?:\w+ )?release)\b)|"
    r"that|these|those|his|her|hers|its|their|theirs|him|them|both|"
    r"neither|such|here|there(?!\s+(?:is|are|was|were|will|has|have)\b)|another|others|"
    r"the (?:company|companies|firm|report|study|paper|authors?|researchers?|group|agency|latter|"
    r"former|same|new|other|move|deal|figure|number|result|model|tool|robot|chip|court|judge))\b",
    re.IGNORECASE,
)


def needs_antecedent(sentence: str) -> bool:
    """Whether a sentence begins by pointing back: "It…", "They…", "The company…"."""
    text = _LEADING.sub("", sentence, count=1)
    return _DEPENDENT.match(text) is not None
