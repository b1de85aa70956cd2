"""Owns a file of vectors that were computed once: what a restart need not embed again.

A cache, not a store of record: a file of another model or layout is emptied, and one that can't be
read or written is done without.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import structlog

from indexing.embedding import Vectors

_LAYOUT = 1
_DIGEST = 16
_PER_QUERY = 500
_BUSY_S = 5.0

_log = structlog.get_logger(__name__)


class VectorFile:
    """Vectors of texts by the texts' digests, in half precision, in a SQLite file.

    Blocking; may be used by several threads and several processes at once.

    Args:
        path: the file; its folder is made.
        model_id: model of the vectors; a file of another model is emptied.
    """

    def __init__(self, path: Path, model_id: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection = self._opened(f"{_LAYOUT}:{model_id}")

    def load(self, texts: Sequence[str]) -> dict[str, Vectors]:
        """The vectors that are known, float32 of shape (dimension,), by text."""
        by_digest = {_digest(text): text for text in texts}
        digests = list(by_digest)
        found: dict[str, Vectors] = {}
        for start in range(0, len(digests), _PER_QUERY):
            part = digests[start : start + _PER_QUERY]
            marks = ",".join("?" * len(part))
            rows = self._run(f"SELECT digest, vector FROM vectors WHERE digest IN ({marks})", part)
            for digest, blob in rows:
                vector = np.frombuffer(blob, dtype=np.float16).astype(np.float32)
                found[by_digest[digest]] = vector
        return found

    def save(self, vectors: Mapping[str, Vectors]) -> None:
        """Keep the vectors of texts, each float32 of shape (dimension,)."""
        rows = [
            (_digest(text), np.asarray(vector, dtype=np.float16).tobytes())
            for text, vector in vectors.items()
        ]
        with self._lock:
            if self._connection is None:
                return
            try:
                with self._connection as transaction:
                    transaction.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
            except sqlite3.Error as error:
                self._give_up(error)

    def close(self) -> None:
        """Close the file; nothing is loaded or kept afterwards."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _opened(self, identity: str) -> sqlite3.Connection | None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=_BUSY_S, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            # What the last seconds before a power cut computed can be computed again.
            connection.execute("PRAGMA synchronous = OFF")
            with connection:
                _prepare(connection, identity)
        except (OSError, sqlite3.Error) as error:
            _log.warning("vector file unusable", file=self._path.name, error=str(error))
            return None
        return connection

    def _run(self, statement: str, values: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
        with self._lock:
            if self._connection is None:
                return []
            try:
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                self._give_up(error)
                return []

    def _give_up(self, error: sqlite3.Error) -> None:
        _log.warning("vector file unusable", file=self._path.name, error=str(error))
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _prepare(connection: sqlite3.Connection, identity: str) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS identity (value TEXT NOT NULL)")
    row = connection.execute("SELECT value FROM identity").fetchone()
    if row != (identity,):
        connection.execute("DROP TABLE IF EXISTS vectors")
        connection.execute("DELETE FROM identity")
        connection.execute("INSERT INTO identity VALUES (?)", (identity,))
    connection.execute(
        "CREATE TABLE IF NOT EXISTS vectors (digest BLOB PRIMARY KEY, vector BLOB NOT NULL)"
        " WITHOUT ROWID"
    )


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()
