"""Owns the table of staff members and their passwords (argon2id, RFC 9106)."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from assistant.core.caller import StaffMember
from assistant.core.errors import Conflict, InvalidInput, NotFound
from assistant.store.base import Base
from assistant.store.database import Database

MIN_PASSWORD_CHARACTERS = 10


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _unknown_hash() -> str:
    """Verified when the address is unknown, so that the time taken does not tell which exist."""
    return _hasher().hash(secrets.token_hex(16))


class StaffRow(Base):
    """Someone who may use the review console."""

    __tablename__ = "staff"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class Staff:
    """The staff members of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, *, email: str, name: str, password: str, now: datetime) -> StaffMember:
        """Add someone.

        Raises:
            InvalidInput: no e-mail address, or too short a password.
            Conflict: the address is taken.
        """
        address = _address(email)
        row = StaffRow(
            id=f"staff_{secrets.token_hex(8)}",
            email=address,
            name=name.strip() or address,
            password_hash=await _hash(password),
            is_active=True,
            created_at=now,
        )
        try:
            async with self._database.begin() as session:
                session.add(row)
        except IntegrityError as error:
            raise Conflict(
                f"{address} is a staff member already.", remedy="Use `heidi staff password`."
            ) from error
        return StaffMember(staff_id=row.id, name=row.name)

    async def set_password(self, *, email: str, password: str) -> None:
        """Replace someone's password.

        Raises:
            NotFound: nobody has this address.
        """
        hashed = await _hash(password)
        async with self._database.begin() as session:
            row = await self._by_email(session, email)
            if row is None:
                raise NotFound(f"No staff member has the address {email}.")
            row.password_hash = hashed

    async def verify(self, *, email: str, password: str) -> StaffMember | None:
        """The staff member, if address and password fit and the account is active."""
        async with self._database.begin() as session:
            row = await self._by_email(session, email.replace("\x00", ""))
        stored = row.password_hash if row else await asyncio.to_thread(_unknown_hash)
        fits = await asyncio.to_thread(_fits, stored, password)
        if row is None or not fits or not row.is_active:
            return None
        return StaffMember(staff_id=row.id, name=row.name)

    async def get(self, staff_id: str) -> StaffMember | None:
        """The active staff member of this id."""
        async with self._database.begin() as session:
            row = await session.get(StaffRow, staff_id)
        return StaffMember(staff_id=row.id, name=row.name) if row and row.is_active else None

    async def stamp(self, staff_id: str) -> str:
        """What changes with the password and tells nothing of it; empty for nobody."""
        async with self._database.begin() as session:
            row = await session.get(StaffRow, staff_id)
        return hashlib.sha256(row.password_hash.encode()).hexdigest() if row else ""

    async def all(self) -> list[tuple[str, str]]:
        """Address and name of everyone."""
        async with self._database.begin() as session:
            rows = (await session.scalars(select(StaffRow).order_by(StaffRow.email))).all()
        return [(row.email, row.name) for row in rows]

    @staticmethod
    async def _by_email(session: AsyncSession, email: str) -> StaffRow | None:
        query = select(StaffRow).where(StaffRow.email == email.strip().lower())
        return (await session.scalars(query)).one_or_none()


def _address(email: str) -> str:
    address = email.strip().lower()
    name, at, host = address.partition("@")
    is_plain = address.isprintable() and " " not in address
    if not (name and at and host and is_plain) or len(address) > 254:
        raise InvalidInput(f"{email!r} is no e-mail address.", field="email")
    return address


async def _hash(password: str) -> str:
    if len(password) < MIN_PASSWORD_CHARACTERS:
        raise InvalidInput(
            f"A password needs at least {MIN_PASSWORD_CHARACTERS} characters.", field="password"
        )
    return await asyncio.to_thread(_hasher().hash, password)


def _fits(stored: str, password: str) -> bool:
    try:
        return _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
