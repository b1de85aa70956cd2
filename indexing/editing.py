"""Owns reading what an editor typed: a briefing, and in plain words what is wrong with it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from indexing.briefings import Briefing, Category, Section, Sentiment
from indexing.files import first_raw_html

MAX_TITLE, MAX_SUMMARY, MAX_BODY = 200, 600, 20_000
MAX_TAGS, MAX_TAG = 12, 40
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\u2028\u2029\ud800-\udfff]")
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What was typed."""

    briefing: Briefing
    """With everything as it was typed, also what is wrong; a choice that there is not stays as it
    was."""
    problems: Mapping[str, str]
    """By field; none: it can be kept."""


def read_edit(briefing: Briefing, typed: Mapping[str, str]) -> Edit:
    """Read the fields of a form.

    Args:
        briefing: What is edited.
        typed: By name: title, summary, category, section, sentiment, tags (with commas) and body
            (Markdown); what is left out stays as it was.
    """
    problems: dict[str, str] = {}
    title = _line(typed.get("title", briefing.title))
    summary = _line(typed.get("summary", briefing.summary))
    body = _text(typed.get("body", briefing.body))
    tags = _tags(typed["tags"]) if "tags" in typed else briefing.tags
    changed = replace(
        briefing,
        title=title,
        summary=summary,
        category=_chosen(Category, briefing.category, typed, "category", problems),
        section=_chosen(Section, briefing.section, typed, "section", problems),
        sentiment=_chosen(Sentiment, briefing.sentiment, typed, "sentiment", problems),
        tags=tags,
        body=body,
    )
    _check_length("title", "The title", title, MAX_TITLE, problems)
    _check_length("summary", "The summary", summary, MAX_SUMMARY, problems)
    _check_length("body", "The text", body, MAX_BODY, problems)
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in tags):
        problems["tags"] = f"At most {MAX_TAGS} tags of {MAX_TAG} characters, parted by commas."
    if markup := first_raw_html(body):
        problems["body"] = (
            f"HTML is not shown to readers: write {markup[:60]!r} as Markdown, or as text with a "
            "backslash before the angle bracket."
        )
    return Edit(briefing=changed, problems=problems)


def _line(text: str) -> str:
    return " ".join(_CONTROL.sub(" ", text).split())


def _text(text: str) -> str:
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _tags(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for part in text.split(",") if (tag := _line(part))))


def _chosen(
    kind: type[_Choice],
    before: _Choice,
    typed: Mapping[str, str],
    field: str,
    problems: dict[str, str],
) -> _Choice:
    try:
        return kind(typed.get(field, before))
    except ValueError:
        problems[field] = f"Choose a {field} of the list."
        return before


def _check_length(field: str, name: str, text: str, longest: int, problems: dict[str, str]) -> None:
    if not text:
        problems[field] = f"{name} is empty."
    elif len(text) > longest:
        problems[field] = f"{name} has {len(text):,} characters; at most {longest:,} fit."
