"""Owns taking over the questions that support staff made in the console into a question set.

The console exports a question set of its own (`/review/questions.jsonl`, `heidi staff questions`),
which can be run as it is; this adds its questions to a set that is under version control.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.errors import QuestionsInvalid
from eval.question_file import read_question_set


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What was taken over."""

    added: tuple[str, ...]
    """Ids, in the order of the export."""
    changed: tuple[str, ...]
    """Ids of questions that the set had in an earlier form."""
    kept: int
    """Questions of the export that the set had already, word for word."""


def import_questions(export: Path, into: Path, briefing_paths: Mapping[str, str]) -> Imported:
    """Add the questions of an export to a set; the set is made if it is not there.

    A question keeps its id in every export, so that importing again adds only what is new and
    replaces what staff have changed since. Nothing is written unless both files can be read.

    Args:
        export: what the console wrote.
        into: the set that grows.
        briefing_paths: address on the site of each briefing, by its id.

    Raises:
        QuestionsInvalid: a file can't be read, or a line is wrong.
    """
    read_question_set(export, briefing_paths)
    if into.exists():
        read_question_set(into, briefing_paths)
    header, found = _lines(export)
    if into.exists():
        header, present = _lines(into)
    else:
        header, present = {**header, "set": _name_of(into)}, {}
    added = tuple(key for key in found if key not in present)
    changed = tuple(key for key in found if key in present and present[key] != found[key])
    if added or changed or not into.exists():
        _write(into, [header, *(present | found).values()])
    return Imported(added=added, changed=changed, kept=len(found) - len(added) - len(changed))


def _lines(path: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The set's own line, and the questions by id."""
    texts = path.read_text(encoding="utf-8").splitlines()
    header, *questions = (json.loads(text) for text in texts if text.strip())
    return header, {question["id"]: question for question in questions}


def _name_of(path: Path) -> str:
    """The file's name as the name of a set."""
    words = "".join(each if each.isalnum() else " " for each in path.stem.lower()).split()
    return "-".join(word for word in words if word.isascii()) or "staff"


def _write(path: Path, lines: list[dict[str, Any]]) -> None:
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise QuestionsInvalid(path, error.strerror or "can't be written") from error
