"""Owns how a chunk stands in the collection: its metadata, and the filters on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

from indexing.chunking import Chunk
from indexing.embedding import Vectors


@dataclass(frozen=True, kw_only=True)
class IndexFilters:
    """Which chunks may be found; empty fields do not restrict."""

    since: date | None = None
    until: date | None = None
    """Last day, included."""
    categories: tuple[str, ...] = ()
    sentiment: str | None = None
    briefing_ids: tuple[str, ...] = ()


def where(filters: IndexFilters) -> dict[str, Any] | None:
    """The filters as Chroma takes them; None when nothing is restricted."""
    conditions = [
        *([{"date": {"$gte": _day_number(filters.since)}}] if filters.since else []),
        *([{"date": {"$lte": _day_number(filters.until)}}] if filters.until else []),
        *([any_of("category", filters.categories)] if filters.categories else []),
        *([{"sentiment": filters.sentiment}] if filters.sentiment else []),
        *([any_of("briefing_id", filters.briefing_ids)] if filters.briefing_ids else []),
    ]
    if len(conditions) > 1:
        return {"$and": conditions}
    return conditions[0] if conditions else None


def any_of(key: str, values: Sequence[str]) -> dict[str, Any]:
    """Rows with one of these values."""
    return {key: {"$in": list(values)}}


def to_node(chunk: Chunk, vector: Vectors) -> TextNode:
    """A chunk as llama-index writes it."""
    metadata = {
        "briefing_id": chunk.briefing_id,
        "ordinal": chunk.ordinal,
        "heading": chunk.heading,
        "title": chunk.title,
        "path": chunk.path,
        "date": _day_number(chunk.date),
        "category": chunk.category,
        "section": chunk.section,
        "sentiment": chunk.sentiment,
        "source_name": chunk.source_name,
        "source_url": chunk.source_url,
    }
    return TextNode(
        id_=chunk.id,
        text=chunk.text,
        metadata=metadata,
        embedding=vector.tolist(),
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=chunk.briefing_id)},
    )


def to_chunk(chunk_id: str, text: str, metadata: dict[str, Any]) -> Chunk:
    """A chunk as it was read from the collection."""
    return Chunk(
        id=chunk_id,
        briefing_id=metadata["briefing_id"],
        ordinal=metadata["ordinal"],
        text=text,
        heading=metadata["heading"],
        title=metadata["title"],
        path=metadata["path"],
        date=_day(metadata["date"]),
        category=metadata["category"],
        section=metadata["section"],
        sentiment=metadata["sentiment"],
        source_name=metadata["source_name"],
        source_url=metadata["source_url"],
    )


def _day_number(day: date) -> int:
    """Chroma compares numbers only: 24 November 2026 is 20261124."""
    return day.year * 10_000 + day.month * 100 + day.day


def _day(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)
