"""A verdict belongs to one answer; the page shows what is read and what is not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from eval.errors import DataInvalid
from eval.supported import check_answer
from eval.supported_figures import JudgedTurn, by_group, figures_of
from eval.supported_reading import Reading, Readings, Verdict, read_readings
from eval.supported_report import SupportedRun, render_supported
from tests.eval.supported_builders import asked

BOUGHT = "Acme bought 300 robots from Figure in October 2025."
KEY = "who-sold-robots#1@0123456789"


def a_run(readings: Readings, *answers: str) -> SupportedRun:
    turns = [asked(answer, answer, message="Who | sold?") for answer in answers]
    judged = tuple(JudgedTurn(turn=turn, sentences=check_answer(turn)) for turn in turns)
    return SupportedRun(
        question_set="tiny",
        digest="d1",
        posts_digest="p1",
        briefings=1,
        asked_on=date(2026, 11, 24),
        now=datetime(2026, 3, 6, 12, tzinfo=UTC),
        judged=judged,
        total=figures_of(judged),
        groups=by_group(judged),
        sample=judged,
        seed=0,
        readings=readings,
    )


def test_verdicts_are_read_and_the_last_one_counts(tmp_path):
    path = tmp_path / "reading.jsonl"
    lines = [{"key": KEY, "verdict": "wrong"}, {"key": KEY, "verdict": "loose", "note": "late"}]
    path.write_text("\n\n".join(map(json.dumps, lines)))
    loose = Reading(key=KEY, verdict=Verdict.LOOSE, note="late")
    assert read_readings(path) == Readings(by_key={KEY: loose})
    assert read_readings(tmp_path / "missing.jsonl") == Readings(by_key={})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"reading\.jsonl:1: is not JSON"),
        (json.dumps({"key": "who-sold", "verdict": "right"}), r":1: key: "),
        (json.dumps({"key": KEY, "verdict": "fine"}), r":1: verdict: "),
        (json.dumps({"key": KEY, "verdict": "right", "by": "me"}), r":1: by: "),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, message):
    path = tmp_path / "reading.jsonl"
    path.write_text(line)
    with pytest.raises(DataInvalid, match=message):
        read_readings(path)


def test_what_is_no_text_is_refused(tmp_path):
    path = tmp_path / "reading.jsonl"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(DataInvalid, match="is not UTF-8 text"):
        read_readings(path)
    with pytest.raises(DataInvalid):
        read_readings(tmp_path)


def test_a_changed_answer_is_unread_and_says_what_it_was():
    old, new = asked(BOUGHT, BOUGHT), asked("Acme bought robots.", "Acme bought robots.")
    readings = Readings(by_key={old.key: Reading(key=old.key, verdict=Verdict.RIGHT)})
    assert (readings.of(old.key), readings.of(new.key)) == (readings.by_key[old.key], None)
    assert (readings.before(new.key), readings.before(old.key)) == (readings.by_key[old.key], None)


def test_the_page_lists_each_answer_with_its_verdict():
    key = asked(BOUGHT, BOUGHT).key
    readings = Readings(by_key={key: Reading(key=key, verdict=Verdict.RIGHT, note="as it is")})
    page = render_supported(a_run(readings, BOUGHT, "Acme bought robots."))
    source = "[Acme buys robots](https://example.org/robots), 2026-03-05, Example Press"
    read = f"{BOUGHT} | “{BOUGHT}” ({source}) | right | as it is |"
    assert f"| `{key}` | Who \\| sold? | {read}" in page
    assert "| unread | the answer before was right |" in page
    assert "- answers that a person read: **1 of 2 (50.0%)**" in page
    assert "- supported, as read: **1 of 1 (100.0%)**" in page
    assert "- verdicts: **1 right, 0 loose, 0 beside, 0 wrong**" in page
    assert "- supported sentences: **2 of 2 (100.0%)**" in page
    assert "## Sentences that are not supported\n\nNone.\n" in page


def test_a_page_without_texts_repeats_no_word_of_a_post():
    made_up = "Acme bought 900 robots from Figure in October 2025."
    page = render_supported(replace(a_run(Readings(by_key={}), BOUGHT, made_up), has_texts=False))
    assert "bought" not in page
    assert "| 9 words | [Acme buys robots](https://example.org/robots), 2026-03-05" in page
    assert "- who-sold-robots#1: states a number, name or month that the cited" in page


def test_the_page_names_what_is_not_supported():
    made_up = "Acme bought 900 robots from Figure in October 2025."
    page = render_supported(a_run(Readings(by_key={}), made_up))
    reason = "states a number, name or month that the cited passage does not"
    assert f"- who-sold-robots#1: {reason}: {made_up}\n" in page
    assert "- answers that a person read: **0 of 1 (0.0%)**" in page
    assert "supported, as read" not in page
