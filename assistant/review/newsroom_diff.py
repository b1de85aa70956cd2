"""Owns comparing two versions of a briefing for a reader: by fields, paragraphs and words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby

from indexing.briefings import Briefing

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_ALIKE = 0.35
"""Share of words from which on two paragraphs are one that was changed."""
_MOST_TOKENS = 4_000
"""Longer paragraphs are shown whole, before and after: comparing words takes quadratic time."""
_FOLDED = 2
"""Paragraphs without a change from which on they are folded."""
_MOST_PAIRS = 2_500
"""Pairs of paragraphs that are compared within one change."""


class Part(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Some words."""

    part: Part
    text: str


@dataclass(frozen=True, kw_only=True)
class Paragraph:
    """A paragraph of both versions, or of one."""

    part: Part
    """As a whole; the same, if only words of it differ."""
    pieces: tuple[Piece, ...]

    @property
    def is_unchanged(self) -> bool:
        """Whether it is the same in both versions."""
        return all(piece.part is Part.SAME for piece in self.pieces)


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """A field that differs."""

    name: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All that differs between two versions."""

    fields: tuple[FieldChange, ...]
    body: tuple[Paragraph, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not self.fields and all(each.is_unchanged for each in self.body)


@dataclass(frozen=True, kw_only=True)
class Group:
    """Paragraphs in a row that are shown together."""

    paragraphs: tuple[Paragraph, ...]
    is_long: bool
    """So many that did not change that they may be folded."""


def grouped(paragraphs: Sequence[Paragraph]) -> Iterator[Group]:
    """Paragraphs in groups; of those that did not change, the neighbours of a change stay open.

    Args:
        paragraphs: In order.
    """
    runs = [list(run) for _, run in groupby(paragraphs, lambda each: each.is_unchanged)]
    for number, run in enumerate(runs):
        if not run[0].is_unchanged:
            yield Group(paragraphs=tuple(run), is_long=False)
            continue
        first = 1 if number else 0
        last = len(run) - (1 if number < len(runs) - 1 else 0)
        if last - first < _FOLDED:
            yield Group(paragraphs=tuple(run), is_long=False)
            continue
        for part, is_long in ((run[:first], False), (run[first:last], True), (run[last:], False)):
            if part:
                yield Group(paragraphs=tuple(part), is_long=is_long)


def compare(before: Briefing, after: Briefing) -> Comparison:
    """What differs between two versions of a briefing.

    Args:
        before: The older one.
        after: The newer one.
    """
    return Comparison(
        fields=tuple(_field_changes(before, after)),
        body=tuple(compare_texts(before.body, after.body)),
    )


def compare_texts(before: str, after: str) -> Iterator[Paragraph]:
    """Paragraphs of two texts in order, each with what became of it."""
    old, new = _paragraphs(before), _paragraphs(after)
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            yield from (_whole(Part.SAME, text) for text in old[start:end])
        else:
            yield from _changed(old[start:end], new[new_start:new_end])


def _field_changes(before: Briefing, after: Briefing) -> Iterator[FieldChange]:
    for name in ("title", "summary"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield FieldChange(name=name, pieces=_words(old, new))
    for name in ("category", "section", "sentiment", "date"):
        old, new = str(getattr(before, name)), str(getattr(after, name))
        if old != new:
            yield FieldChange(name=name, pieces=_both(old, new))
    lists = (
        ("tags", before.tags, after.tags),
        ("sources", _named(before), _named(after)),
    )
    for name, mine, theirs in lists:
        if mine != theirs:
            yield FieldChange(name=name, pieces=tuple(_entries(mine, theirs)))


def _named(briefing: Briefing) -> tuple[str, ...]:
    return tuple(f"{source.name} ({source.url})" for source in briefing.sources)


def _entries(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    entries = [(Part.SAME if entry in after else Part.GONE, entry) for entry in before]
    entries += [(Part.NEW, entry) for entry in after if entry not in before]
    for number, (part, entry) in enumerate(entries):
        if number:
            yield Piece(part=Part.SAME, text=", ")
        yield Piece(part=part, text=entry)


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[Paragraph]:
    """Paragraphs of a change: those that are alike are paired, in order."""
    at = 0
    for text in old:
        partner = _partner(text, new, at) if len(old) * len(new) <= _MOST_PAIRS else None
        if partner is None:
            yield _whole(Part.GONE, text)
            continue
        yield from (_whole(Part.NEW, each) for each in new[at:partner])
        yield Paragraph(part=Part.SAME, pieces=_words(text, new[partner]))
        at = partner + 1
    yield from (_whole(Part.NEW, each) for each in new[at:])


def _partner(text: str, new: Sequence[str], start: int) -> int | None:
    """The first paragraph that is like another one enough."""
    words = set(text.lower().split())
    for index in range(start, len(new)):
        theirs = set(new[index].lower().split())
        if len(words & theirs) >= _ALIKE * max(len(words), len(theirs)):
            return index
    return None


def _words(before: str, after: str) -> tuple[Piece, ...]:
    """Words of two texts; spaces between changed words are changed with them."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if max(len(old), len(new)) > _MOST_TOKENS:
        return _both(before, after)
    pieces: list[Piece] = []
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        gone, came = "".join(old[start:end]), "".join(new[new_start:new_end])
        if tag == "equal":
            pieces.append(Piece(part=Part.SAME, text=gone))
            continue
        pieces += [Piece(part=Part.GONE, text=gone)] if gone else []
        pieces += [Piece(part=Part.NEW, text=came)] if came else []
    return tuple(_joined(pieces))


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Changes that only a space parts read as one."""
    gone = came = ""
    for index, piece in enumerate(pieces):
        is_bridge = (
            piece.part is Part.SAME
            and piece.text.isspace()
            and bool(gone or came)
            and index + 1 < len(pieces)
        )
        if piece.part is Part.SAME and not is_bridge:
            yield from _both(gone, came)
            gone = came = ""
            yield piece
        else:
            gone += piece.text if piece.part is not Part.NEW else ""
            came += piece.text if piece.part is not Part.GONE else ""
    yield from _both(gone, came)


def _both(before: str, after: str) -> tuple[Piece, ...]:
    pieces = (Piece(part=Part.GONE, text=before), Piece(part=Part.NEW, text=after))
    return tuple(piece for piece in pieces if piece.text)


def _whole(part: Part, text: str) -> Paragraph:
    return Paragraph(part=part, pieces=(Piece(part=part, text=text),))


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
