"""Owns that what was deleted can't be read in a SQLite file any more.

Rows are overwritten by SQLite itself (`secure_delete`, set in `indexing/database.py`). Two places
keep what is gone: FTS5 only notes that a text was deleted, until its segments are merged; and pages
of the write-ahead log stay until it is emptied. PostgreSQL has its own way, VACUUM.
"""

from __future__ import annotations

from functools import partial

from sqlalchemy import Connection, text

from assistant.store.database import Database
from assistant.store.review_tables import FULL_TEXT

_PAGES = 64
"""Of the full-text index, merged in one transaction: a few milliseconds, then answers go on."""
_MERGE = text(f"INSERT INTO {FULL_TEXT}({FULL_TEXT}, rank) VALUES ('merge', :pages)")
_CHANGES = text("SELECT total_changes()")
_IDLE = 2
"""Changes that a merge makes without anything to merge, less one (FTS5, section 6.8)."""


async def overwrite_deleted(database: Database) -> None:
    """Leave nothing of deleted rows in the file; does nothing on another database."""
    if not database.is_sqlite:
        return
    # A negative number takes every segment; those that follow go on with what it began.
    pages = -_PAGES
    while await database.write(partial(_merge, pages)):
        pages = _PAGES
    await database.read(_empty_log)


def _merge(pages: int, connection: Connection) -> bool:
    """Whether there may be more to merge."""
    before = connection.scalar(_CHANGES) or 0
    connection.execute(_MERGE, {"pages": pages})
    return (connection.scalar(_CHANGES) or 0) - before >= _IDLE


def _empty_log(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").all()
