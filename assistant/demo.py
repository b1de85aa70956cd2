"""Owns the set-up of the demo: tables, briefings, index, router and a staff member."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from assistant.agents.intent_classifier import IntentClassifier
from assistant.core.errors import Conflict
from assistant.settings import Settings
from assistant.store.database import Database
from assistant.store.migrate import migrate
from assistant.store.staff import Staff
from indexing.cli import Desk
from indexing.demo_newsroom import set_up_demo_newsroom
from indexing.embedding import Embedder
from indexing.files import demo_folder, read_briefing_folder
from indexing.repository import SqlBriefings

DEMO_STAFF = "staff@demo.example"


async def set_up_demo(settings: Settings, embedder: Embedder, console: Console) -> str:
    """Make everything ready that is not yet; takes about a second when nothing has changed.

    Args:
        settings: where the demo's data is.
        embedder: the embedding model; loaded only when something is to be embedded.
        console: where progress is shown.

    Returns:
        The password of the demo's staff member.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    try:
        await migrate(database)
        password = _kept_password(settings.data_dir / "demo-staff-password")
        await _let_in(Staff(database), password)
        await _index_briefings(settings, embedder, console, SqlBriefings(database.engine))
        await set_up_demo_newsroom(database.engine, settings, embedder, lambda: datetime.now(UTC))
    finally:
        await database.close()
    with console.status("Teaching Heidi to tell questions apart (the first time only)"):
        IntentClassifier.load_or_train(embedder, settings.router_folder)
    return password


async def _index_briefings(
    settings: Settings, embedder: Embedder, console: Console, briefings: SqlBriefings
) -> None:
    await briefings.upsert(read_briefing_folder(demo_folder()))
    desk = Desk(settings=settings, embedder=embedder, repository=briefings, console=console)
    # A folder of an older version is brought up to date; nobody else has the demo's index.
    await desk.rebuild_if_outdated()
    if await briefings.pending_count():
        await desk.index_pending()


async def _let_in(staff: Staff, password: str) -> None:
    try:
        await staff.add(
            email=DEMO_STAFF, name="Demo staff", password=password, now=datetime.now(UTC)
        )
    except Conflict:
        await staff.set_password(email=DEMO_STAFF, password=password)


def _kept_password(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9))
    return path.read_text()
