"""The command writes runs, compares them, and says in one line what it can't use."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eval.checks import Failure
from eval.cli import main
from eval.compare import compare_runs
from eval.errors import RunInvalid
from eval.questions import Kind
from eval.report import render_markdown
from eval.results import EvalRun, QuestionResult, RunInfo
from eval.run_file import read_run, write_run
from eval.summary import summarise
from tests.eval.builders import cited, completed, record, result, retrieved, said

WRONG = ((0, Failure(check="contains", reason="expected '59%' in: <b>| nothing")),)


def a_run(*results: QuestionResult, digest: str = "d1") -> EvalRun:
    return EvalRun(
        info=RunInfo(
            question_set="tiny",
            digest=digest,
            started_at=datetime(2026, 11, 24, 10, tzinfo=UTC),
            now=None,
            target="a test",
            agent="built-in",
            revision="abc1234",
            concurrency=2,
            machine="2 CPUs, load 0.5",
        ),
        results=results,
    )


def kept(path: Path, passed: str, failed: str, digest: str = "d1") -> Path:
    turn = record(
        retrieved("/briefings/gap"), said("A gap."), cited("/briefings/gap", 0, 6), completed()
    )
    results = [result(turn, name=name) for name in passed]
    results += [result(turn, name=name, failures=WRONG) for name in failed]
    run = a_run(*sorted(results, key=lambda each: each.id), digest=digest)
    write_run(path, run, summarise(run))
    return path


def call(capsys, monkeypatch, *arguments: object, columns: int = 200) -> tuple[int, str, str]:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys, "argv", ["heidi-eval", *map(str, arguments)])
    with pytest.raises(SystemExit) as exit_:
        main()
    output = capsys.readouterr()
    return int(exit_.value.code or 0), output.out, output.err


def test_a_run_survives_being_written_and_read(tmp_path):
    run = read_run(kept(tmp_path / "deep" / "run.json", "ab", "c"))
    assert (run.question_set, run.agent, run.revision) == ("tiny", "built-in", "abc1234")
    assert run.passed == {"a": True, "b": True, "c": False}
    assert run.reasons == {"c": WRONG[0][1].reason}
    assert run.figures["pass_rate"] == 0.6667
    document = json.loads((tmp_path / "deep" / "run.json").read_text())
    assert document["schema_version"] == 1
    assert document["results"][0]["turns"][0]["retrieved"] == ["/briefings/gap"]


def test_what_is_no_run_is_refused(tmp_path):
    other = tmp_path / "other.json"
    for content in ("{}", "nonsense", '{"schema_version": 2}'):
        other.write_text(content)
        with pytest.raises(RunInvalid, match=r"other\.json: "):
            read_run(other)
    with pytest.raises(RunInvalid):
        read_run(tmp_path / "missing.json")


def test_a_comparison_names_what_changed_with_its_uncertainty(tmp_path):
    before = read_run(kept(tmp_path / "a.json", "abcd", "efgx"))
    after = read_run(kept(tmp_path / "b.json", "abcefg", "dy", digest="d2"))
    comparison = compare_runs(before, after)
    assert comparison.newly_failing == ("d",)
    assert comparison.newly_passing == ("e", "f", "g")
    assert (comparison.only_before, comparison.only_after) == (("x",), ("y",))
    assert comparison.shared == 7
    assert comparison.difference is not None
    assert round(comparison.difference.value, 4) == round(2 / 7, 4)
    assert comparison.difference.low < 2 / 7 < comparison.difference.high
    assert (comparison.has_regressed, comparison.is_same_file) == (True, False)


def test_a_regression_fails_only_when_asked_to(tmp_path, capsys, monkeypatch):
    better, worse = kept(tmp_path / "a.json", "ab", ""), kept(tmp_path / "b.json", "a", "b")
    code, out, _ = call(capsys, monkeypatch, "compare", better, worse)
    assert (code, "Newly failing: b" in out) == (0, True)
    assert call(capsys, monkeypatch, "compare", better, worse, "--fail-on-regression")[0] == 1
    assert call(capsys, monkeypatch, "compare", worse, better, "--fail-on-regression")[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--questions", "missing.jsonl"],
        ["run", "--url", "http://127.0.0.1:9", "--kind", "smalltalk"],
        ["run", "--kind", "gossip"],
        ["run", "--concurrency", "0"],
        ["compare", "missing.json", "missing.json"],
        ["compare"],
        ["nonsense"],
        ["retrieval", "missing"],
        ["answers", "missing"],
        ["routing", "missing.jsonl"],
    ],
)
def test_what_cannot_be_used_is_one_line_and_exit_2(arguments, capsys, monkeypatch):
    code, out, err = call(capsys, monkeypatch, *arguments, columns=40)
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith("heidi-eval: ")


def test_the_questions_can_be_listed_by_kind(capsys, monkeypatch):
    code, out, _ = call(capsys, monkeypatch, "list", "--kind", "smalltalk")
    assert code == 0
    assert "smalltalk-hi" in out
    assert "news" not in out


def test_the_committed_report_shows_every_kind_and_every_failure():
    turn = record(said("A gap."), cited("/briefings/gap", 0, 6), completed(), total_ms=12.0)
    run = a_run(
        result(turn, name="a"), result(turn, name="b", kind=Kind.ABSTENTION, failures=WRONG)
    )
    page = render_markdown(run, summarise(run))
    assert "| news | 1/1 | – |" in page
    assert "| abstention | 0/1 |" in page
    assert "| all | 1/2 |" in page
    assert "- `b` (abstention)" in page
    assert "‹b›\\| nothing" in page
