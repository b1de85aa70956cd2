"""Staff accounts and their passwords."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from assistant.core.errors import Conflict, InvalidInput, NotFound
from assistant.store.database import Database
from assistant.store.staff import Staff, StaffRow

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture
def staff(database: Database) -> Staff:
    return Staff(database)


async def add(staff: Staff, email: str = "Mira@Example.org", **changes: str):
    return await staff.add(
        **{"email": email, "name": "Mira", "password": PASSWORD, "now": NOW, **changes}
    )


async def test_address_in_any_case_and_password_fit(staff: Staff):
    member = await add(staff)

    assert await staff.verify(email=" mira@example.ORG ", password=PASSWORD) == member
    assert await staff.get(member.staff_id) == member
    assert await staff.all() == [("mira@example.org", "Mira")]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("mira@example.org", "wrong password"),
        ("mira@example.org", ""),
        ("nobody@example.org", PASSWORD),
        ("", PASSWORD),
        ("mira@example.org\x00", "wrong password"),
        ("%", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
        ("mira@example.org", PASSWORD.upper()),
        ("mira@example.org", PASSWORD + " "),
    ],
)
async def test_anything_else_does_not(staff: Staff, email, password):
    await add(staff)

    assert await staff.verify(email=email, password=password) is None


async def test_the_password_itself_is_kept_nowhere(staff: Staff, database: Database):
    await add(staff)

    async with database.begin() as session:
        row = (await session.scalars(select(StaffRow))).one()

    assert row.password_hash.startswith("$argon2id$")
    assert PASSWORD not in str(vars(row))


async def test_a_new_password_replaces_the_old_one(staff: Staff):
    member = await add(staff)
    await staff.set_password(email="mira@example.org", password="another long one")

    assert await staff.verify(email="mira@example.org", password=PASSWORD) is None
    assert await staff.verify(email="mira@example.org", password="another long one") == member


async def test_whoever_is_no_longer_active_is_nobody(staff: Staff, database: Database):
    member = await add(staff)
    async with database.begin() as session:
        await session.execute(update(StaffRow).values(is_active=False))

    assert await staff.verify(email="mira@example.org", password=PASSWORD) is None
    assert await staff.get(member.staff_id) is None


async def test_an_address_is_added_once(staff: Staff):
    await add(staff)

    with pytest.raises(Conflict, match=r"mira@example\.org is a staff member already"):
        await add(staff, "MIRA@example.org")


@pytest.mark.parametrize(
    "email",
    [
        "",
        "mira",
        "@example.org",
        "mira@",
        "a b@example.org",
        "a\x00@b.org",
        "a@b\nc",
        "x" * 250 + "@b.org",
    ],
)
async def test_what_is_no_address_is_refused(staff: Staff, email):
    with pytest.raises(InvalidInput) as caught:
        await add(staff, email)

    assert caught.value.field == "email"


async def test_a_short_password_is_refused(staff: Staff):
    with pytest.raises(InvalidInput, match="at least 10 characters"):
        await add(staff, password="123456789")
    await add(staff)
    with pytest.raises(InvalidInput, match="at least 10 characters"):
        await staff.set_password(email="mira@example.org", password="")


async def test_nobody_gets_no_password(staff: Staff):
    with pytest.raises(NotFound, match=r"nobody@example\.org"):
        await staff.set_password(email="nobody@example.org", password=PASSWORD)


async def test_someone_without_a_name_is_called_by_the_address(staff: Staff):
    assert (await add(staff, name="  ")).name == "mira@example.org"
