"""Owns reading JSON feeds (jsonfeed.org, versions 1 and 1.1)."""

from __future__ import annotations

import json
from typing import Any

from indexing.errors import FeedUnreadable
from indexing.feeds import RawEntry
from indexing.markup import markdown_of_html, markdown_of_plain

_VERSION = "https://jsonfeed.org/version/"


def read_json_feed(content: bytes) -> tuple[str, str, list[RawEntry]]:
    """Title, form and entries of a JSON feed.

    Raises:
        FeedUnreadable: It is not JSON, or JSON of another kind.
    """
    try:
        read = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FeedUnreadable(f"is not JSON: {error}") from error
    version = read.get("version") if isinstance(read, dict) else None
    if not isinstance(version, str) or not version.startswith(_VERSION):
        raise FeedUnreadable("is JSON, but no JSON feed: it names no version")
    entries = read.get("items")
    if not isinstance(entries, list):
        raise FeedUnreadable("is a JSON feed without a list of items")
    form = "json" + version.removeprefix(_VERSION).replace(".", "")
    return _text(read, "title"), form, [_entry(entry) for entry in entries]


def _entry(entry: object) -> RawEntry:
    fields = entry if isinstance(entry, dict) else {}
    summary = markdown_of_plain(_text(fields, "summary"))
    texts = (
        markdown_of_html(_text(fields, "content_html")),
        markdown_of_plain(_text(fields, "content_text")),
        summary,
    )
    return RawEntry(
        key=_text(fields, "id"),
        title=_text(fields, "title"),
        url=_text(fields, "url") or _text(fields, "external_url"),
        date=_text(fields, "date_published") or _text(fields, "date_modified"),
        summary=summary or texts[0],
        text=next((text for text in texts if text), ""),
    )


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
