"""From a file of posts to the report: the real job, with a small embedder."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from eval.cli import main
from eval.supported_knowledge import digest_of
from indexing.errors import PostInvalid
from tests.fakes_embedding import HashingEmbedder

POSTS = (
    {
        "id": "robots",
        "title": "Acme buys robots",
        "date": "2026-03-05",
        "url": "https://press.example.org/robots",
        "source": "example/press",
        "text": "Acme bought 300 robots from Figure in October 2025. The robots sort parcels in "
        "the warehouses of Acme, which had been short of people for three years.",
    },
    {
        "id": "chips",
        "title": "Memory chips become dearer",
        "date": "2026-02-01",
        "url": "https://press.example.org/chips",
        "source": "example/press",
        "text": "Memory chips became 40 percent dearer in January 2026. Makers of phones pay "
        "twice as much as they did a year before, says the trade group of the makers.",
    },
)
HEADER = {"set": "tiny", "description": "Two posts."}


def asks(name: str, say: str, cites: str) -> dict[str, object]:
    expect = {"outcome": ["answered"], "cites": [cites]}
    return {"id": name, "kind": "news", "turns": [{"say": say, "expect": expect}]}


def written(path: Path, *lines: object) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture
def embedder(monkeypatch) -> HashingEmbedder:
    embedder = HashingEmbedder()
    for module in ("eval.knowledge", "eval.supported_knowledge"):
        monkeypatch.setattr(f"{module}.embedder_for", lambda _: embedder)
    return embedder


@pytest.fixture
def call(tmp_path, capsys, monkeypatch):
    def run(posts: Path, questions: Path, *more: str) -> tuple[int, str, str]:
        paths = {
            "--posts": posts,
            "--questions": questions,
            "--cache": tmp_path / "cache",
            "--output": tmp_path / "page.md",
            "--reading": tmp_path / "reading.jsonl",
            "--out": tmp_path / "answers.jsonl",
        }
        arguments = [str(each) for pair in paths.items() for each in pair]
        monkeypatch.setattr(sys, "argv", ["heidi-eval", "supported", *arguments, *more])
        with pytest.raises(SystemExit) as exit_:
            main()
        output = capsys.readouterr()
        return int(exit_.value.code or 0), output.out, output.err

    return run


def test_posts_are_indexed_asked_and_reported_and_the_index_is_kept(tmp_path, call, embedder):
    posts = written(tmp_path / "posts.jsonl", *POSTS)
    questions = written(
        tmp_path / "questions.jsonl",
        HEADER,
        asks("count-robots", "How many robots did Acme buy from Figure?", "post-robots"),
    )
    code, out, _ = call(posts, questions)
    assert code == 0
    assert "tiny: 1 turns, 2 briefings" in out
    assert "clock at 2026-03-06 12:00 UTC" in (tmp_path / "page.md").read_text()
    (answer,) = map(json.loads, (tmp_path / "answers.jsonl").read_text().splitlines())
    assert answer["expected_briefings"] == ["post-robots"]
    embedded = len(embedder.passages)
    assert call(posts, questions)[0] == 0
    again = embedder.passages[embedded:]
    assert not [text for text in again if "300 robots" in text and "warehouses" in text]
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_too_few_supported_sentences_end_with_one(tmp_path, call, embedder):
    posts = written(tmp_path / "posts.jsonl", *POSTS)
    questions = written(
        tmp_path / "questions.jsonl",
        HEADER,
        asks("who-paints", "Who paints the moon over Reykjavik?", "post-chips"),
    )
    assert call(posts, questions, "--fail-under", "0.5")[0] == 1


def test_what_cannot_be_used_is_said_in_one_line(tmp_path, call, embedder):
    posts = written(tmp_path / "posts.jsonl", *POSTS)
    questions = written(tmp_path / "questions.jsonl", HEADER, asks("who-a", "Who?", "post-gone"))
    code, _, err = call(posts, questions)
    assert code == 2
    assert err.strip().endswith(":2: turns.0.expect.cites: there is no briefing 'post-gone'")
    assert call(tmp_path / "none.jsonl", questions)[0] == 2
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    code, _, err = call(empty, questions)
    assert (code, "holds no post that a briefing can be written from" in err) == (2, True)


def test_the_digest_follows_the_posts_and_the_settings(tmp_path, monkeypatch):
    posts = written(tmp_path / "posts.jsonl", *POSTS)
    first = digest_of(posts)
    assert digest_of(posts) == first
    monkeypatch.setenv("HEIDI_BRIEFING_WORDS", "200")
    assert digest_of(posts) != first
    with pytest.raises(PostInvalid):
        digest_of(tmp_path / "none.jsonl")
