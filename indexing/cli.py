"""Owns the command `heidi index`: adding briefings and keeping the index in order.

The tables are prepared by whoever mounts the command: `build_index_app(prepare=…)` takes the
migrations; alone it creates the tables that are missing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from sqlalchemy.ext.asyncio import AsyncEngine

from indexing.briefings import Briefing
from indexing.curation_store import SqlCuration
from indexing.desk import Desk, Office, Prepare, create_tables, fail
from indexing.drafts import CurationDesk
from indexing.drafts_cli import build_drafts_app
from indexing.embedding import Embedder, embedder_for
from indexing.errors import IndexBusy, PostInvalid
from indexing.feeds_cli import build_feeds_app
from indexing.files import demo_folder, read_briefing_file, read_briefing_folder
from indexing.posts import Post, read_posts, unique_posts
from indexing.settings import IndexingSettings

__all__ = ["Desk", "build_index_app", "index_app"]

_SHOWN_COMPLAINTS = 20

Folder = Annotated[
    Path | None, typer.Argument(help="A briefing (.md), or a folder of them.", show_default=False)
]
Posts = Annotated[
    Path | None,
    typer.Option("--jsonl", help="A file of posts, one JSON object per line, to write from."),
]
Demo = Annotated[bool, typer.Option("--demo", help="The briefings that come with Heidi.")]
BriefingId = Annotated[str, typer.Argument(help="Id of the briefing.", show_default=False)]


def build_index_app(
    *,
    prepare: Prepare = create_tables,
    load_settings: Callable[[], IndexingSettings] = IndexingSettings,
    make_embedder: Callable[[IndexingSettings], Embedder] = embedder_for,
) -> typer.Typer:
    """The command `index`.

    Args:
        prepare: Makes the tables ready.
        load_settings: Reads the settings.
        make_embedder: Makes the embedder; it should load its model late.
    """
    office = Office(prepare=prepare, load_settings=load_settings, make_embedder=make_embedder)
    commands = _Commands(office=office)
    app = typer.Typer(help="What Heidi knows: briefings and their index.", no_args_is_help=True)
    for command in (
        commands.add,
        commands.status,
        commands.rebuild,
        commands.withdraw,
        commands.publish,
    ):
        app.command()(command)
    app.add_typer(build_feeds_app(office), name="feeds")
    app.add_typer(build_drafts_app(office), name="drafts")
    return app


@dataclass(frozen=True, kw_only=True)
class _Commands:
    """The subcommands; their docstrings are what `--help` shows."""

    office: Office

    def add(self, path: Folder = None, jsonl: Posts = None, demo: Demo = False) -> None:
        """Add or update briefings, then index what is new or changed."""
        if path is None and jsonl is None and not demo:
            fail("nothing to add: name a briefing or a folder of briefings, --jsonl or --demo")

        async def work(desk: Desk) -> None:
            await desk.add(_gathered(desk, path, jsonl, is_demo=demo))

        self.office.run(work)

    def status(self) -> None:
        """Show what is published, indexed and pending, and how many drafts wait."""
        self.office.run_on_database(_show_status)

    def rebuild(self) -> None:
        """Throw the index away and embed every published briefing again."""
        self.office.run(_rebuild)

    def withdraw(self, briefing_id: BriefingId) -> None:
        """Take a briefing off the site and out of the answers."""

        async def work(desk: Desk, engine: AsyncEngine) -> None:
            await CurationDesk(curation=SqlCuration(engine)).withdraw(briefing_id)
            await desk.index_pending()

        self.office.run_on_database(work)

    def publish(self, briefing_id: BriefingId) -> None:
        """Put a draft or a withdrawn briefing on the site and into the answers."""

        async def work(desk: Desk, engine: AsyncEngine) -> None:
            await CurationDesk(curation=SqlCuration(engine)).restore(briefing_id)
            await desk.index_pending()

        self.office.run_on_database(work)


def _gathered(
    desk: Desk, path: Path | None, jsonl: Path | None, *, is_demo: bool
) -> list[Briefing]:
    """The briefings that the command's arguments name, all of them or an error."""
    briefings: list[Briefing] = []
    if is_demo:
        briefings += read_briefing_folder(demo_folder())
    if path is not None:
        briefings += [read_briefing_file(path)] if path.is_file() else read_briefing_folder(path)
    if jsonl is not None:
        briefings += _written(desk, jsonl)
    return briefings


def _written(desk: Desk, jsonl: Path) -> list[Briefing]:
    """Briefings from a file of posts; lines that are no posts are reported and left out."""
    from indexing.writing import PostUnusable, write_briefings

    posts: list[Post] = []
    complaints: list[str] = []
    for item in read_posts(jsonl):
        if isinstance(item, Post):
            posts.append(item)
        else:
            complaints.append(f"line {item.line}: {item.reason}")
    unique = unique_posts(posts)
    briefings: list[Briefing] = []
    with desk.console.status(f"Writing briefings from {len(unique)} posts"):
        for written in write_briefings(unique, desk.embedder, words=desk.settings.briefing_words):
            if isinstance(written, PostUnusable):
                complaints.append(f"post {written.post.id}: {written.reason}")
            else:
                briefings.append(written)
    _report_complaints(jsonl, complaints, repeated=len(posts) - len(unique))
    if not briefings:
        raise PostInvalid(jsonl, 0, "holds no post that a briefing can be written from")
    return briefings


def _report_complaints(jsonl: Path, complaints: Sequence[str], *, repeated: int) -> None:
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    if repeated:
        errors.print(f"{jsonl}: {repeated} posts are repeated and left out")
    if complaints:
        errors.print(f"{jsonl}: {len(complaints)} left out")
    for complaint in complaints[:_SHOWN_COMPLAINTS]:
        errors.print(f"  {complaint}", markup=False)
    if len(complaints) > _SHOWN_COMPLAINTS:
        errors.print(f"  and {len(complaints) - _SHOWN_COMPLAINTS} more")


async def _show_status(desk: Desk, engine: AsyncEngine) -> None:
    chunks = await desk.repository.indexed_chunks()
    rows = (
        ("Published", await desk.repository.published_count()),
        ("Indexed", len(chunks)),
        ("Chunks", sum(chunks.values())),
        ("Pending", await desk.repository.pending_count()),
        ("Drafts", await SqlCuration(engine).draft_count()),
        ("Model", desk.embedder.model_id),
    )
    for name, value in rows:
        desk.console.print(f"{name:<10}{value}", highlight=False)
    for category, count in (await desk.repository.counts_by_category()).items():
        desk.console.print(f"  {category:<12}{count:>5}", highlight=False)


async def _rebuild(desk: Desk) -> None:
    try:
        await desk.rebuild()
    except IndexBusy as error:
        fail(f"{error}; stop the server, then run `heidi index rebuild` again")


index_app = build_index_app()
"""The command on its own, which creates the tables that are missing."""
