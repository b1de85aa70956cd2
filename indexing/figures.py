"""Owns finding where publishers of one story name different figures for the same thing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexing.embedding import Vectors

_SCALES = {
    "thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "mn": 1e6,
    "billion": 1e9, "bn": 1e9, "b": 1e9, "trillion": 1e12, "tn": 1e12,
}  # fmt: skip
NUMBER_WORDS = {
    word: float(number)
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
        " sixteen seventeen eighteen nineteen twenty".split(),
        start=1,
    )
} | {"thirty": 30.0, "forty": 40.0, "fifty": 50.0, "sixty": 60.0, "hundred": 100.0}
"""Numbers that are usually written out."""
_QUANTITY = re.compile(
    r"(?P<currency>[$€£]|US\$)?(?<![\w.])(?P<number>\d[\d,]*(?:\.\d+)?|"
    + "|".join(NUMBER_WORDS)
    + r")(?P<scale> ?(?:thousand|million|billion|trillion|bn|mn|tn|[kmb]))?\b"
    r"(?P<percent> ?(?:%|per ?cent\b))?(?: (?P<unit>[A-Za-z]+))?",
    re.IGNORECASE,
)
_ROUGHLY = re.compile(
    r"(more than|over|at least|about|around|some|nearly|almost|up to|roughly|approximately"
    r"|fewer than|less than|under|an estimated|close to|dozens|hundreds)\W*$",
    re.IGNORECASE,
)
_NO_UNITS = frozenset(
    "a an and are as at by for from has have in is it its of on or than that the their them this"
    " times to was were which who will with more less other others".split()
)
_SAME_SUBJECT = 0.70
"""Cosine of two sentences that may speak of the same thing."""
_SAME_WORDS = 0.34
"""Share of the content words of the sentence with fewer that the other has, too, if they do."""
_SURELY_SAME = 0.85
"""Cosine that needs no common words."""
_LED_ALIKE = 0.50
"""Cosine that is enough where the same two words lead to both figures."""
_LEADING_WORDS = 2
_ROUNDING = 0.03


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A figure and what it counts."""

    unit: str
    value: float
    is_rough: bool
    lead: tuple[str, ...] = ()
    """The last two content words before it: of "the fire hurt 12 people", fire and hurt."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Two sentences that name different figures for the same thing."""

    first: str
    second: str
    unit: str


def quantities(sentence: str) -> list[Quantity]:
    """Figures of a sentence with their units; those that count nothing have an empty one."""
    found: list[Quantity] = []
    for hit in _QUANTITY.finditer(sentence):
        unit = _unit(hit)
        number = hit["number"].lower().replace(",", "")
        value = NUMBER_WORDS.get(number) or float(number or 0)
        value *= _SCALES.get((hit["scale"] or "").strip().lower(), 1.0)
        is_rough = bool(_ROUGHLY.search(sentence[: hit.start()]))
        lead = _lead(sentence[: hit.start()])
        found.append(Quantity(unit=unit, value=value, is_rough=is_rough, lead=lead))
    return found


def differences(
    first: Sequence[str], second: Sequence[str], likeness: Vectors, *, limit: int = 3
) -> list[Difference]:
    """Where two texts contradict each other in figures, the likest sentences first.

    Args:
        first: Sentences of one text.
        second: Sentences of the other.
        likeness: Cosine of each sentence of the first with each of the second.
        limit: Most differences to tell.
    """
    nearest = sorted(
        (
            (-float(likeness[row, column]), row, column)
            for row in range(len(first))
            for column in range(len(second))
            if likeness[row, column] >= _LED_ALIKE
        ),
    )
    told: dict[str, Difference] = {}
    for nearness, row, column in nearest:
        if -nearness < _SURELY_SAME and _common(first[row], second[column]) < _SAME_WORDS:
            continue
        unit = _contradicted(first[row], second[column], needs_lead=-nearness < _SAME_SUBJECT)
        if unit and unit not in told:
            told[unit] = Difference(first=first[row], second=second[column], unit=unit)
    return list(told.values())[:limit]


def _common(first: str, second: str) -> float:
    mine, theirs = (
        set(re.findall(r"[a-z]{3,}", text.lower())) - _NO_UNITS for text in (first, second)
    )
    return len(mine & theirs) / max(1, min(len(mine), len(theirs)))


def _unit(hit: re.Match[str]) -> str:
    if hit["percent"]:
        return "%"
    word = (hit["unit"] or "").lower()
    if hit["currency"] or word in ("dollars", "euros", "pounds"):
        return {"dollars": "$", "euros": "€", "pounds": "£"}.get(word) or hit["currency"][-1]
    return "" if word in _NO_UNITS else word.removesuffix("s")


def _lead(text: str) -> tuple[str, ...]:
    """The last content words of what stands before a figure, without what makes it rough."""
    words = re.findall(r"[a-z]{3,}", _ROUGHLY.sub("", text).lower())
    content = [word for word in words if word not in _NO_UNITS][-_LEADING_WORDS:]
    return tuple(content) if len(content) == _LEADING_WORDS else ()


def _contradicted(first: str, second: str, *, needs_lead: bool) -> str | None:
    """The unit of which two sentences name different figures, if neither names the other's.

    "412 to 120 votes" and "412 votes to 120" say the same. Sentences that are not very like have to
    lead to both figures by the same words.
    """
    mine, theirs = quantities(first), quantities(second)
    for unit in sorted({item.unit for item in mine} & {item.unit for item in theirs} - {""}):
        is_shared = any(_agree(a, b) for a in _of(mine, unit) for b in theirs) or any(
            _agree(a, b) for a in mine for b in _of(theirs, unit)
        )
        if not is_shared and (not needs_lead or _is_led_alike(_of(mine, unit), _of(theirs, unit))):
            return unit
    return None


def _is_led_alike(mine: Sequence[Quantity], theirs: Sequence[Quantity]) -> bool:
    return any(a.lead and a.lead == b.lead for a in mine for b in theirs)


def _of(items: Sequence[Quantity], unit: str) -> list[Quantity]:
    return [item for item in items if item.unit == unit]


def _agree(first: Quantity, second: Quantity) -> bool:
    """Equal, or one a rounding of the other; "more than 2 million" allows for a good deal more."""
    larger = max(first.value, second.value)
    if not larger:
        return True
    allowed = 0.5 if first.is_rough or second.is_rough else _ROUNDING
    return abs(first.value - second.value) / larger <= allowed
