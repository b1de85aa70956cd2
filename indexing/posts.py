"""Owns reading real posts: one JSON object per line, as an exporter of feeds writes them.

A bad line is data, not a crash: it comes back as a `PostInvalid` in its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from indexing.errors import PostInvalid

MAX_TEXT = 200_000
"""Characters of a post that are read; no briefing needs more."""

_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufeff\u200b]")


@dataclass(frozen=True, kw_only=True)
class Post:
    """What somebody published, as it was found."""

    id: str
    title: str
    date: date
    url: str
    source: str
    """Who published it, as a machine calls it."""
    license: str
    text: str
    """Markdown, HTML, or a mixture of them with a site generator's own markup."""
    summary: str = ""
    is_about_ai: bool = False
    is_truncated: bool = False
    """The text was cut off somewhere."""


class _PostFields(BaseModel):
    """A line as it is written; other keys are ignored."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    id: _Line
    title: _Line
    date: date
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+\.[^\s]+$")]
    source: _Line
    license: str = ""
    about_ai: bool = False
    summary: str | None = None
    text: _Line
    truncated: bool = False


def read_posts(path: Path) -> Iterator[Post | PostInvalid]:
    """Read a file of posts; empty lines are skipped.

    Args:
        path: A UTF-8 file with one JSON object per line.

    Raises:
        PostInvalid: The file cannot be read at all.
    """
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _read(path, number, line)
    except OSError as error:
        raise PostInvalid(path, 0, f"cannot be read: {error.strerror}") from error


def unique_posts(posts: Iterable[Post]) -> tuple[Post, ...]:
    """Of posts with the same id, the same address, or the same title and day, the first one."""
    seen: set[object] = set()
    kept: list[Post] = []
    for post in posts:
        title = " ".join(re.findall(r"\w+", post.title.casefold()))
        address = re.sub(r"^https?://(www\.)?|/*(#.*)?$", "", post.url)
        keys = {("id", post.id), ("url", address), ("title", title, post.date)}
        if not keys & seen:
            kept.append(post)
        seen |= keys
    return tuple(kept)


def _read(path: Path, number: int, line: bytes) -> Post | PostInvalid:
    try:
        fields = _PostFields.model_validate(json.loads(line))
    except UnicodeDecodeError:
        return PostInvalid(path, number, "is not UTF-8")
    except (json.JSONDecodeError, RecursionError) as error:
        return PostInvalid(path, number, f"is not JSON: {error}")
    except ValidationError as error:
        return PostInvalid(path, number, _reason(error))
    return Post(
        id=fields.id,
        title=" ".join(_CONTROL.sub("", fields.title).split()),
        date=fields.date,
        url=fields.url,
        source=fields.source,
        license=fields.license,
        text=_CONTROL.sub("", fields.text[:MAX_TEXT].replace("\r\n", "\n")),
        summary=" ".join(_CONTROL.sub("", fields.summary or "").split()),
        is_about_ai=fields.about_ai,
        is_truncated=fields.truncated or len(fields.text) > MAX_TEXT,
    )


def _reason(error: ValidationError) -> str:
    """All complaints of pydantic in one line, each led by its field."""
    return "; ".join(
        f"{'.'.join(str(part) for part in detail['loc']) or 'line'}: {detail['msg']}"
        for detail in error.errors()
    )
