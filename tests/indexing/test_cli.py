"""The command `heidi index`, with an embedder that needs no model."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from indexing.cli import Desk, build_index_app
from indexing.database import open_engine
from indexing.index import BriefingIndex
from indexing.repository import SqlBriefings
from indexing.settings import IndexingSettings
from tests.fakes_embedding import HashingEmbedder

BRIEFING = """---
id: robots
slug: robots
title: Robots fold laundry
category: Robotics
section: News
sentiment: positive
date: 2026-03-14
summary: A robot folds a towel.
sources:
  - name: Robot Weekly
    url: https://robots.example/laundry
---
The robot was shown in Berlin.
"""
POST = {
    "id": "a1",
    "title": "Announcing AcmeDB 2.0",
    "date": "2026-03-14",
    "url": "https://acme.example/2",
    "source": "acme",
    "text": "AcmeDB 2.0 answers queries twice as fast as version 1.9 did.",
}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("robots.md").write_text(BRIEFING)


def heidi_index(*arguments: str) -> Result:
    app = build_index_app(
        load_settings=lambda: IndexingSettings(data_dir=Path("data")),
        make_embedder=lambda _: HashingEmbedder(),
    )
    return CliRunner().invoke(app, list(arguments))


def test_a_briefing_is_added_once_and_withdrawn() -> None:
    assert "1 briefings indexed in 2 chunks" in heidi_index("add", "robots.md").stdout
    assert "0 briefings indexed in 0 chunks" in heidi_index("add", "robots.md").stdout
    assert "1 removed" in heidi_index("withdraw", "robots").stdout
    assert "1 briefings indexed" in heidi_index("publish", "robots").stdout
    assert "1 briefings indexed in 2 chunks" in heidi_index("rebuild").stdout
    status = heidi_index("status").stdout.split()
    assert (
        status
        == "Published 1 Indexed 1 Chunks 2 Pending 0 Drafts 0 Model hashing Robotics 1".split()
    )


def test_posts_are_written_and_bad_lines_reported() -> None:
    Path("posts.jsonl").write_text(f"{json.dumps(POST)}\nnot json\n{json.dumps(POST)}\n")

    result = heidi_index("add", "--jsonl", "posts.jsonl")

    assert result.exit_code == 0
    assert "1 briefings indexed in 2 chunks" in result.stdout
    assert "posts.jsonl: 1 posts are repeated and left out" in result.stderr
    assert "line 2: is not JSON" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["add"], "nothing to add: name a briefing or a folder of briefings, --jsonl or --demo"),
        (["add", "nowhere"], "nowhere: is not a folder"),
        (["add", "bad.md"], "bad.md: front matter: is missing"),
        (["add", "--jsonl", "nowhere"], "nowhere: cannot be read: No such file or directory"),
        (["add", "--jsonl", "bad.md"], "bad.md: holds no post that a briefing can be written from"),
        (["withdraw", "unknown"], "no briefing has the id 'unknown'"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments: list[str], message: str) -> None:
    Path("bad.md").write_text("no front matter")

    result = heidi_index(*arguments)

    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == f"heidi index: {message}"


def test_rebuilding_while_a_server_runs_says_what_to_do() -> None:
    settings = IndexingSettings(data_dir=Path("data"))
    index = asyncio.run(BriefingIndex.open(settings, HashingEmbedder()))
    try:
        result = heidi_index("rebuild")
    finally:
        asyncio.run(index.close())

    assert result.exit_code == 2
    assert "stop the server, then run `heidi index rebuild` again" in result.stderr


def test_an_index_of_another_model_is_built_again_where_nobody_else_has_it() -> None:
    heidi_index("add", "robots.md")
    said = io.StringIO()

    async def come_with_another_model() -> int:
        settings = IndexingSettings(data_dir=Path("data"))
        embedder = HashingEmbedder(dimension=32, model_id="other")
        engine = open_engine(settings.database)
        desk = Desk(
            settings=settings,
            embedder=embedder,
            repository=SqlBriefings(engine),
            console=Console(file=said),
        )
        await desk.rebuild_if_outdated()
        await desk.rebuild_if_outdated()
        await engine.dispose()
        index = await BriefingIndex.open(settings, embedder)
        count = await index.count()
        await index.close()
        return count

    assert asyncio.run(come_with_another_model()) == 2
    assert said.getvalue().count("building it again") == 1
