"""Owns the layout of an answer: sentences become paragraphs, lists and comparisons. Pure.

Text is the Markdown subset of the HTTP contract; words that come from briefings are escaped, so
that they are shown as they stand. Does not own choosing sentences (`extraction.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from assistant.core.grounding import Support
from assistant.core.passages import Passage
from assistant.core.quotes import AnswerSentence
from assistant.core.sentences import plain_text


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A run of answer text that one passage supports, or that states nothing."""

    text: str
    """Markdown, with the white space that separates it from the piece before."""
    support: Support | None = None
    """What supports it; None for words of Heidi's own that state no fact."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One briefing of a digest."""

    title: str
    day: date
    sentence: AnswerSentence
    """What it is cited by."""
    is_said: bool = True
    """Whether that sentence is said too; else the headline alone."""


_MARKS = re.compile(r"([\\`*\[\]<]|(?<![^\W_])_|_(?![^\W_]))")
_LINE_START = re.compile(r"^(\s*)(#{1,6}\s|>|[-+]\s|\d{1,9}[.)]\s|~~~)")


def as_markdown(text: str) -> str:
    """Plain text written so that Markdown shows it as it is."""
    escaped = _MARKS.sub(r"\\\1", text)
    start = _LINE_START.match(escaped)
    if start is None:
        return escaped
    mark = start.end() - 2 if start.group(2)[:1].isdigit() else start.start(2)
    return f"{escaped[:mark]}\\{escaped[mark:]}"


def said_day(day: date) -> str:
    """A day as people write it: "26 September 2025"."""
    return f"{day.day} {day:%B %Y}"


def paragraph(
    sentences: Sequence[AnswerSentence], *, as_of: date | None = None
) -> tuple[Piece, ...]:
    """Sentences as running text.

    Args:
        sentences: in their order.
        as_of: the day of which the first sentence holds, where that must be said.
    """
    pieces: list[Piece] = []
    named: set[str] = set()
    for number, sentence in enumerate(sentences):
        gap = "" if number == 0 else " "
        day = as_of if number == 0 else None
        source = sentence.support.passage.source_name
        text = as_markdown(said_plainly(sentence.text))
        if source and source not in named and speaks_of_itself(sentence.text):
            named.add(source)
            pieces.append(Piece(text=f"{gap}{_attribution(source, day)}: "))
        elif day:
            text = f"As of {said_day(day)}: {text}"
        else:
            text = f"{gap}{text}"
        pieces.append(Piece(text=text, support=sentence.support))
    return tuple(pieces)


def _attribution(source: str, day: date | None) -> str:
    """Who says "we" in what follows, lest it sound as if Heidi did."""
    said = f"wrote on {said_day(day)}" if day else "writes"
    return f"{as_markdown(source)} {said}"


_FIRST_PERSON = re.compile(
    r"\b(?:I|I'm|I've|I'd|I'll|[Ww]e|[Ww]e're|[Ww]e've|[Ww]e'd|[Ww]e'll|us|[Oo]urs?|[Mm]y|me)\b"
    r"|^Thank(?:s| you)\b"
)
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")


def speaks_of_itself(text: str) -> bool:
    """Whether a sentence says "I" or "we", or thanks, and nobody is quoted with it."""
    return _FIRST_PERSON.search(_QUOTED.sub("", text.replace("’", "'"))) is not None


_ROW = re.compile(
    r"^[^:;.]{1,60}: (?P<of>[^;]{1,160})(?P<cells>(?:; [^:;]{1,60}: [^;]{1,300}){1,12})$"
)
_CELL = re.compile(r"; ([^:;]{1,60}): ([^;]{1,300})")


def said_plainly(text: str) -> str:
    """The row of a table without the name of its first column; any other text as it is.

    "Feature: Login; Acme 2: by mail; Acme 3: by key." becomes "Login: by mail (Acme 2), by key
    (Acme 3)."
    """
    row = _ROW.match(text.removesuffix("."))
    if row is None:
        return text
    cells = [(label, cell.rstrip(".")) for label, cell in _CELL.findall(row.group("cells"))]
    if any(re.search(r"[.!?]\s", cell) for _, cell in cells):
        return text
    if len(cells) == 1:
        return f"{row.group('of')}: {cells[0][1]}."
    return f"{row.group('of')}: {', '.join(f'{cell} ({label})' for label, cell in cells)}."


def said_on(sentence: AnswerSentence) -> Piece:
    """Of which day a sentence is that says "today"."""
    day = said_day(sentence.support.passage.date)
    return Piece(text=f" That is from {day}.", support=sentence.support)


