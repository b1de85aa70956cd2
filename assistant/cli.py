"""Owns the command `heidi`: serve, demo, migrate, staff, conversations, index."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console

from assistant.conversations_cli import build_conversations_app
from assistant.core.errors import HeidiError
from assistant.settings import Settings
from indexing.cli import build_index_app
from indexing.embedding import Embedder
from indexing.errors import IndexingError
from indexing.settings import IndexingSettings

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
staff_app = typer.Typer(help="Who may use the review console.", no_args_is_help=True)
app.add_typer(staff_app, name="staff")


async def _prepare_index(settings: IndexingSettings) -> None:
    """The index command works on the same migrated database."""
    from assistant.store.database import Database

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database)
    try:
        await _migrate(database)
    finally:
        await database.close()


app.add_typer(
    build_index_app(prepare=_prepare_index, load_settings=lambda: _settings()), name="index"
)

app.add_typer(
    build_conversations_app(
        lambda work: _run(_with_database(_settings(), work)), Console(stderr=True)
    ),
    name="conversations",
)

_Result = TypeVar("_Result")

console = Console()
errors = Console(stderr=True)

Host = Annotated[
    str | None, typer.Option(help="Address to listen on; else HEIDI_HOST, else 127.0.0.1.")
]
Port = Annotated[
    int | None,
    typer.Option(help="Port to listen on; else HEIDI_PORT, else 8000.", min=1, max=65535),
]
Email = Annotated[str, typer.Argument(help="E-mail address, with which they sign in.")]
Password = Annotated[
    str | None, typer.Option(help="At least 10 characters; asked for if left out.")
]


def _show_version(is_asked: bool) -> None:
    if is_asked:
        console.print(f"heidi {version('heidi')}", highlight=False)
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", is_eager=True, callback=_show_version
        ),
    ] = False,
) -> None:
    """Heidi: a retrieval-augmented chat assistant for a news site."""


@app.command()
def serve(host: Host = None, port: Port = None) -> None:
    """Serve the API, the bubble, the console and the site."""
    settings = _settings(host=host, port=port)
    _check_port(settings)
    _run(_with_database(settings))
    _serve(settings)


@app.command()
def demo(host: Host = None, port: Port = None) -> None:
    """Set up the demo in the data folder and serve it: no key, no other server needed."""
    from assistant.demo import DEMO_STAFF, set_up_demo
    from indexing.embedding import embedder_for

    settings = _settings(host=host, port=port, demo=True)
    _check_port(settings)
    from assistant.logs import set_up_logging

    set_up_logging(settings.log_format)
    embedder = embedder_for(settings)
    password = _run(set_up_demo(settings, embedder, console))
    console.print(f"\nThe demo site: [bold]{settings.public_url}[/]  (the bubble is Heidi)")
    console.print(
        f"The staff console: {settings.public_url}/review  {DEMO_STAFF} / {password}\n",
        soft_wrap=True,
    )
    _serve(settings, embedder)


@app.command()
def migrate() -> None:
    """Bring the database to this version's schema."""
    settings = _settings()
    _run(_with_database(settings))
    console.print("The database is up to date.")


@staff_app.command("add")
def staff_add(
    email: Email,
    name: Annotated[str, typer.Option(help="Shown to visitors when this person speaks.")] = "",
    password: Password = None,
) -> None:
    """Let someone use the review console."""
    chosen = _password(password)
    from assistant.heidi import utc_now
    from assistant.store.staff import Staff

    async def add(database: Any) -> None:  # noqa: ANN401 - imported late
        await Staff(database).add(email=email, name=name, password=chosen, now=utc_now())

    _run(_with_database(_settings(), add))
    console.print(f"{email} can sign in at /review.", markup=False)


@staff_app.command("password")
def staff_password(email: Email, password: Password = None) -> None:
    """Replace someone's password."""
    chosen = _password(password)
    from assistant.store.staff import Staff

    _run(
        _with_database(
            _settings(),
            lambda database: Staff(database).set_password(email=email, password=chosen),
        )
    )
    console.print(f"{email} has a new password.", markup=False)


@staff_app.command("list")
def staff_list() -> None:
    """Show who may use the review console."""
    from assistant.store.staff import Staff

    async def show(database: Any) -> None:  # noqa: ANN401 - imported late
        members = await Staff(database).all()
        for email, name in members:
            console.print(f"{email}\t{name}", markup=False, soft_wrap=True)
        if not members:
            errors.print("Nobody yet. Add someone with: heidi staff add you@example.com")

    _run(_with_database(_settings(), show))


