"""Owns the file of verdicts of a person who read answers beside what they cite.

A verdict belongs to one answer: its key holds a digest of the words, so a changed answer is
unread again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from eval.errors import DataInvalid


class Verdict(StrEnum):
    """What a careful reader says of an answer."""

    RIGHT = "right"
    """It answers, and what it cites says so."""
    LOOSE = "loose"
    """What it cites says so, but it answers in part, or with sentences that do not belong."""
    BESIDE = "beside"
    """What it cites says so, but that is no answer to the question."""
    WRONG = "wrong"
    """What it cites does not say so, or not as it sounds here."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One verdict."""

    key: str
    """`AskedTurn.key`: the question, the turn and the digest of the answer."""
    verdict: Verdict
    note: str = ""

    @property
    def place(self) -> str:
        """The turn, whatever the answer."""
        return self.key.rsplit("@", 1)[0]


@dataclass(frozen=True, kw_only=True)
class Readings:
    """All verdicts."""

    by_key: Mapping[str, Reading]

    def of(self, key: str) -> Reading | None:
        """The verdict on this very answer."""
        return self.by_key.get(key)

    def before(self, key: str) -> Reading | None:
        """The last verdict on another answer to the same question."""
        place = key.rsplit("@", 1)[0]
        others = [each for each in self.by_key.values() if each.place == place and each.key != key]
        return others[-1] if others else None


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+#\d+@[0-9a-f]{10}$")]
    verdict: Verdict
    note: str = ""


def read_readings(path: Path) -> Readings:
    """Read the verdicts; a file that is not there holds none.

    Args:
        path: JSON Lines of `key`, `verdict` and `note`; a later line on the same key counts.

    Raises:
        DataInvalid: the file can't be read, or a line is wrong.
    """
    if not path.exists():
        return Readings(by_key={})
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise DataInvalid(path, "is not UTF-8 text") from error
    except OSError as error:
        raise DataInvalid(path, error.strerror or "can't be read") from error
    readings: dict[str, Reading] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            read = _parse(path, number, line)
            readings.pop(read.key, None)
            readings[read.key] = Reading(key=read.key, verdict=read.verdict, note=read.note)
    return Readings(by_key=readings)


def _parse(path: Path, number: int, line: str) -> _Line:
    try:
        return _Line.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        raise DataInvalid(path, f"is not JSON: {error.msg}", line=number) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise DataInvalid(path, f"{field}: {first['msg']}", line=number) from error
