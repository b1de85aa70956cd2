"""A question file is read whole, or refused with file, line and field."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assistant.core.events import Outcome
from eval.cli import FIRST_SET
from eval.errors import QuestionsInvalid
from eval.question_file import read_question_set
from eval.questions import Decide, Expectation, Kind, Question, Say, SignIn, Step
from indexing.files import demo_folder, read_briefing_folder

PATHS = {"demo-gap": "/briefings/gap"}
HEADER = {"set": "tiny", "description": "For a test.", "now": "2026-11-24T10:00:00Z"}
ASKS = {"say": "Hi", "expect": {"outcome": ["answered"]}}


def write(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n")
    return path


def question(**fields: object) -> dict[str, object]:
    return {"id": "one", "kind": "news", "turns": [ASKS], **fields}


def test_every_field_arrives(tmp_path):
    expect = {
        "outcome": ["answered", "asked"],
        "cites": ["demo-gap", "/briefings/other"],
        "cited_since": "2026-01-01",
        "contains": ["59%", ["a", "b"]],
        "tools": ["get_balance"],
        "max_words": 60,
    }
    turns = [
        {"say": "ab", "times": 3, "expect": expect},
        {"decide": "confirm", "expect": {"outcome": ["answered"]}},
        {"sign_in": "cust-ada", "expect": {"card": "facts"}},
    ]
    path = write(
        tmp_path / "set.jsonl",
        HEADER,
        question(turns=turns, signed_in_as="new", timezone="Europe/Zurich", needs_clock=True),
    )
    read = read_question_set(path, PATHS)
    assert (read.name, read.now) == ("tiny", datetime(2026, 11, 24, 10, tzinfo=UTC))
    assert read.questions == (
        Question(
            id="one",
            kind=Kind.NEWS,
            signed_in_as="new",
            timezone="Europe/Zurich",
            needs_clock=True,
            steps=(
                Step(
                    action=Say(message="ababab"),
                    expect=Expectation(
                        outcomes=frozenset({Outcome.ANSWERED, Outcome.ASKED}),
                        cites=frozenset({"/briefings/gap", "/briefings/other"}),
                        cited_since=date(2026, 1, 1),
                        contains=(("59%",), ("a", "b")),
                        tools=("get_balance",),
                        max_words=60,
                    ),
                ),
                Step(
                    action=Decide(decision="confirm"),
                    expect=Expectation(outcomes=frozenset({Outcome.ANSWERED})),
                ),
                Step(action=SignIn(customer_id="cust-ada"), expect=Expectation(card="facts")),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([HEADER], "needs a line for the set and at least one question"),
        ([{"set": "x"}, question()], "1: description: Field required"),
        ([HEADER, question(kind="gossip")], "2: kind: Input should be"),
        ([HEADER, question(turns=[])], "2: turns: "),
        (
            [HEADER, question(turns=[{"say": "Hi", "expect": {}}])],
            "turns.0.expect: expects nothing",
        ),
        (
            [HEADER, question(turns=[{**ASKS, "decide": "confirm"}])],
            "turns.0: a turn has exactly one of say, decide and sign_in",
        ),
        (
            [HEADER, question(turns=[{"say": "Hi", "expect": {"outcme": []}}])],
            "2: turns.0.expect.outcme: Extra inputs are not permitted",
        ),
        (
            [HEADER, question(turns=[{"say": "Hi", "expect": {"cites": ["demo-gone"]}}])],
            "2: turns.0.expect.cites: there is no briefing 'demo-gone'",
        ),
        (
            [HEADER, question(timezone="Mars/Base")],
            "2: timezone: there is no time zone 'Mars/Base'",
        ),
        ([HEADER, question(), question()], "3: id: one is there twice"),
        (
            [{"set": "x", "description": "y"}, question(needs_clock=True)],
            "2: needs_clock: the set names no `now`",
        ),
    ],
)
def test_a_wrong_line_is_refused_with_its_place(tmp_path, lines, message):
    path = write(tmp_path / "set.jsonl", *lines)
    with pytest.raises(QuestionsInvalid) as refusal:
        read_question_set(path, PATHS)
    assert message in str(refusal.value)
    assert str(refusal.value).startswith(str(path))
    assert "\n" not in str(refusal.value)


def test_what_is_no_json_or_no_text_is_refused(tmp_path):
    broken = tmp_path / "broken.jsonl"
    broken.write_text(json.dumps(HEADER) + "\n{\n")
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (broken, binary, tmp_path / "missing.jsonl", tmp_path):
        with pytest.raises(QuestionsInvalid):
            read_question_set(path, PATHS)


def test_the_first_set_is_as_large_as_promised():
    briefings = read_briefing_folder(demo_folder())
    first = read_question_set(FIRST_SET, {each.id: each.path for each in briefings})
    counts = {
        kind: len(first.select(kinds=frozenset({kind}), limit=None).questions) for kind in Kind
    }
    assert sum(counts.values()) >= 80
    assert counts[Kind.NEWS] >= 35
    assert counts[Kind.ABSTENTION] >= 15
    assert counts[Kind.ACCOUNT] + counts[Kind.BALANCE] >= 10
    assert counts[Kind.SCHEDULE] >= 12
    assert counts[Kind.MULTI_TURN] >= 8


def test_every_expected_briefing_is_published_and_lies_in_its_period():
    briefings = read_briefing_folder(demo_folder())
    days = {each.path: each.date for each in briefings}
    first = read_question_set(FIRST_SET, {each.id: each.path for each in briefings})
    for each in first.questions:
        for step in each.steps:
            expect = step.expect
            assert expect.cites <= days.keys(), each.id
            assert not expect.cites_only or expect.cites <= expect.cites_only, each.id
            wanted = sorted(days[path] for path in expect.cites)
            if expect.cited_since and wanted:
                assert wanted[-1] >= expect.cited_since, each.id
            if expect.cited_until and wanted:
                assert wanted[-1] <= expect.cited_until, each.id
