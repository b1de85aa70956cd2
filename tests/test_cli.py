"""The command: what works, and expected failures in one line with exit code 2."""

from __future__ import annotations

import asyncio
import io
import json
import os
import socket
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pytest

from assistant import cli
from assistant.core.caller import StaffMember
from assistant.core.question_lines import SavedQuestion
from assistant.heidi import utc_now
from assistant.store.conversations import Conversations
from assistant.store.database import Database
from assistant.store.saved_questions import SavedQuestions
from assistant.store.staff import Staff
from eval.question_file import read_question_set
from eval.questions import Say
from tests.chat_store import conversation

PASSWORD = "correct horse battery"


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a command went."""

    code: int
    out: str
    err: str


@pytest.fixture
def heidi(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Ran]:
    """Runs `heidi` with a data folder of its own."""
    for name in os.environ:
        if name.upper().startswith(("HEIDI_", "OPENAI_", "AZURE_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **variables: str) -> Ran:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["heidi", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return Ran(code=int(ended.value.code or 0), out=captured.out, err=captured.err)

    return run


def one_line(ran: Ran) -> str:
    """The failure, which is one line on standard error."""
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("heidi: ")
    assert ran.err.count("\n") == 1
    return ran.err.strip()


def staff_of(folder: Path, email: str, password: str) -> StaffMember | None:
    async def look() -> StaffMember | None:
        database = Database(f"sqlite+aiosqlite:///{folder / 'data' / 'heidi.sqlite3'}")
        try:
            return await Staff(database).verify(email=email, password=password)
        finally:
            await database.close()

    return asyncio.run(look())


def test_migrating_makes_the_tables_and_again_changes_nothing(heidi, tmp_path: Path):
    first, second = heidi("migrate"), heidi("migrate")

    assert (first.code, first.out) == (0, "The database is up to date.\n")
    assert second == first
    connection = sqlite3.connect(tmp_path / "data" / "heidi.sqlite3")
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    connection.close()
    assert {"conversations", "turns", "events", "actions", "staff", "alembic_version"} <= tables


def test_questions_of_staff_are_written_as_a_question_set(heidi, tmp_path: Path):
    nothing = heidi("staff", "questions")
    assert (nothing.code, nothing.out.count("\n")) == (0, 1)
    assert "No questions yet" in nothing.err

    async def save() -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'data' / 'heidi.sqlite3'}")
        await Conversations(database).create(conversation())
        question = SavedQuestion(
            conversation_id="conv-1",
            turn_id="turn-1",
            kind="news",
            message="Who won?",
            outcomes=("answered",),
        )
        member = StaffMember(staff_id="staff_mira", name="Mira")
        await SavedQuestions(database).save(question, member, utc_now())
        await database.close()

    asyncio.run(save())
    written = heidi("staff", "questions", "--output", "questions.jsonl")
    assert (written.code, written.out) == (0, "")
    (read,) = read_question_set(tmp_path / "questions.jsonl", {}).questions
    assert read.steps[0].action == Say(message="Who won?")
    assert "can't be written" in one_line(
        heidi("staff", "questions", "--output", str(tmp_path / "none" / "x"))
    )


def kept(folder: Path, *names: str) -> None:
    async def keep() -> None:
        database = Database(f"sqlite+aiosqlite:///{folder / 'data' / 'heidi.sqlite3'}")
        for name in names:
            await Conversations(database).create(conversation(name, customer_id="cust-ada"))
        await database.close()

    asyncio.run(keep())


def test_what_a_customer_said_is_copied_and_deleted(heidi, tmp_path: Path):
    heidi("migrate")
    kept(tmp_path, "c-1", "c-2")

    (tmp_path / "copy.json").touch(mode=0o644)
    copied = heidi("conversations", "export", "--customer", "cust-ada", "--output", "copy.json")
    shown = heidi("conversations", "export", "--conversation", "c-1")
    deleted = heidi("conversations", "delete", "--customer", "cust-ada", "--yes")
    again = heidi("conversations", "delete", "--customer", "cust-ada", "--yes")

    copy = tmp_path / "copy.json"
    assert copied == Ran(code=0, out="", err="2 conversations copied.\n")
    assert [one["conversation"]["id"] for one in json.loads(copy.read_text())] == ["c-1", "c-2"]
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [one["conversation"]["id"] for one in json.loads(shown.out)] == ["c-1"]
    assert deleted == Ran(code=0, out="", err="2 conversations deleted.\n")
    assert again.err == "0 conversations deleted.\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("export",), "say whose: --customer, --visitor or --conversation"),
        (("delete", "--customer", ""), "say whose"),
        (("delete", "--customer", "cust-ada"), "needs --yes where nobody can be asked"),
        (("export", "--customer", "cust-ada", "--output", "no/where"), "no/where can't be written"),
    ],
)
def test_copying_and_deleting_say_what_they_need(heidi, tmp_path: Path, arguments, complaint):
    heidi("migrate")
    kept(tmp_path, "c-1")

    assert complaint in one_line(heidi("conversations", *arguments))


def test_staff_are_added_listed_and_given_new_passwords(heidi, tmp_path: Path):
    added = heidi("staff", "add", "Mira@Example.org", "--name", "Mira", "--password", PASSWORD)
    listed = heidi("staff", "list")
    changed = heidi("staff", "password", "mira@example.org", "--password", "another long one")

    assert (added.code, added.out) == (0, "Mira@Example.org can sign in at /review.\n")
    assert listed.out.split() == ["mira@example.org", "Mira"]
    assert changed.code == 0
    assert staff_of(tmp_path, "mira@example.org", PASSWORD) is None
    member = staff_of(tmp_path, "mira@example.org", "another long one")
    assert member is not None
    assert member.name == "Mira"


def test_before_anyone_is_added_the_list_is_empty(heidi):
    advice = "Nobody yet. Add someone with: heidi staff add you@example.com\n"
    assert heidi("staff", "list") == Ran(code=0, out="", err=advice)


def test_without_a_terminal_a_password_is_not_waited_for(heidi, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())

    assert "--password: give one" in one_line(heidi("staff", "add", "mira@example.org"))


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("add", "mira", "--password", PASSWORD), "'mira' is no e-mail address."),
        (("add", "[/red]@x", "--password", "short"), "at least 10 characters"),
        (("add", "a [/b] c", "--password", PASSWORD), "'a [/b] c' is no e-mail address."),
        (("password", "no@example.org", "--password", PASSWORD), "No staff member"),
    ],
)
def test_staff_that_cannot_be_are_refused(heidi, arguments, complaint):
    assert complaint in one_line(heidi("staff", *arguments))


def test_an_address_that_is_taken_names_the_command_to_use(heidi):
    heidi("staff", "add", "mira@example.org", "--password", PASSWORD)

    again = heidi("staff", "add", "mira@example.org", "--password", PASSWORD)

    assert "heidi staff password" in one_line(again)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("HEIDI_PORT", "abc", "HEIDI_PORT: Input should be a valid integer"),
        ("HEIDI_SECRET", "short", "HEIDI_SECRET: Value error, needs at least 32 characters"),
        ("HEIDI_CHUNK_TOKENS", "1", "HEIDI_CHUNK_TOKENS: "),
        ("HEIDI_MODEL_PRICES", '{"a":', "HEIDI_MODEL_PRICES: Value error, is no JSON"),
        ("HEIDI_MODEL_HEADERS", "nonsense", "HEIDI_MODEL_HEADERS: Value error, write JSON"),
        ("HEIDI_MODEL_HEADERS", '{"a":', "HEIDI_MODEL_HEADERS: Value error, is no JSON"),
        ("HEIDI_DATABASE_URL", "nonsense", "the database can't be used"),
        ("HEIDI_DATABASE_URL", "sqlite:///x.db", "the database can't be used"),
        ("HEIDI_DATABASE_URL", "postgresql+nothing://x", "the database can't be used"),
        ("HEIDI_DATABASE_URL", "sqlite+aiosqlite:////proc/heidi/x", "the database can't be used"),
        ("HEIDI_DATA_DIR", "/proc/heidi", "the database can't be used"),
    ],
)
def test_settings_that_cannot_be_name_their_variable(heidi, name, value, complaint):
    assert complaint in one_line(heidi("migrate", **{name: value}))


def test_a_database_server_that_is_not_there_is_one_line_without_the_password(heidi):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        url = f"postgresql+asyncpg://heidi:hunter2@127.0.0.1:{port}/heidi"
        complaint = one_line(heidi("migrate", HEIDI_DATABASE_URL=url))

    assert "HEIDI_DATABASE_URL" in complaint
    assert "hunter2" not in complaint


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("HEIDI_RATE_LIMIT_SITE", "often", "rate_limit_site"),
        ("HEIDI_RATE_LIMIT_STORAGE", "nowhere", "rate_limit_storage"),
    ],
)
def test_limits_that_can_not_be_read_are_told_before_anything_is_served(
    heidi, monkeypatch: pytest.MonkeyPatch, name: str, value: str, complaint: str
):
    monkeypatch.setenv(name, value)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])

    assert complaint.upper() in one_line(heidi("serve", "--port", port))


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken_is_told_before_anything_is_set_up(heidi, tmp_path: Path, command):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        complaint = one_line(heidi(command, "--port", str(port)))

    assert f"127.0.0.1:{port} can't be used" in complaint
    assert "--port" in complaint
    assert not (tmp_path / "data").exists()


def test_a_damaged_file_of_secrets_is_one_line(heidi, tmp_path: Path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secrets.json").write_text("{")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])

    assert "secrets.json is damaged" in one_line(heidi("serve", "--port", port))


@pytest.mark.parametrize("arguments", [(), ("staff",), ("index",), ("--help",)])
def test_without_a_command_it_tells_what_there_is(heidi, arguments):
    ran = heidi(*arguments)

    assert "Usage: " in ran.out + ran.err


@pytest.mark.parametrize(
    ("arguments", "help_of"),
    [
        (("fly",), "heidi"),
        (("serve", "--port", "0"), "heidi serve"),
        (("serve", "--port", "x"), "heidi serve"),
        (("staff", "add"), "heidi staff add"),
    ],
)
def test_a_command_that_is_none_is_refused_and_its_help_named(heidi, arguments, help_of):
    assert one_line(heidi(*arguments)).endswith(f"See {help_of} --help.")


def test_the_version_is_told(heidi):
    assert heidi("--version") == Ran(code=0, out=f"heidi {version('heidi')}\n", err="")


def test_the_index_is_kept_in_the_tables_of_the_migrations(heidi):
    assert heidi("index", "status").code == 0
    assert heidi("migrate").code == 0


def test_the_clock_of_the_server_is_in_utc():
    assert utc_now().utcoffset().total_seconds() == 0
