"""Owns the command `heidi conversations`: what is kept of somebody, to copy and to delete."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from assistant.store.erasure import Erasure, Whose

WithDatabase = Callable[[Callable[[Any], Awaitable[None]]], None]
"""Does work on the database that the settings name."""

Customer = Annotated[str | None, typer.Option(help="Your id of a customer, as tokens name it.")]
Visitor = Annotated[str | None, typer.Option(help="Id of a visitor, as the console shows it.")]
Conversation = Annotated[str | None, typer.Option(help="Id of one conversation.")]


def build_conversations_app(with_database: WithDatabase, errors: Console) -> typer.Typer:
    """The commands `export` and `delete`.

    Args:
        with_database: opens the database and does work on it.
        errors: where people are told what was done.
    """
    app = typer.Typer(help="Copy or delete what visitors said.", no_args_is_help=True)

    @app.command("export")
    def export(
        customer: Customer = None,
        visitor: Visitor = None,
        conversation: Conversation = None,
        output: Annotated[
            Path | None, typer.Option(help="File to write; without it, standard output.")
        ] = None,
    ) -> None:
        """Write everything that is kept of somebody's conversations, as JSON."""
        whose = _whose(customer, visitor, conversation)
        copies: list[dict[str, Any]] = []

        async def read(database: Any) -> None:  # noqa: ANN401 - imported late
            erasure = _erasure(database)
            copies.extend([await erasure.copy(each) for each in await erasure.find(whose)])

        with_database(read)
        _write(json.dumps(copies, ensure_ascii=False, indent=2, default=_as_json), output)
        errors.print(f"{_counted(len(copies))} copied.", highlight=False)

    @app.command("delete")
    def delete(
        customer: Customer = None,
        visitor: Visitor = None,
        conversation: Conversation = None,
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    ) -> None:
        """Delete somebody's conversations with everything that belongs to them, for good."""
        whose = _whose(customer, visitor, conversation)
        with_database(lambda database: _delete(_erasure(database), whose, yes, errors))

    return app


async def _delete(erasure: Erasure, whose: Whose, is_sure: bool, errors: Console) -> None:
    from assistant.heidi import utc_now

    ids = await erasure.find(whose)
    if ids and not is_sure:
        _ask(len(ids))
    erased = await erasure.erase(ids, "request", utc_now())
    errors.print(f"{_counted(erased.conversations)} deleted.", highlight=False)
    if erased.question_ids:
        errors.print(
            "Questions that staff made of them for the evaluation stay; see in /review/questions "
            f"whether they say too much: {', '.join(erased.question_ids)}",
            highlight=False,
            soft_wrap=True,
        )


def _whose(customer: str | None, visitor: str | None, conversation: str | None) -> Whose:
    from assistant.store.erasure import Whose

    if not (customer or visitor or conversation):
        raise typer.BadParameter("say whose: --customer, --visitor or --conversation")
    return Whose(
        customer_id=customer or None,
        visitor_id=visitor or None,
        conversation_id=conversation or None,
    )


def _erasure(database: Any) -> Erasure:  # noqa: ANN401 - imported late
    from assistant.store.erasure import Erasure
    from assistant.store.event_log import EventLog
    from assistant.streaming.notifier import InProcessNotifier

    return Erasure(database, EventLog(database, InProcessNotifier()))


def _ask(count: int) -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter("needs --yes where nobody can be asked", param_hint="--yes")
    typer.confirm(f"Delete {_counted(count)} for good?", abort=True)


def _counted(count: int) -> str:
    return f"{count} conversation{'s' if count != 1 else ''}"


def _as_json(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        sys.stdout.write(f"{text}\n")
        return
    try:
        # Readable by its owner only, also where it takes an older file's place: it is somebody's.
        output.touch(mode=0o600)
        if output.is_file():
            output.chmod(0o600)
        output.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(
            f"{output} can't be written ({error.strerror})", param_hint="--output"
        ) from error
