"""Kill the server in the middle of an answer: nothing that was said is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.client import answer
from tests.servers import DemoServer

pytestmark = pytest.mark.slow


@pytest.fixture
def own_server(slow_server: DemoServer, tmp_path: Path):
    """A second server on a copy of the first one's index, which may be killed."""
    import shutil

    data_dir = tmp_path / "data"
    shutil.copytree(
        slow_server.data_dir, data_dir, ignore=shutil.ignore_patterns("*.lock", "server.log")
    )
    server = DemoServer(data_dir, {"HEIDI_DELTA_DELAY_S": "0.3"})
    server.start()
    yield server
    server.stop()


def test_after_a_kill_the_transcript_says_what_was_interrupted_and_it_can_be_asked_again(
    own_server: DemoServer, visit
):
    visitor = visit(own_server.url)
    seen = visitor.ask_and_lose("What is the AI skills gap about?", own_server.kill)
    own_server.start()

    transcript = visitor.transcript()

    (turn,) = transcript["turns"]
    assert turn["status"] == "interrupted"
    assert turn["answer"].startswith(answer(seen))
    assert transcript["events"][: len(seen)] == seen
    assert transcript["events"][-1]["type"] == "turn.interrupted"
    again = visitor.ask("What is the AI skills gap about?")
    assert again[-1]["outcome"] == "answered"


def test_a_stop_lets_the_answer_finish_or_says_that_it_was_interrupted(
    own_server: DemoServer, visit
):
    visitor = visit(own_server.url)
    visitor.ask_and_lose("What is the AI skills gap about?", own_server.stop)
    own_server.start()

    (turn,) = visitor.transcript()["turns"]

    assert turn["status"] in {"interrupted", "completed"}
