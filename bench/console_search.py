"""Times the console's search over made-up conversations, against comparing every text (LIKE).

Run: `python -m bench.console_search [--conversations 50000] [--database URL]`. The database is
filled anew; without one, a SQLite file in a temporary folder is used and thrown away.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, text

from assistant.store.base import Base
from assistant.store.conversation_tables import ConversationRow
from assistant.store.database import Database
from assistant.store.metadata import TABLE_MODULES
from assistant.store.review_queries import ListFilter, ReviewQueries
from assistant.store.review_search import words_of
from assistant.store.review_tables import ReviewRow

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SYLLABLES = ("ba", "ri", "ton", "mel", "ka", "sur", "ve", "lin", "dor", "fa", "nis", "gol", "te")
WORDS_OF_CONVERSATION = 210
"""Three turns: a question of ten words and an answer of sixty each."""
TIMES = 5
SEARCHES = {
    "rare word": "zanzibar",
    "part of a rare word": "nzib",
    "common word": "baritonmel",
    "two words": "baritonmel zanzibar",
    "phrase": '"zanzibar island ferry"',
    "customer": "customer-4711",
    "nothing": "quetzalcoatl",
    "two letters": "zq",
}


def vocabulary(source: random.Random) -> list[str]:
    """Words of three to five syllables, the most common one first."""
    words = {"".join(source.choices(SYLLABLES, k=source.randint(3, 5))) for _ in range(20_000)}
    return ["baritonmel", *sorted(words - {"baritonmel"})]


def conversations(count: int) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Rows of conversations and of their words, frequencies after Zipf."""
    source = random.Random(7)
    words = vocabulary(source)
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    drawn = source.choices(words, weights, k=1_000_000)
    for number in range(count):
        start = source.randrange(len(drawn) - WORDS_OF_CONVERSATION)
        said = " ".join(drawn[start : start + WORDS_OF_CONVERSATION])
        if number % 5_000 == 42:
            said += "\nzanzibar island ferry zq"
        key, customer = f"conv_{number:024x}", f"customer-{number}" if number % 3 else None
        at = NOW - timedelta(minutes=number)
        yield (
            {
                "id": key,
                "visitor_id": f"vis_{number}",
                "customer_id": customer,
                "customer_name": "",
                "timezone": "UTC",
                "locale": "en",
                "is_paused": False,
                "first_message": said[:120],
                "turn_count": 3,
                "token_generation": 0,
                "taken_over_name": "",
                "created_at": at,
                "updated_at": at,
            },
            {
                "conversation_id": key,
                "customer_id": customer,
                "last_seq": 30,
                "text": f"{key}\n{customer or ''}\n{said}",
                "last_speaker": "Heidi",
                "last_said": said[-120:],
                "is_resolved": True,
            },
        )


async def fill(database: Database, count: int) -> float:
    """Make the tables and fill them; gives the seconds that the index took."""
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    spent, rows = 0.0, list(conversations(count))
    for start in range(0, count, 500):
        part = rows[start : start + 500]
        async with database.begin() as session:
            await session.execute(insert(ConversationRow), [row for row, _ in part])
        started = time.perf_counter()
        async with database.begin() as session:
            await session.execute(insert(ReviewRow), [row for _, row in part])
        spent += time.perf_counter() - started
    async with database.begin() as session:
        await session.execute(text("ANALYZE"))  # as PostgreSQL does by itself before long
    return spent


async def by_comparing(database: Database, search: str) -> int:
    """The baseline: one page and the number of what is found, every text compared."""
    # Of an expression no index is asked.
    said = select(ReviewRow.conversation_id).where(
        *((ReviewRow.text + "").contains(word, autoescape=True) for word in words_of(search))
    )
    found = ConversationRow.id.in_(said)
    latest = select(ConversationRow).where(found).order_by(ConversationRow.updated_at.desc())
    async with database.begin() as session:
        await session.scalars(latest.limit(30))
        count = await session.scalar(select(func.count()).select_from(ConversationRow).where(found))
    return count or 0


async def by_index(database: Database, search: str) -> int:
    """The same as the console does it."""
    return (await ReviewQueries(database).page(ListFilter(search=search), NOW)).total


async def median_ms(search: Any, database: Database, words: str) -> tuple[float, int]:  # noqa: ANN401
    """Median time of some runs, and what was found."""
    times, found = [], 0
    for _ in range(TIMES):
        started = time.perf_counter()
        found = await search(database, words)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), found


async def measure(url: str, count: int) -> None:
    """Print the table."""
    database = Database(url)
    seconds = await fill(database, count)
    print(f"{count} conversations indexed in {seconds:.1f} s")  # noqa: T201
    print("| search | found | compared, ms | indexed, ms | ratio |")  # noqa: T201
    print("| --- | --: | --: | --: | --: |")  # noqa: T201
    for name, words in SEARCHES.items():
        before, expected = await median_ms(by_comparing, database, words)
        after, found = await median_ms(by_index, database, words)
        assert found == expected, (name, found, expected)
        ratio = after / before
        print(f"| {name} | {found} | {before:.1f} | {after:.1f} | {ratio:.3f} |")  # noqa: T201
    await database.close()


def main() -> None:
    """Read the arguments and measure."""
    assert TABLE_MODULES  # every table is declared
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=50_000)
    parser.add_argument("--database", default="", help="filled anew: its tables are dropped")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite+aiosqlite:///{Path(folder) / 'search.db'}"
        asyncio.run(measure(url, given.conversations))


if __name__ == "__main__":
    main()
