"""Owns the command `heidi index`: adding briefings and keeping the index in order.

The tables are prepared by whoever mounts the command: `build_index_app(prepare=…)` takes the
migrations; alone it creates the tables that are missing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from indexing.briefings import Briefing
from indexing.database import open_engine
from indexing.embedding import Embedder, embedder_for
from indexing.errors import IndexBusy, IndexingError, ManifestMismatch, PostInvalid
from indexing.files import demo_folder, read_briefing_file, read_briefing_folder
from indexing.posts import Post, read_posts, unique_posts
from indexing.repository import SqlBriefings, UpsertReport
from indexing.settings import IndexingSettings
from indexing.tables import create_missing_tables

if TYPE_CHECKING:
    from indexing.pipeline import IndexingProgress

Prepare = Callable[[IndexingSettings], Awaitable[None]]
"""Makes the tables ready, before a command touches the database."""

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


async def create_tables(settings: IndexingSettings) -> None:
    """Create the tables of briefings that are missing."""
    engine = open_engine(settings.database)
    try:
        await create_missing_tables(engine)
    finally:
        await engine.dispose()


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a command works with."""

    settings: IndexingSettings
    embedder: Embedder
    repository: SqlBriefings
    console: Console

    async def add(self, briefings: Sequence[Briefing]) -> UpsertReport:
        """Keep briefings and have them indexed."""
        report = await self.repository.upsert(briefings)
        self.console.print(
            f"{report.added} briefings added, {report.changed} changed, "
            f"{report.unchanged} unchanged."
        )
        await self.index_pending()
        return report

    async def index_pending(self) -> None:
        """Index what is pending: here, or wait for the server that owns the index to do it."""
        from indexing.index import BriefingIndex
        from indexing.pipeline import IndexingJob, wait_until_indexed

        with _progress(self.console, "Indexing") as listener:
            try:
                index = await BriefingIndex.open(self.settings, self.embedder)
            except IndexBusy:
                self.console.print("The running server indexes them.")
                await wait_until_indexed(self.repository, listener.hear)
                return
            try:
                report = await IndexingJob(self.repository, index, self.embedder).run(listener.hear)
            finally:
                await index.close()
        self.console.print(
            f"{report.indexed} briefings indexed in {report.chunks} chunks, {report.removed} "
            f"removed, {report.unchanged} unchanged, in {report.seconds:.1f} s."
        )

    async def rebuild(self) -> None:
        """Throw the index away and index every published briefing again.

        Raises:
            IndexBusy: A server owns the index.
        """
        from indexing.pipeline import rebuild

        with _progress(self.console, "Rebuilding") as listener:
            report = await rebuild(self.settings, self.repository, self.embedder, listener.hear)
        self.console.print(
            f"{report.indexed} briefings indexed in {report.chunks} chunks in "
            f"{report.seconds:.1f} s."
        )

    async def rebuild_if_outdated(self) -> None:
        """Index everything again if the index was built by another model or chunking."""
        from indexing.index import BriefingIndex

        try:
            index = await BriefingIndex.open(self.settings, self.embedder)
        except ManifestMismatch:
            self.console.print("The index was built by another model: building it again.")
            await self.rebuild()
        except IndexBusy:
            return
        else:
            await index.close()


async def add_briefings(
    settings: IndexingSettings,
    briefings: Sequence[Briefing],
    *,
    embedder: Embedder | None = None,
    console: Console | None = None,
) -> UpsertReport:
    """Keep briefings and index them, with a progress bar; the tables must be there.

    Args:
        settings: Where everything is kept.
        briefings: The briefings.
        embedder: Makes the vectors; none: as the settings say.
        console: Where to report; none: standard output.

    Raises:
        ManifestMismatch: The index was built by another model.
    """
    engine = open_engine(settings.database)
    try:
        desk = Desk(
            settings=settings,
            embedder=embedder or embedder_for(settings),
            repository=SqlBriefings(engine),
            console=console or Console(),
        )
        return await desk.add(briefings)
    finally:
        await engine.dispose()


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
    commands = _Commands(prepare=prepare, load_settings=load_settings, make_embedder=make_embedder)
    app = typer.Typer(help="What Heidi knows: briefings and their index.", no_args_is_help=True)
    for command in (
        commands.add,
        commands.status,
        commands.rebuild,
        commands.withdraw,
        commands.publish,
    ):
        app.command()(command)
    return app


