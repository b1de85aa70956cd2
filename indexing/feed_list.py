"""Owns the file of feeds: which publishers Heidi reads, and what may be done with their texts."""

from __future__ import annotations

import re
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from indexing.briefings import Category
from indexing.errors import FeedFileInvalid

EXAMPLE = """[[feeds]]
name = "Robot Weekly"
url = "https://robots.example/feed.xml"
license = "CC BY 4.0"
"""
"""The shortest file that is one."""
_Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\n]+$")
]


_DURATION = re.compile(r"(\d{1,6})\s*(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SHORTEST_S = 60.0


def seconds_of(duration: str) -> float:
    """A duration such as `30m` or `2h` in seconds.

    Raises:
        ValueError: It is none, or shorter than a minute.
    """
    found = _DURATION.fullmatch(duration.strip().lower())
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0.0
    if seconds < _SHORTEST_S:
        raise ValueError(f"{duration!r} is no duration of a minute or more, such as 30m or 2h")
    return float(seconds)


class Trust(StrEnum):
    """How far a publisher is believed: whose words lead where several tell one story."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Greater is better."""
        return list(Trust).index(self)


class Feed(BaseModel):
    """One publisher's feed, as the file of feeds describes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: _Line
    """Publisher, as a reader would call it; sources of briefings bear it."""
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+\S*$", max_length=1000)]
    """Address of the RSS, Atom, RDF or JSON feed."""
    license: _Line
    """On which terms its texts are used; kept with every item."""
    use: Literal["full", "summary"] = "summary"
    """What the terms allow to write from: the whole article, or only what the feed itself says."""
    trust: Trust = Trust.NORMAL
    """Whose words lead where several publishers tell one story."""
    publish: bool = False
    """Stories that only such feeds tell are published without a curator; trust has to be high."""
    category: Category | None = None
    """What it is about, if it is about one thing only."""
    language: Literal["en"] = "en"
    """Heidi writes from English."""
    every: str = "30m"
    """How often a running server fetches it, such as `30m` or `2h`."""
    max_items: Annotated[int, Field(ge=1, le=1000)] = 50
    """Newest items that are taken of one fetch."""
    max_age_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Older items are left out: what a feed holds at the first fetch may be years old."""

    @property
    def every_s(self) -> float:
        """Seconds from one fetch by a running server to the next."""
        return seconds_of(self.every)

    @field_validator("every")
    @classmethod
    def _is_a_duration(cls, every: str) -> str:
        seconds_of(every)
        return every

    @model_validator(mode="after")
    def _only_trusted_ones_publish(self) -> Feed:
        if self.publish and self.trust is not Trust.HIGH:
            raise ValueError('publish = true needs trust = "high"')
        return self


def read_feed_file(path: Path) -> tuple[Feed, ...]:
    """The feeds that a file lists, in its order.

    Args:
        path: A TOML file with a table `[[feeds]]` for each.

    Raises:
        FeedFileInvalid: It cannot be read, a value is wrong, or two feeds share name or address.
    """
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise FeedFileInvalid(path, "does not exist; indexing/README.md shows one") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FeedFileInvalid(path, f"cannot be read as TOML: {error}") from error
    tables = read.pop("feeds", None)
    if read:
        raise FeedFileInvalid(path, f"{next(iter(read))!r} is not known; feeds stand in [[feeds]]")
    if not isinstance(tables, list) or not tables:
        raise FeedFileInvalid(path, "lists no feed; each stands below a line [[feeds]]")
    feeds = tuple(_feed(path, number, table) for number, table in enumerate(tables, start=1))
    for field in ("name", "url"):
        _require_unique(path, field, [getattr(feed, field) for feed in feeds])
    return feeds


def _feed(path: Path, number: int, table: object) -> Feed:
    try:
        return Feed.model_validate(table)
    except ValidationError as error:
        name = table.get("name") if isinstance(table, dict) else None
        complaints = "; ".join(
            f"{'.'.join(map(str, detail['loc']))}: {_plainly(detail)}".removeprefix(": ")
            for detail in error.errors()
        )
        raise FeedFileInvalid(path, f"feed {name or number}: {complaints}") from error


def _plainly(detail: ErrorDetails) -> str:
    if detail["loc"][-1:] == ("url",) and detail["type"] == "string_pattern_mismatch":
        return "has to be an address that begins with http:// or https://"
    return detail["msg"].removeprefix("Value error, ")


def _require_unique(path: Path, field: str, values: list[str]) -> None:
    for value in values:
        if values.count(value) > 1:
            raise FeedFileInvalid(path, f"two feeds have the {field} {value!r}")
