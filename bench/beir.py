"""Owns reading data in the BEIR layout for measurements, and the metrics computed on it."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indexing.chunking import Chunk


@dataclass(frozen=True, kw_only=True)
class Document:
    """One document of a corpus."""

    id: str
    title: str
    text: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Query:
    """One question with what is known about it."""

    id: str
    text: str
    relevant: frozenset[str]
    """Ids of the documents that answer it."""
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Collection:
    """A corpus and its questions."""

    name: str
    documents: tuple[Document, ...]
    queries: tuple[Query, ...]


def read_collection(folder: Path) -> Collection:
    """Read `corpus.jsonl`, `queries.jsonl` and `qrels.tsv` (or `qrels/*.tsv`)."""
    files = [folder / "qrels.tsv"] if (folder / "qrels.tsv").exists() else []
    relevant: dict[str, set[str]] = {}
    for path in files or sorted((folder / "qrels").glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                if int(row["score"]) > 0:
                    relevant.setdefault(row["query-id"], set()).add(row["corpus-id"])
    return Collection(
        name=folder.name,
        documents=tuple(
            Document(
                id=row["_id"],
                title=row.get("title", ""),
                text=row["text"],
                metadata=row.get("metadata", {}),
            )
            for row in _rows(folder / "corpus.jsonl")
        ),
        queries=tuple(
            Query(
                id=row["_id"],
                text=row["text"],
                relevant=frozenset(relevant.get(row["_id"], ())),
                metadata=row.get("metadata", {}),
            )
            for row in _rows(folder / "queries.jsonl")
        ),
    )


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def ndcg(ranking: Sequence[str], relevant: frozenset[str], depth: int = 10) -> float:
    """Normalised discounted cumulative gain with binary relevance (Järvelin, Kekäläinen, 2002)."""
    gain = sum(
        1 / math.log2(rank + 2)
        for rank, document in enumerate(ranking[:depth])
        if document in relevant
    )
    ideal = sum(1 / math.log2(rank + 2) for rank in range(min(depth, len(relevant))))
    return gain / ideal if ideal else 0.0


def recall(ranking: Sequence[str], relevant: frozenset[str], depth: int = 5) -> float:
    """Share of the relevant documents among the first."""
    return len(relevant & set(ranking[:depth])) / len(relevant) if relevant else 0.0


def as_chunk(document: Document) -> Chunk:
    """A document as the one chunk of a briefing."""
    from datetime import date

    day = document.metadata.get("date")
    return Chunk(
        id=f"{document.id}:0:bench",
        briefing_id=document.id,
        ordinal=0,
        text=document.text,
        heading="",
        title=document.title,
        path=f"/briefings/{document.id}",
        date=date.fromisoformat(day) if day else date(2000, 1, 1),
        category="AI",
        section="News",
        sentiment="neutral",
        source_name=str(document.metadata.get("source", "")),
        source_url=str(document.metadata.get("url", "")),
    )