@dataclass(frozen=True, kw_only=True)
class _Commands:
    """The subcommands; their docstrings are what `--help` shows."""

    prepare: Prepare
    load_settings: Callable[[], IndexingSettings]
    make_embedder: Callable[[IndexingSettings], Embedder]

    def add(self, path: Folder = None, jsonl: Posts = None, demo: Demo = False) -> None:
        """Add or update briefings, then index what is new or changed."""
        if path is None and jsonl is None and not demo:
            _fail("nothing to add: name a briefing or a folder of briefings, --jsonl or --demo")

        async def work(desk: Desk) -> None:
            await desk.add(_gathered(desk, path, jsonl, is_demo=demo))

        self._run(work)

    def status(self) -> None:
        """Show what is published, indexed and pending."""
        self._run(_show_status)

    def rebuild(self) -> None:
        """Throw the index away and embed every published briefing again."""
        self._run(_rebuild)

    def withdraw(self, briefing_id: BriefingId) -> None:
        """Take a briefing off the site and out of the answers."""

        async def work(desk: Desk) -> None:
            await desk.repository.withdraw(briefing_id)
            await desk.index_pending()

        self._run(work)

    def publish(self, briefing_id: BriefingId) -> None:
        """Put a draft or a withdrawn briefing on the site and into the answers."""

        async def work(desk: Desk) -> None:
            await desk.repository.publish(briefing_id)
            await desk.index_pending()

        self._run(work)

    def _run(self, work: Callable[[Desk], Awaitable[None]]) -> None:
        with _one_line_errors():
            asyncio.run(self._at_desk(work))

    async def _at_desk(self, work: Callable[[Desk], Awaitable[None]]) -> None:
        settings = self.load_settings()
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        await self.prepare(settings)
        engine = open_engine(settings.database)
        try:
            await work(
                Desk(
                    settings=settings,
                    embedder=self.make_embedder(settings),
                    repository=SqlBriefings(engine),
                    console=Console(),
                )
            )
        finally:
            await engine.dispose()


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


async def _show_status(desk: Desk) -> None:
    chunks = await desk.repository.indexed_chunks()
    rows = (
        ("Published", await desk.repository.published_count()),
        ("Indexed", len(chunks)),
        ("Chunks", sum(chunks.values())),
        ("Pending", await desk.repository.pending_count()),
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
        _fail(f"{error}; stop the server, then run `heidi index rebuild` again")


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """Expected failures end the command with one line and exit code 2."""
    try:
        yield
    except IndexingError as error:
        _fail(str(error))
    except ValidationError as error:
        first = error.errors()[0]
        _fail(f"HEIDI_{'_'.join(map(str, first['loc'])).upper()}: {first['msg']}")
    except OSError as error:
        _fail(f"{error.filename or 'the data folder'}: {error.strerror or error}")


def _fail(message: str) -> NoReturn:
    typer.echo(f"heidi index: {' '.join(message.split())}", err=True)
    raise typer.Exit(2)


@dataclass(frozen=True)
class _Listener:
    """Moves a bar as a job reports."""

    bar: Progress
    task: TaskID

    def hear(self, progress: IndexingProgress) -> None:
        self.bar.update(self.task, completed=progress.done, total=progress.total)


@contextmanager
def _progress(console: Console, label: str) -> Iterator[_Listener]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        yield _Listener(bar, bar.add_task(label, total=None))


index_app = build_index_app()
"""The command on its own, which creates the tables that are missing."""
