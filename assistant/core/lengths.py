"""Owns lengths of time in a message: "30 minutes", "an hour later", "in half an hour". Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from assistant.core.counts import COUNT, read_count
from assistant.core.lowering import lower


class LengthUse(StrEnum):
    """What a length is said of."""

    LASTING = "lasting"
    """How long something takes."""
    LATER = "later"
    EARLIER = "earlier"
    FROM_NOW = "from_now"


@dataclass(frozen=True, kw_only=True)
class LengthMention:
    """Words of a message that name a length."""

    minutes: int
    use: LengthUse
    start: int
    end: int


_HOUR = r"(?:hours?|hrs?)"
_MINUTE = r"(?:minutes?|mins?)"
_LENGTH = (
    rf"(?:(?P<half>(?:a )?half(?: an?)?[ -]hour)|(?P<quarters>three[ -]quarters? of an hour)|"
    rf"(?P<quarter>(?:a )?quarter (?:of an )?hour)|"
    rf"(?P<hour_long>(?:an )?hour[ -]long)|"
    rf"(?P<and_half>(?:(?:an|one|1)[ -])?hour and a half)|"
    rf"(?P<halves>\d{{1,2}}|one|two|three) and a half {_HOUR}|"
    rf"(?P<decimal>\d{{1,2}}[.,]\d{{1,2}})[ -]?(?:{_HOUR}|h)|"
    rf"(?P<hours>{COUNT})[ -]?{_HOUR}(?:(?: and)? (?P<extra>\d{{1,2}})[ -]?{_MINUTE})?|"
    rf"(?P<short>[1-3])h(?P<rest>[0-5]\d)?(?:ours?)?|"
    rf"(?P<minutes>\d{{1,3}}|fifteen|thirty|forty[ -]five|sixty|ninety|ten|twenty|five)"
    rf"[ -]?(?:{_MINUTE}|m))"
)
_PATTERN = re.compile(
    rf"(?<![\w/.:,])(?P<before>in |by |back |forward |(?:earlier|later) by |for |at )?{_LENGTH}"
    r"(?!\w)(?P<after> later| earlier| sooner| from now| forwards?| back| after that)?".replace(
        " ", r"\s+"
    )
)
_FORWARD = re.compile(r"\b(?:bring|brought|earlier|sooner|forward)\b")


def find_lengths(text: str) -> tuple[LengthMention, ...]:
    """Every mention of a length, in the order of the text."""
    return tuple(_read(lower(text)))


def _read(text: str) -> Iterator[LengthMention]:
    for match in _PATTERN.finditer(text):
        before = " ".join((match.group("before") or "").split())
        if match.group("short") and before == "at":
            continue
        yield LengthMention(
            minutes=_minutes(match),
            use=_use(before, " ".join((match.group("after") or "").split()), text[: match.end()]),
            start=match.start(),
            end=match.end(),
        )


def _use(before: str, after: str, text: str) -> LengthUse:
    if before == "in" or after == "from now":
        return LengthUse.FROM_NOW
    is_shifting = bool(after) or before in ("by", "back", "forward", "earlier by", "later by")
    if not is_shifting:
        return LengthUse.LASTING
    if after in ("later", "after that", "back") or before in ("later by", "back"):
        return LengthUse.LATER
    return LengthUse.EARLIER if after or _FORWARD.search(text) else LengthUse.LATER


def _minutes(match: re.Match[str]) -> int:
    fixed = {"half": 30, "quarter": 15, "quarters": 45, "and_half": 90, "hour_long": 60}
    for name, minutes in fixed.items():
        if match.group(name):
            return minutes
    if match.group("halves"):
        return read_count(match.group("halves")) * 60 + 30
    if match.group("decimal"):
        return round(float(match.group("decimal").replace(",", ".")) * 60)
    if match.group("hours"):
        return read_count(match.group("hours")) * 60 + int(match.group("extra") or 0)
    if match.group("short"):
        return int(match.group("short")) * 60 + int(match.group("rest") or 0)
    return read_count(match.group("minutes").replace("-", " "))