@staff_app.command("questions")
def staff_questions(
    output: Annotated[
        Path | None, typer.Option(help="File to write; without it, standard output.")
    ] = None,
) -> None:
    """Write the questions that staff made of answers, for `heidi-eval run --questions`."""
    from assistant.core.question_lines import SavedQuestion, question_set_lines
    from assistant.store.saved_questions import SavedQuestions

    kept: list[SavedQuestion] = []

    async def read(database: Any) -> None:  # noqa: ANN401 - imported late
        kept.extend(await SavedQuestions(database).all())

    _run(_with_database(_settings(), read))
    if not kept:
        errors.print("No questions yet: make some of answers in the console, /review.")
    lines = question_set_lines(kept)
    if output is None:
        sys.stdout.write(lines)
        return
    try:
        output.write_text(lines, encoding="utf-8")
    except OSError as error:
        _say_error(f"{output} can't be written ({error.strerror}). Choose another --output.")
        raise typer.Exit(2) from error
    errors.print(f"{len(kept)} questions written to {output}.", markup=False, soft_wrap=True)


def main() -> None:
    """The command; expected failures are one line on standard error and exit code 2."""
    try:
        code = app(prog_name="heidi", standalone_mode=False)
    except (HeidiError, IndexingError) as error:
        remedy = getattr(error, "remedy", "")
        _say_error(f"{error} {remedy}")
        code = 2
    except typer.Abort:
        errors.print("Stopped.")
        code = 1
    except Exception as error:
        # Typer carries its own copy of click, whose errors it does not export.
        if not hasattr(error, "format_message"):
            raise
        code = _say_usage(error.format_message(), getattr(error, "ctx", None))
    sys.exit(code if isinstance(code, int) else 0)


def _say_usage(message: str, context: typer.Context | None) -> int:
    """What is wrong with the arguments; nothing where a command is left out: the help is shown."""
    command = context.command_path if context else "heidi"
    if message:
        _say_error(f"{message.rstrip('.')}. See {command} --help.")
    return 2


def _password(given: str | None) -> str:
    """The password given, or else asked for, twice, without showing it."""
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise typer.BadParameter("give one, or run this in a terminal", param_hint="--password")
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _say_error(message: str) -> None:
    """One line on standard error, whatever is in it."""
    line = " ".join(message.split())
    errors.print(f"heidi: {line}", style="red", markup=False, highlight=False, soft_wrap=True)


def _settings(**overrides: object) -> Settings:
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        variable = name if name.startswith(("OPENAI", "AZURE")) else f"HEIDI_{name}"
        _say_error(f"{variable}: {first['msg']}")
        raise typer.Exit(2) from error


def _run(work: Coroutine[Any, Any, _Result]) -> _Result:
    return asyncio.run(work)


async def _nothing(_database: object) -> None:
    """For who wants a database of this version and no more."""


async def _with_database(
    settings: Settings, work: Callable[[Any], Awaitable[None]] = _nothing
) -> None:
    """Do the work on the database, which is brought to this version's schema before."""
    from sqlalchemy.exc import SQLAlchemyError

    from assistant.store.database import Database

    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        database = Database(settings.database)
        try:
            if database.is_sqlite and database.engine.url.database:
                Path(database.engine.url.database).parent.mkdir(parents=True, exist_ok=True)
            await _migrate(database)
            await work(database)
        finally:
            await database.close()
    except (OSError, SQLAlchemyError, ImportError) as error:
        _say_error(
            f"the database can't be used ({getattr(error, 'orig', None) or error}). "
            "Check HEIDI_DATABASE_URL and HEIDI_DATA_DIR, and that its server runs."
        )
        raise typer.Exit(2) from error


async def _migrate(database: Any) -> None:  # noqa: ANN401 - imported late
    from assistant.store.migrate import migrate as run_migrations

    await run_migrations(database)


def _check_port(settings: Settings) -> None:
    """Find out before the set-up, not after it, that the port is taken."""
    import socket

    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            _say_error(
                f"{settings.host}:{settings.port} can't be used ({error.strerror}). "
                "Stop what runs there, or choose another with --port (make run PORT=8001)."
            )
            raise typer.Exit(2) from error


def _serve(settings: Settings, embedder: Embedder | None = None) -> None:
    import uvicorn

    from assistant.app import create_app
    from assistant.logs import set_up_logging

    set_up_logging(settings.log_format)
    uvicorn.run(
        create_app(settings, embedder=embedder),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        # Never serve what could not start.
        lifespan="on",
        # Its errors go the way of ours.
        log_config=None,
        timeout_graceful_shutdown=max(1, round(settings.shutdown_grace_s)),
        server_header=False,
        # Whom to believe about addresses is a setting of ours (HEIDI_TRUSTED_PROXIES).
        proxy_headers=False,
    )
