"""Questions that staff made in the console become part of a question set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.core.question_lines import EarlierTurn, SavedQuestion, question_set_lines
from eval.cli import app
from eval.errors import QuestionsInvalid
from eval.importing import Imported, import_questions
from eval.question_file import read_question_set

ONE = SavedQuestion(
    id="staff-1",
    conversation_id="conv-1",
    turn_id="turn-1",
    kind="news",
    earlier=(
        EarlierTurn(message="Hello", outcome="answered"),
        EarlierTurn(message="Robots?", outcome=""),
    ),
    message="Which won the half marathon?",
    outcomes=("answered",),
    contains=("Honor | HONOR", "Beijing"),
    cites=("/briefings/half-marathon",),
    note="It abstained.",
)
TWO = replace(ONE, id="staff-2", earlier=(), contains=(), cites=(), outcomes=("abstained",))


def export(folder: Path, *questions: SavedQuestion) -> Path:
    path = folder / "export.jsonl"
    path.write_text(question_set_lines(questions), encoding="utf-8")
    return path


def ids(path: Path) -> list[str]:
    return [question.id for question in read_question_set(path, {}).questions]


def test_an_export_is_a_question_set_of_its_own(tmp_path: Path):
    assert ids(export(tmp_path, ONE, TWO)) == ["staff-1", "staff-2"]


def test_a_set_that_is_not_there_is_made_under_its_own_name(tmp_path: Path):
    into = tmp_path / "From support.jsonl"

    done = import_questions(export(tmp_path, ONE), into, {})

    assert done == Imported(added=("staff-1",), changed=(), kept=0)
    assert read_question_set(into, {}).name == "from-support"


def test_importing_again_adds_what_is_new_and_replaces_what_has_changed(tmp_path: Path):
    into = tmp_path / "support.jsonl"
    import_questions(export(tmp_path, ONE, TWO), into, {})
    three = replace(TWO, id="staff-3")

    done = import_questions(export(tmp_path, replace(ONE, note="New"), TWO, three), into, {})

    assert done == Imported(added=("staff-3",), changed=("staff-1",), kept=1)
    assert ids(into) == ["staff-1", "staff-2", "staff-3"]
    assert read_question_set(into, {}).questions[0].note == "New"


def test_what_staff_deleted_stays_in_the_set(tmp_path: Path):
    into = tmp_path / "support.jsonl"
    import_questions(export(tmp_path, ONE, TWO), into, {})

    import_questions(export(tmp_path, TWO), into, {})

    assert ids(into) == ["staff-1", "staff-2"]


def test_a_wrong_export_changes_nothing(tmp_path: Path):
    into = tmp_path / "support.jsonl"
    import_questions(export(tmp_path, ONE), into, {})
    before = into.read_bytes()
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"set": "x", "description": "y"}\n{"id": "z"}\n')

    with pytest.raises(QuestionsInvalid):
        import_questions(wrong, into, {})

    assert into.read_bytes() == before


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path):
    with pytest.raises(QuestionsInvalid):
        import_questions(export(tmp_path, ONE), tmp_path / "none" / "x.jsonl", {})


def test_the_command_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture):
    args = ["import", str(export(tmp_path, ONE)), "--into", str(tmp_path / "set.jsonl")]

    app(args, standalone_mode=False)

    assert "1 added, 0 changed, 0 there already." in capsys.readouterr().out
