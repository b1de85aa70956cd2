"""What a turn leaves in the log of the process."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

from assistant.core.events import Outcome, TextDelta, TurnCompleted, TurnFailed, TurnInterrupted
from assistant.logs import log_ends, set_up_logging
from tests.chat_store import NOW, open_chat_store


@pytest.fixture(autouse=True)
def _logging_as_before():
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        (
            TurnCompleted(outcome=Outcome.ABSTAINED, state={}, usage={}, elapsed_ms=41.6),
            {"event": "turn.ended", "outcome": "abstained", "elapsed_ms": 42},
        ),
        (
            TurnFailed(error="time-out", message="The visitor's secret"),
            {"event": "turn.ended", "outcome": "failed", "error": "time-out"},
        ),
        (TurnInterrupted(reason="Gone."), {"event": "turn.ended", "outcome": "interrupted"}),
    ],
)
async def test_a_turn_is_one_line_without_what_was_said(tmp_path, ending, told):
    async with open_chat_store("sqlite", tmp_path) as store:
        bodies = [(TextDelta(text="My secret"), NOW), (ending, NOW)]
        addition = store.log.writer_of("conv-1", "turn-1", bodies)
        with structlog.testing.capture_logs() as lines:
            log_ends(addition)

    (line,) = lines
    assert {key: line[key] for key in told} == told
    assert (line["conversation_id"], line["turn_id"]) == ("conv-1", "turn-1")
    assert "secret" not in str(line)


def test_lines_for_a_collector_are_json_with_the_ids_of_the_request(capsys):
    set_up_logging("json")

    with structlog.contextvars.bound_contextvars(request_id="req-1"):
        structlog.get_logger("heidi").info("something.happened", count=2)
        logging.getLogger("a.library").warning("Something else")

    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["count"], ours["request_id"]) == ("something.happened", 2, "req-1")
    assert (theirs["event"], theirs["request_id"]) == ("Something else", "req-1")


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_traceback_does_not_tell_the_values_of_variables(form, capsys):
    set_up_logging(form)

    def fail(password: str) -> None:
        raise ValueError("Something is wrong.")

    for logger in (structlog.get_logger("heidi"), logging.getLogger("a.library.of.ours")):
        try:
            fail("correct horse battery")
        except ValueError:
            logger.exception("it.failed")

    told = capsys.readouterr().err
    assert told.count("Something is wrong.") >= 2
    assert "correct horse" not in told.replace('fail("correct horse battery")', "")
