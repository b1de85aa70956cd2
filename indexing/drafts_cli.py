"""Owns the command `heidi index drafts`: deciding what becomes of drafts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncEngine

from indexing.briefings import Briefing
from indexing.curation_store import SqlCuration
from indexing.desk import Desk, Office, fail
from indexing.drafts import CurationDesk
from indexing.errors import BriefingFileInvalid
from indexing.files import briefing_file_text, read_briefing_file
from indexing.story_store import revised_id

DraftIds = Annotated[list[str] | None, typer.Argument(help="Ids of drafts.", show_default=False)]
All = Annotated[bool, typer.Option("--all", help="Every draft there is.")]
DraftId = Annotated[str, typer.Argument(help="Id of the draft.", show_default=False)]
Edited = Annotated[Path, typer.Argument(help="The edited file.", show_default=False)]
Into = Annotated[Path | None, typer.Option("--file", help="Write it to this file, to be edited.")]


def build_drafts_app(office: Office) -> typer.Typer:
    """The command `drafts`.

    Args:
        office: Where its desk is.
    """
    commands = _DraftCommands(office=office)
    app = typer.Typer(help="Drafts: read, edit, publish or reject them.", no_args_is_help=True)
    app.command(name="list")(commands.show_all)
    for command in (commands.show, commands.publish, commands.reject, commands.edit):
        app.command()(command)
    return app


@dataclass(frozen=True, kw_only=True)
class _DraftCommands:
    """The subcommands; their docstrings are what `--help` shows."""

    office: Office

    def show_all(self) -> None:
        """List the drafts, newest first."""

        async def work(desk: Desk, curation: CurationDesk) -> None:
            drafts = await curation.drafts()
            if not drafts:
                desk.console.print("There are no drafts.")
                return
            for draft in drafts:
                line = _line(draft.briefing)
                desk.console.print(line, markup=False, highlight=False, soft_wrap=True)

        self._run(work)

    def show(self, draft_id: DraftId, file: Into = None) -> None:
        """Show a draft as the file that `edit` takes."""

        async def work(desk: Desk, curation: CurationDesk) -> None:
            draft = (await curation.draft(draft_id)).briefing
            text = briefing_file_text(draft)
            if file is None:
                desk.console.print(text, markup=False, highlight=False, soft_wrap=True)
                replaced = revised_id(draft.id)
                if replaced:
                    desk.console.print(f"It would replace {replaced}.", highlight=False)
                return
            file.write_text(text, encoding="utf-8")
            desk.console.print(f"Written to {file}; `heidi index drafts edit {draft.id} {file}`")

        self._run(work)

    def publish(self, draft_ids: DraftIds = None, every: All = False) -> None:
        """Publish drafts and index them."""

        async def work(desk: Desk, curation: CurationDesk) -> None:
            for draft_id in await _chosen(curation, draft_ids, is_every=every):
                published = await curation.publish(draft_id)
                desk.console.print(f"Published {published.id}: {published.title}", markup=False)
            await desk.index_pending()

        self._run(work)

    def reject(self, draft_ids: DraftIds = None, every: All = False) -> None:
        """Turn drafts down; their stories do not come back."""

        async def work(desk: Desk, curation: CurationDesk) -> None:
            for draft_id in await _chosen(curation, draft_ids, is_every=every):
                rejected = await curation.reject(draft_id)
                desk.console.print(f"Rejected {rejected.id}: {rejected.title}", markup=False)

        self._run(work)

    def edit(self, draft_id: DraftId, file: Edited) -> None:
        """Replace a draft by an edited file; `show --file` writes one to begin with."""

        async def work(desk: Desk, curation: CurationDesk) -> None:
            edited = read_briefing_file(file)
            if edited.id != draft_id:
                raise BriefingFileInvalid(file, f"id: is {edited.id!r}, not {draft_id!r}")
            await curation.draft(draft_id)
            changed = await curation.edit(draft_id, edited)
            desk.console.print(f"Changed {changed.id}: {changed.title}", markup=False)

        self._run(work)

    def _run(self, work: Callable[[Desk, CurationDesk], Awaitable[None]]) -> None:
        async def at_desk(desk: Desk, engine: AsyncEngine) -> None:
            await work(desk, CurationDesk(curation=SqlCuration(engine)))

        self.office.run_on_database(at_desk)


async def _chosen(
    curation: CurationDesk, draft_ids: list[str] | None, *, is_every: bool
) -> list[str]:
    """Ids that a command names, known ones all of them, before anything is done."""
    if bool(draft_ids) == is_every:
        fail("name drafts, or --all; `heidi index drafts list` shows them")
    if is_every:
        return [draft.briefing.id for draft in await curation.drafts()]
    chosen = list(dict.fromkeys(draft_ids or ()))
    for draft_id in chosen:
        await curation.draft(draft_id)
    return chosen


def _line(draft: Briefing) -> str:
    """A draft on one line, its id first."""
    names = ", ".join(dict.fromkeys(source.name for source in draft.sources))
    labels = f"{draft.date}  {draft.category:<9} {draft.sentiment:<8} {draft.words:>4} words"
    replaced = revised_id(draft.id)
    note = f"  (would replace {replaced})" if replaced else ""
    return f"{draft.id:<30} {labels}  {draft.title}  [{names}]{note}"
