"""Owns reading collections in the BEIR layout (Thakur et al., 2021): corpus, queries, judgements.

A folder holds `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`) and
`qrels.tsv` or `qrels/<split>.tsv` (`query-id`, `corpus-id`, `score`). What a line's `metadata`
holds is kept as it is. Does not own what is made of it (`collection_questions.py`, `ranking.py`).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.errors import DataInvalid

QRELS = ("qrels.tsv", "qrels/test.tsv", "qrels/dev.tsv")
"""Where judgements are looked for, in this order."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A text to be found."""

    id: str
    title: str
    text: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Query:
    """Something to find texts for."""

    id: str
    text: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Collection:
    """Documents, queries, and which answer which."""

    name: str
    documents: tuple[Document, ...]
    queries: tuple[Query, ...]
    judgements: Mapping[str, Mapping[str, float]]
    """Gain of each relevant document, by query; a query without any has no entry."""

    def select(self, *, where: Mapping[str, str], limit: int | None) -> Collection:
        """The queries whose metadata has these values (as JSON writes them), at most `limit`."""
        chosen = [
            query
            for query in self.queries
            if all(_written(query.metadata.get(key)) == value for key, value in where.items())
        ]
        return Collection(
            name=self.name,
            documents=self.documents,
            queries=tuple(chosen[:limit]),
            judgements=self.judgements,
        )


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: str = Field(alias="_id", min_length=1)
    title: str = ""
    text: str
    metadata: dict[str, Any] = {}


Record = TypeVar("Record", Document, Query)


def read_collection(folder: Path) -> Collection:
    """Read a collection.

    Raises:
        DataInvalid: a file is missing, or a line of it is wrong.
    """
    documents = tuple(
        Document(id=line.id, title=line.title, text=line.text, metadata=line.metadata)
        for line in _lines(folder / "corpus.jsonl")
    )
    queries = tuple(
        Query(id=line.id, text=line.text, metadata=line.metadata)
        for line in _lines(folder / "queries.jsonl")
    )
    return Collection(
        name=folder.resolve().name,
        documents=documents,
        queries=queries,
        judgements=_judgements(folder, {document.id for document in documents}),
    )


def _lines(path: Path) -> Iterator[_Line]:
    seen: set[str] = set()
    try:
        with path.open(encoding="utf-8") as file:
            for number, text in enumerate(file, start=1):
                if not text.strip():
                    continue
                line = _parse(path, number, text)
                if line.id in seen:
                    raise DataInvalid(path, f"_id: {line.id} is there twice", line=number)
                seen.add(line.id)
                yield line
    except (OSError, UnicodeDecodeError) as error:
        raise DataInvalid(path, getattr(error, "strerror", None) or "is not UTF-8 text") from error


def _parse(path: Path, number: int, text: str) -> _Line:
    try:
        return _Line.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "line"
        raise DataInvalid(path, f"{field}: {first['msg']}", line=number) from error


def _judgements(folder: Path, known: set[str]) -> dict[str, dict[str, float]]:
    path = next((folder / name for name in QRELS if (folder / name).is_file()), None)
    if path is None:
        raise DataInvalid(folder, f"has none of {', '.join(QRELS)}")
    found: dict[str, dict[str, float]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t"), start=1):
            if not row or (number == 1 and row[0] == "query-id"):
                continue
            query, document, gain = _judgement(path, number, row)
            if document not in known:
                raise DataInvalid(path, f"no document {document!r}", line=number)
            if gain > 0:
                found.setdefault(query, {})[document] = gain
    return found


def _judgement(path: Path, number: int, row: list[str]) -> tuple[str, str, float]:
    try:
        query, document, gain = row
        return query, document, float(gain)
    except ValueError as error:
        reason = "needs a query, a document and a number, separated by tabs"
        raise DataInvalid(path, reason, line=number) from error


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
