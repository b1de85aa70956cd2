"""Owns reading briefings from Markdown files with YAML front matter, and the packaged demo set.

Does not own keeping them (`repository.py`) or checking their facts.
"""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import frontmatter
import yaml
from annotated_types import Len
from markdown_it import MarkdownIt
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from indexing.briefings import Briefing, BriefingStatus, Category, Section, Sentiment, Source
from indexing.errors import BriefingFileInvalid

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[^\n]+$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=120)]


class _SourceFields(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Line
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+\.[^\s]+$")]


class _BriefingFields(BaseModel):
    """Front matter as it is written; every key that is not listed is a typing error."""

    model_config = ConfigDict(extra="forbid")

    id: Slug
    slug: Slug
    title: Line
    category: Category
    section: Section
    sentiment: Sentiment
    date: date
    summary: Line
    tags: tuple[Line, ...] = ()
    sources: Annotated[tuple[_SourceFields, ...], Len(1)]
    author: Line = "Heidi"
    status: BriefingStatus = BriefingStatus.PUBLISHED


def read_briefing_file(path: Path) -> Briefing:
    """Read one briefing.

    Args:
        path: A UTF-8 Markdown file that begins with YAML front matter.

    Raises:
        BriefingFileInvalid: The file cannot be read, or a field or the body is wrong.
    """
    fields, body = _split(path)
    try:
        read = _BriefingFields.model_validate(fields)
    except ValidationError as error:
        raise BriefingFileInvalid(path, _reason(error)) from error
    if not body:
        raise BriefingFileInvalid(path, "body: is empty")
    if markup := first_raw_html(body):
        raise BriefingFileInvalid(path, f"body: raw HTML is not allowed, found {markup!r}")
    return Briefing(
        id=read.id,
        slug=read.slug,
        title=read.title,
        category=read.category,
        section=read.section,
        sentiment=read.sentiment,
        date=read.date,
        summary=read.summary,
        body=body,
        sources=tuple(Source(name=source.name, url=source.url) for source in read.sources),
        author=read.author,
        status=read.status,
        tags=read.tags,
    )


def read_briefing_folder(path: Path) -> list[Briefing]:
    """Read every `*.md` file of a folder, newest briefing first.

    Args:
        path: The folder; folders inside it are not visited.

    Raises:
        BriefingFileInvalid: A file is no briefing, two files share an id or a slug, or the folder
            does not exist.
    """
    if not path.is_dir():
        raise BriefingFileInvalid(path, "is not a folder")
    read = {file.name: read_briefing_file(file) for file in sorted(path.glob("*.md"))}
    _require_unique(path, "id", {name: briefing.id for name, briefing in read.items()})
    _require_unique(path, "slug", {name: briefing.slug for name, briefing in read.items()})
    return sorted(read.values(), key=lambda briefing: (-briefing.date.toordinal(), briefing.id))


def briefing_file_text(briefing: Briefing) -> str:
    """A briefing as a file that `read_briefing_file` reads back."""
    fields = {
        "id": briefing.id,
        "slug": briefing.slug,
        "title": briefing.title,
        "category": briefing.category.value,
        "section": briefing.section.value,
        "sentiment": briefing.sentiment.value,
        "date": briefing.date,
        "summary": briefing.summary,
        "tags": list(briefing.tags),
        "sources": [{"name": source.name, "url": source.url} for source in briefing.sources],
        "author": briefing.author,
        "status": briefing.status.value,
    }
    written = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=100)
    return f"---\n{written}---\n\n{briefing.body}\n"


def demo_folder() -> Path:
    """Folder of the briefings that are shipped with the package for the demo site."""
    return Path(str(files("indexing"))) / "demo" / "briefings"


def _require_unique(folder: Path, field: str, value_by_file: dict[str, str]) -> None:
    """Complain about the first value that two files share."""
    seen: dict[str, str] = {}
    for name, value in value_by_file.items():
        if value in seen:
            raise BriefingFileInvalid(folder / name, f"{field}: {value!r} is used by {seen[value]}")
        seen[value] = name


def _split(path: Path) -> tuple[dict[str, Any], str]:
    """Front matter and body of a file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BriefingFileInvalid(path, f"cannot be read: {error}") from error
    try:
        post = frontmatter.loads(text)
    except yaml.YAMLError as error:
        raise BriefingFileInvalid(path, f"front matter: is not YAML: {error}") from error
    if not post.metadata:
        raise BriefingFileInvalid(path, "front matter: is missing")
    return dict(post.metadata), post.content.strip()


def first_raw_html(body: str) -> str | None:
    """The first piece of the Markdown that a renderer would pass on as HTML, if any."""
    for block in MarkdownIt("commonmark").parse(body):
        for token in (block, *(block.children or ())):
            if token.type in ("html_block", "html_inline"):
                return str(token.content).strip()
    return None


def _reason(error: ValidationError) -> str:
    """All complaints of pydantic in one line, each led by its field."""
    return "; ".join(
        f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}"
        for detail in error.errors()
    )
