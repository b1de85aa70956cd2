"""Owns the table of identity tokens that were signed out before they expired."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, String, and_, bindparam, delete, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from assistant.store.base import Base, table_of
from assistant.store.database import Database
from indexing.database import upserting

KEPT = timedelta(hours=1)
"""Several times what a host's token may live: nothing older is accepted anyway."""
THIS_TOKEN = 0


class RevocationRow(Base):
    """A token, or all earlier ones of a customer, that is not accepted any more."""

    __tablename__ = "revocations"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 (hex) of the token's signed part, or of whom it names."""
    issued_before: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """Whose tokens issued before this second are refused; 0 in the row of a single token."""
    expires_at: Mapped[datetime] = mapped_column(index=True)


# Built once: building a statement takes longer than SQLite takes to execute it.
_revocations = table_of(RevocationRow)
_FOUND = (
    select(_revocations.c.key)
    .where(
        or_(
            and_(
                _revocations.c.key == bindparam("digest"),
                _revocations.c.issued_before == THIS_TOKEN,
            ),
            and_(
                _revocations.c.key == bindparam("customer"),
                _revocations.c.issued_before > bindparam("issued_at"),
            ),
        )
    )
    .limit(1)
)


class Revocations:
    """Identity tokens that were signed out.

    A sign-out refuses the token it came with and every earlier one of the same customer. Only the
    host's clock is compared, with itself: two servers' clocks differ.

    Args:
        database: shared by all server processes.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def revoke(self, *, customer_id: str, digest: str, issued_at: int, now: datetime) -> None:
        """Refuse the token and its customer's earlier ones from now on.

        Args:
            customer_id: whom the token names.
            digest: SHA-256 (hex) of what its signature covers.
            issued_at: its `iat`, in seconds since 1970.
            now: the clock.
        """
        issued = datetime.fromtimestamp(issued_at, UTC)
        expires_at = max(issued, now) + KEPT
        rows = [
            {"key": digest, "issued_before": THIS_TOKEN, "expires_at": expires_at},
            {"key": _key_of(customer_id), "issued_before": issued_at, "expires_at": expires_at},
        ]
        insert = upserting(self._database.engine.dialect.name)
        async with self._database.begin_writing() as session:
            await session.execute(delete(RevocationRow).where(RevocationRow.expires_at <= now))
            await session.execute(insert(RevocationRow).on_conflict_do_nothing(), rows)

    async def is_revoked(self, *, customer_id: str, digest: str, issued_at: int) -> bool:
        """Whether the token was signed out, or a later one of its customer."""
        given = {"digest": digest, "customer": _key_of(customer_id), "issued_at": issued_at}
        async with self._database.begin() as session:
            return await session.scalar(_FOUND, given) is not None


def channel_of(customer_id: str) -> str:
    """What streams of a customer listen to, so that a sign-out wakes them at once."""
    return f"signed-out:{_key_of(customer_id)}"


def _key_of(customer_id: str) -> str:
    return hashlib.sha256(customer_id.encode("utf-8", "replace")).hexdigest()
