"""Owns the tables of briefings, curation, feeds and stories, and how a briefing becomes a row.

The migrations that create the table belong to the assistant; they read `briefings_metadata`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Column,
    Date,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
)
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import TypeDecorator

from indexing.briefings import (
    Briefing,
    BriefingStatus,
    Category,
    Section,
    Sentiment,
    Source,
)
from indexing.columns import NAMING_CONVENTION, JsonColumn, UtcDateTime


class Lines(TypeDecorator[tuple[str, ...]]):
    """Short texts in one column, each between line breaks, so that any database finds one."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """To the database."""
        if value is None:
            return None
        return "".join(f"\n{' '.join(line.split())}" for line in value) + "\n"

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...]:
        """From the database."""
        return tuple((value or "").strip("\n").splitlines())


briefings_metadata = MetaData(naming_convention=NAMING_CONVENTION)
"""Tables that indexing owns."""

briefings_table = Table(
    "briefings",
    briefings_metadata,
    Column("id", String(200), primary_key=True),
    Column("slug", String(200), nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("category", String(40), nullable=False),
    Column("section", String(40), nullable=False),
    Column("sentiment", String(20), nullable=False),
    Column("date", Date, nullable=False),
    Column("summary", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("sources", JsonColumn, nullable=False),
    Column("source_name", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("tags", Lines, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("indexed_hash", String(64)),
    Column("indexed_chunks", Integer, nullable=False, default=0, server_default="0"),
    Column("views", Integer, nullable=False, default=0, server_default="0"),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_briefings_status_date", "status", "date"),
)

feeds_table = Table(
    "feeds",
    briefings_metadata,
    Column("url", String(1000), primary_key=True),
    Column("etag", Text, nullable=False, default="", server_default=""),
    Column("last_modified", Text, nullable=False, default="", server_default=""),
    Column("fetched_at", UtcDateTime),
    Column("leased_until", UtcDateTime),
    Column("leased_by", String(64)),
    Column("due_at", UtcDateTime),
    Column("asked_at", UtcDateTime),
    Column("tried_at", UtcDateTime),
    Column("failures", Integer, nullable=False, default=0, server_default="0"),
    Column("outcome", JsonColumn),
)
"""What is known of each feed: what its server said last, what came of the last round, when the next
one is due, and who fetches it just now."""

feed_items_table = Table(
    "feed_items",
    briefings_metadata,
    Column("id", String(64), primary_key=True),
    Column("feed_url", String(1000), nullable=False),
    Column("source", Text, nullable=False),
    Column("license", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("canonical", Text, nullable=False),
    Column("moment", UtcDateTime, nullable=False),
    Column("summary", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("vector", LargeBinary),
    Column("vector_model", Text),
    Column("story_id", String(64)),
    Index("ix_feed_items_story_id", "story_id"),
    Index("ix_feed_items_moment", "moment"),
)
"""Items of feeds as they were found; those without a story are still to be sorted."""

stories_table = Table(
    "stories",
    briefings_metadata,
    Column("id", String(64), primary_key=True),
    Column("briefing_id", String(200), nullable=False),
    Column("told_hash", String(64)),
    Column("written_hash", String(64)),
    Column("updated_at", UtcDateTime, nullable=False),
)
"""What several items tell: which items were written from last, and what was written."""

curation_table = Table(
    "curation_log",
    briefings_metadata,
    Column("id", Integer, primary_key=True),
    Column("briefing_id", String(200), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("action", String(20), nullable=False),
    Column("note", Text, nullable=False),
    Index("ix_curation_log_briefing_id", "briefing_id"),
)
"""Who did what with a draft or briefing, and when."""


def briefing_row(briefing: Briefing) -> dict[str, Any]:
    """Values of the columns that come from the briefing itself."""
    return {
        "id": briefing.id,
        "slug": briefing.slug,
        "title": briefing.title,
        "category": briefing.category.value,
        "section": briefing.section.value,
        "sentiment": briefing.sentiment.value,
        "date": briefing.date,
        "summary": briefing.summary,
        "body": briefing.body,
        "sources": [{"name": source.name, "url": source.url} for source in briefing.sources],
        "source_name": briefing.sources[0].name if briefing.sources else briefing.author,
        "author": briefing.author,
        "status": briefing.status.value,
        "tags": briefing.tags,
        "content_hash": briefing.content_hash,
    }


def row_briefing(row: RowMapping) -> Briefing:
    """The briefing that a row of the table holds."""
    return Briefing(
        id=row["id"],
        slug=row["slug"],
        title=row["title"],
        category=Category(row["category"]),
        section=Section(row["section"]),
        sentiment=Sentiment(row["sentiment"]),
        date=row["date"],
        summary=row["summary"],
        body=row["body"],
        sources=tuple(Source(**source) for source in row["sources"]),
        author=row["author"],
        status=BriefingStatus(row["status"]),
        tags=row["tags"],
    )


async def create_missing_tables(engine: AsyncEngine) -> None:
    """Create the tables of briefings where no migration has done it."""
    async with engine.begin() as connection:
        await connection.run_sync(briefings_metadata.create_all)
