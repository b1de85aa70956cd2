"""Owns the command `heidi index feeds`: from publishers' feeds to drafts."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from indexing.desk import Desk, Office, fail
from indexing.errors import FeedUnreadable, FetchFailed, IndexingError
from indexing.feed_fetching import FeedOutcome, FeedResult
from indexing.feed_list import Feed, read_feed_file, seconds_of
from indexing.feed_rounds import (
    FeedRound,
    feed_client,
    now_in_utc,
    repeat,
    until_told_to_stop,
)
from indexing.feeds import ParsedFeed, parse_feed
from indexing.fetching import FEED_TYPES, FeedClient
from indexing.newsroom import WritingReport

_logger = logging.getLogger(__name__)
FeedFile = Annotated[
    Path | None,
    typer.Argument(
        help="The file that lists the feeds; else HEIDI_FEEDS_FILE, else feeds.toml in the data "
        "folder.",
        show_default=False,
    ),
]
Every = Annotated[str, typer.Option("--every", help="How often, such as 30m or 2h.")]


def build_feeds_app(office: Office) -> typer.Typer:
    """The command `feeds`.

    Args:
        office: Where its desk is.
    """
    commands = _FeedCommands(office=office)
    app = typer.Typer(
        help="Publishers' feeds: check them, fetch them, write drafts.", no_args_is_help=True
    )
    for command in (commands.check, commands.fetch, commands.watch):
        app.command()(command)
    return app


@dataclass(frozen=True, kw_only=True)
class _FeedCommands:
    """The subcommands; their docstrings are what `--help` shows."""

    office: Office

    def check(self, file: FeedFile = None) -> None:
        """Check the list of feeds and say what each gives; nothing is kept."""

        async def work(desk: Desk) -> None:
            feeds = read_feed_file(file or desk.settings.feed_list)
            table = Table("feed", "form", "items", "undated", "newest", "remarks", box=None)
            failures = 0
            async with feed_client(desk.settings) as client:
                for feed in feeds:
                    try:
                        parsed = await _looked_at(client, feed)
                    except (FetchFailed, FeedUnreadable) as error:
                        failures += 1
                        table.add_row(escape(feed.name), "", "", "", "", escape(error.reason))
                    else:
                        table.add_row(escape(feed.name), *_described(parsed))
            desk.console.print(table)
            if failures:
                fail(f"{failures} of {len(feeds)} feeds give nothing; see the remarks")

        self.office.run(work)

    def fetch(self, file: FeedFile = None) -> None:
        """Fetch all feeds once, write drafts of what is new, index what is published."""

        async def work(desk: Desk, engine: AsyncEngine) -> None:
            feeds = read_feed_file(file or desk.settings.feed_list)
            async with feed_client(desk.settings) as client:
                await _round(desk, engine, client, feeds)

        self.office.run_on_database(work)

    def watch(self, file: FeedFile = None, every: Every = "30m") -> None:
        """Fetch all feeds again and again, until SIGTERM or Ctrl-C."""
        try:
            every_s = seconds_of(every)
        except ValueError as error:
            fail(f"--every: {error}")

        async def work(desk: Desk, engine: AsyncEngine) -> None:
            path = file or desk.settings.feed_list
            read_feed_file(path)

            async def once() -> None:
                try:
                    async with feed_client(desk.settings) as client:
                        await _round(desk, engine, client, read_feed_file(path))
                except IndexingError as error:
                    typer.echo(f"heidi index: {error}; the next round tries again", err=True)
                except Exception:
                    _logger.exception("a round of feeds failed; the next one tries again")

            async with until_told_to_stop() as stopping:
                await repeat(once, every_s=every_s, stopping=stopping)
            desk.console.print("Stopped.")

        self.office.run_on_database(work)


async def _looked_at(client: FeedClient, feed: Feed) -> ParsedFeed:
    fetched = await client.get(feed.url, accept=FEED_TYPES)
    return parse_feed(
        fetched.content, url=fetched.url, now=now_in_utc(), content_type=fetched.content_type
    )


def _described(parsed: ParsedFeed) -> tuple[str, ...]:
    moments = [item.moment for item in parsed.items if item.moment]
    reasons = Counter(rejected.reason for rejected in parsed.rejected)
    reasons.update(item.date_problem for item in parsed.items if item.date_problem)
    reasons.update({"repeated": parsed.repeated} if parsed.repeated else {})
    remarks = ["not well-formed"] if parsed.is_repaired else []
    remarks += [] if parsed.items or parsed.rejected else ["has no entries"]
    remarks += [f"{reason} ({count})" for reason, count in reasons.most_common(3)]
    return (
        parsed.form,
        str(len(parsed.items)),
        str(len(parsed.items) - len(moments)),
        max(moments).date().isoformat() if moments else "",
        escape("; ".join(remarks)),
    )


async def _round(
    desk: Desk, engine: AsyncEngine, client: FeedClient, feeds: Sequence[Feed]
) -> None:
    """Fetch, write and index once, and say what came of it."""
    round_ = FeedRound(engine=engine, settings=desk.settings, embedder=desk.embedder, client=client)
    outcomes: list[FeedOutcome] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=desk.console) as bar:
        task = bar.add_task("Fetching", total=len(feeds))
        async for outcome in round_.fetch(feeds):
            outcomes.append(outcome)
            bar.advance(task)
    desk.console.print(_table(feeds, outcomes))
    with desk.console.status("Writing drafts"):
        report = await round_.write(feeds)
    if report is None:
        desk.console.print("Another process is writing the drafts.")
        return
    _show(desk.console, report)
    if report.published:
        await desk.index_pending()


def _table(feeds: Sequence[Feed], outcomes: Sequence[FeedOutcome]) -> Table:
    table = Table("feed", "result", "new", "changed", "known", "remarks", box=None)
    order = {feed.url: number for number, feed in enumerate(feeds)}
    for outcome in sorted(outcomes, key=lambda outcome: order[outcome.feed.url]):
        remarks = [outcome.problem] if outcome.problem else []
        remarks += [f"{reason} ({count})" for reason, count in outcome.left_out.most_common(3)]
        remarks += [f"has moved to {outcome.moved_to}"] if outcome.moved_to else []
        counts = ("", "", "")
        if outcome.result is FeedResult.READ:
            counts = (str(outcome.new), str(outcome.changed), str(outcome.known))
        table.add_row(
            escape(outcome.feed.name), outcome.result.value, *counts, escape("; ".join(remarks))
        )
    return table


def _show(console: Console, report: WritingReport) -> None:
    console.print(
        f"{len(report.drafted)} new drafts, {len(report.updated)} updated, "
        f"{len(report.revised)} revisions, {len(report.published)} published without a curator, "
        f"{report.merged} stories told by several publishers.",
        highlight=False,
        soft_wrap=True,
    )
    for unusable in report.unusable[:10]:
        console.print(f"  not written: {unusable.title}: {unusable.reason}", markup=False)
    if report.drafted or report.updated or report.revised:
        console.print("`heidi index drafts list` shows what waits for a decision.")