def otherwise(sentences: Sequence[AnswerSentence]) -> tuple[Piece, ...]:
    """What an older briefing says that contradicts a newer one."""
    if not sentences:
        return ()
    day = said_day(sentences[0].support.passage.date)
    return (Piece(text=f" Before that, our briefing of {day} said: "), *paragraph(sentences))


def bullets(
    entries: Iterable[tuple[str, Sequence[AnswerSentence]]], *, intro: str = ""
) -> tuple[Piece, ...]:
    """A list whose items have a bold label each (none when it is empty)."""
    pieces = [Piece(text=intro)] if intro else []
    for label, sentences in entries:
        gap = "\n" if pieces and not (len(pieces) == 1 and intro) else ("\n\n" if pieces else "")
        head = f"{gap}- **{as_markdown(label)}:** " if label else f"{gap}- "
        pieces.append(Piece(text=head))
        pieces.extend(paragraph(sentences))
    return tuple(pieces)


def listing(
    lead_in: AnswerSentence, items: Sequence[AnswerSentence], *, is_cut: bool = False
) -> tuple[Piece, ...]:
    """A list of a briefing as it stands there, each item cited.

    Args:
        lead_in: what announces it.
        items: in their order.
        is_cut: whether the briefing names more.
    """
    pieces = [Piece(text=as_markdown(lead_in.text), support=lead_in.support)]
    are_names = all(len(item.text.split()) <= _NAME_WORDS for item in items)
    for number, item in enumerate(items):
        gap = "\n\n" if number == 0 else "\n"
        pieces.append(Piece(text=f"{gap}- "))
        text = item.text.removesuffix(".") if are_names else item.text
        pieces.append(Piece(text=as_markdown(text), support=item.support))
    if is_cut:
        pieces.append(Piece(text=_MORE_ITEMS))
    return tuple(pieces)


_MORE_ITEMS = "\n\nThe briefing names more."
_NAME_WORDS = 6
"""Items of so many words are names and the like, which have no full stop."""


def digest(entries: Sequence[Entry], *, intro: str) -> tuple[Piece, ...]:
    """Briefings as a list: title, day, a sentence if one tells more; each cited as a whole."""
    pieces = [Piece(text=intro)]
    for number, entry in enumerate(entries):
        gap = "\n\n" if number == 0 else "\n"
        pieces.append(Piece(text=f"{gap}- "))
        text = f"**{as_markdown(entry.title)}** ({said_day(entry.day)})"
        if entry.is_said:
            text = f"{text}: {as_markdown(said_plainly(entry.sentence.text))}"
        pieces.append(Piece(text=text, support=entry.sentence.support))
    return tuple(pieces)


ASK_A_PERSON = "To ask a person instead, say “talk to a person”."


def not_in_our_briefings(nearest: Sequence[str]) -> str:
    """What Heidi says when the briefings do not answer.

    Args:
        nearest: titles of the nearest briefings.
    """
    if not nearest:
        return f"That isn't in our briefings. {ASK_A_PERSON}"
    named = " and ".join(f"“{as_markdown(plain_text(title))}”" for title in nearest[:2])
    verb = "briefings are" if len(nearest) > 1 else "briefing is"
    return f"That isn't in our briefings. The nearest {verb} {named}. {ASK_A_PERSON}"


def briefing_fact(passage: Passage, asks_for: Literal["answer", "source", "date"]) -> str:
    """Who the source of a passage's briefing is, or of which day the briefing is."""
    title = f"“{as_markdown(plain_text(passage.title))}”"
    if asks_for == "date":
        return f"{title} is our briefing of {said_day(passage.date)}."
    return f"{title} names {as_markdown(passage.source_name)} as its source."


def title_as_question(title: str) -> str:
    """A question that the briefing of this title answers."""
    if title.rstrip().endswith("?"):
        return plain_text(title)
    return f"What is “{short_title(plain_text(title))}” about?"


_CLAUSE = re.compile(r"[:,;]\s|\s[–—-]\s|,?\s(?:and|while|but)\s")
_SHORT_TITLE_WORDS = 8


def short_title(title: str) -> str:
    """The first clause of a long title, which is enough to find it again."""
    if len(title.split()) <= _SHORT_TITLE_WORDS:
        return title
    for mark in _CLAUSE.finditer(title):
        if len(title[: mark.start()].split()) >= 4:
            return title[: mark.start()]
    return title
