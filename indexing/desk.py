"""Owns what the commands of `heidi index` share: the desk they work at, bars and errors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import typer
from filelock import AsyncFileLock
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
from sqlalchemy.ext.asyncio import AsyncEngine

from indexing.briefings import Briefing
from indexing.database import open_engine
from indexing.embedding import Embedder
from indexing.errors import IndexBusy, IndexingError, ManifestMismatch
from indexing.repository import SqlBriefings, UpsertReport
from indexing.settings import IndexingSettings
from indexing.tables import create_missing_tables

if TYPE_CHECKING:
    from indexing.pipeline import IndexingProgress

Prepare = Callable[[IndexingSettings], Awaitable[None]]
"""Makes the tables ready, before a command touches the database."""


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

        with progress(self.console, "Indexing") as listener:
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

        with progress(self.console, "Rebuilding") as listener:
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


@dataclass(frozen=True, kw_only=True)
class Office:
    """What every command needs to get to its desk."""

    prepare: Prepare
    """Makes the tables ready."""
    load_settings: Callable[[], IndexingSettings]
    """Reads the settings."""
    make_embedder: Callable[[IndexingSettings], Embedder]
    """Makes the embedder; it should load its model late."""

    def run(self, work: Callable[[Desk], Awaitable[None]]) -> None:
        """Do something at the desk; expected failures end the command with one line."""

        async def at_desk(desk: Desk, _: AsyncEngine) -> None:
            await work(desk)

        self.run_on_database(at_desk)

    def run_on_database(self, work: Callable[[Desk, AsyncEngine], Awaitable[None]]) -> None:
        """Do something that needs the database itself."""
        with one_line_errors():
            asyncio.run(self._at_desk(work))

    async def _at_desk(self, work: Callable[[Desk, AsyncEngine], Awaitable[None]]) -> None:
        settings = self.load_settings()
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        # Two commands at the first start would both create the tables.
        async with AsyncFileLock(settings.data_dir / "prepare.lock"):
            await self.prepare(settings)
        engine = open_engine(settings.database)
        try:
            await work(
                Desk(
                    settings=settings,
                    embedder=self.make_embedder(settings),
                    repository=SqlBriefings(engine),
                    console=Console(),
                ),
                engine,
            )
        finally:
            await engine.dispose()


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Expected failures end the command with one line and exit code 2."""
    try:
        yield
    except IndexingError as error:
        fail(str(error))
    except ValidationError as error:
        first = error.errors()[0]
        fail(f"HEIDI_{'_'.join(map(str, first['loc'])).upper()}: {first['msg']}")
    except OSError as error:
        fail(f"{error.filename or 'the data folder'}: {error.strerror or error}")


def fail(message: str) -> NoReturn:
    """End the command with one line and exit code 2."""
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
def progress(console: Console, label: str) -> Iterator[_Listener]:
    """A bar that moves as a job reports."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        yield _Listener(bar, bar.add_task(label, total=None))
