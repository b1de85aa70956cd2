"""Owns what a slip of the pen costs: how far a written word is from the one it may stand for. Pure.

Damerau's edits (1964), each weighed by how easily it happens: a letter doubled or not and two
exchanged cost least, then vowels taken for each other and letters that are not heard, then keys
that lie side by side, then any other letter.
"""

from __future__ import annotations

from itertools import pairwise

_DOUBLING = 0.4
_EXCHANGE = 0.5
_VOWEL = 0.6
_ALIKE = 0.6
_UNHEARD = 0.65
_BESIDE = 0.8
_MISSING = 0.8
_OTHER = 1.0
_MISPLACED = 0.7
_SHORTEST_MISPLACED = 5
_VOWELS = frozenset("aeiouy")
_SILENT = frozenset("ghktwbpn")
_SOUNDS = ("aei", "iy", "ou", "ao", "ck", "sz", "cs", "kq", "fv", "td", "mn", "bp", "vw", "gj")
_ALIKE_PAIRS = frozenset(
    first + second for group in _SOUNDS for first in group for second in group if first != second
)
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE_PAIRS = frozenset(
    pair
    for row in _KEYBOARD
    for left, right in pairwise(row)
    for pair in (left + right, right + left)
)


def slip_cost(written: str, meant: str, most: float) -> float | None:
    """What it costs to have written one word for another; None when that is more than `most`.

    Args:
        written: a lower-case word.
        meant: another lower-case word.
        most: the largest cost of interest; what costs more is given up early.
    """
    if written == meant:
        return 0.0
    if _has_letters_misplaced(written, meant):
        return _MISPLACED if most >= _MISPLACED else None
    row = [0.0]
    for letter in range(1, len(meant) + 1):
        row.append(row[-1] + _left_out(meant, letter - 1))
    before = row
    for place in range(1, len(written) + 1):
        earlier, before = before, row
        row = _row(written, meant, place, before, earlier)
        if min(row) > most and min(before) > most:
            return None
    return row[-1] if row[-1] <= most else None


def _has_letters_misplaced(written: str, meant: str) -> bool:
    """Whether the inner letters are the same in another order, in more than two places."""
    if len(written) != len(meant) or len(written) < _SHORTEST_MISPLACED:
        return False
    if (written[0], written[-1]) != (meant[0], meant[-1]) or sorted(written) != sorted(meant):
        return False
    return sum(one != other for one, other in zip(written, meant, strict=True)) > 2


def _row(
    written: str, meant: str, place: int, before: list[float], earlier: list[float]
) -> list[float]:
    """Costs of the first `place` letters against all beginnings of the meant word."""
    letter = written[place - 1]
    row = [before[0] + _added(written, place - 1)]
    for other in range(1, len(meant) + 1):
        wanted = meant[other - 1]
        cost = before[other - 1] + (0.0 if letter == wanted else _changed(letter, wanted))
        cost = min(cost, before[other] + _added(written, place - 1))
        cost = min(cost, row[-1] + _left_out(meant, other - 1))
        if _is_exchange(written, meant, place, other):
            cost = min(cost, earlier[other - 2] + _EXCHANGE)
        row.append(cost)
    return row


def _is_exchange(written: str, meant: str, place: int, other: int) -> bool:
    return (
        place > 1
        and other > 1
        and written[place - 1] == meant[other - 2]
        and written[place - 2] == meant[other - 1]
        and written[place - 1] != written[place - 2]
    )


def _left_out(meant: str, place: int) -> float:
    """What it costs that a letter of the meant word was not written."""
    letter = meant[place]
    if place and meant[place - 1] == letter:
        return _DOUBLING
    if place and (letter in _VOWELS or letter in _SILENT):
        return _UNHEARD
    return _MISSING if place else _OTHER


def _added(written: str, place: int) -> float:
    """What it costs that a letter was written which the meant word lacks."""
    if place and written[place - 1] == written[place]:
        return _DOUBLING
    return _MISSING if place else _OTHER


def _changed(written: str, meant: str) -> float:
    """What it costs that one letter was written for another."""
    pair = written + meant
    if pair in _ALIKE_PAIRS:
        return _VOWEL if written in _VOWELS else _ALIKE
    return _BESIDE if pair in _BESIDE_PAIRS else _OTHER
