"""Reading files of posts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from indexing.errors import PostInvalid
from indexing.posts import Post, read_posts, unique_posts

ROW = {
    "id": "a1",
    "title": "Robots  fold laundry",
    "date": "2026-03-14",
    "url": "https://robots.example/laundry",
    "source": "robots/blog",
    "license": "MIT",
    "about_ai": True,
    "summary": None,
    "text": "Text.\r\nMore\x00.",
    "truncated": False,
    "extra": 1,
}
POST = Post(
    id="a1",
    title="Robots fold laundry",
    date=date(2026, 3, 14),
    url="https://robots.example/laundry",
    source="robots/blog",
    license="MIT",
    text="Text.\nMore.",
    is_about_ai=True,
)


def write(path: Path, *lines: bytes | str) -> Path:
    file = path / "posts.jsonl"
    file.write_bytes(
        b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines)
    )
    return file


def without(field: str) -> str:
    return json.dumps({key: value for key, value in ROW.items() if key != field})


def test_rows_become_posts_without_control_characters(tmp_path: Path) -> None:
    assert list(read_posts(write(tmp_path, json.dumps(ROW), "", " "))) == [POST]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{not json", "is not JSON"),
        ("[1]", "line: Input should be a valid dictionary"),
        (b"\xff\xfe{}", "is not UTF-8"),
        (without("title"), "title: Field required"),
        (json.dumps(ROW | {"date": "2026-02-30"}), "date: Input should be a valid date"),
        (json.dumps(ROW | {"text": "  "}), "text: String should have at least 1 character"),
        (json.dumps(ROW | {"url": "javascript:alert(1)"}), "url: String should match pattern"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_bad_line_is_reported_with_its_number_and_the_rest_is_read(
    tmp_path: Path, line: bytes | str, reason: str
) -> None:
    first, second = read_posts(write(tmp_path, line, json.dumps(ROW)))

    assert isinstance(first, PostInvalid)
    assert first.line == 1
    assert first.reason.startswith(reason)
    assert second == POST


def test_missing_file_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(PostInvalid, match="cannot be read: No such file"):
        list(read_posts(tmp_path / "none.jsonl"))


def test_repeated_posts_are_kept_once() -> None:
    posts = [
        POST,
        replace(POST, title="Same id"),
        replace(POST, id="a2", url="http://www.robots.example/laundry/#top", title="Same address"),
        replace(POST, id="a3", url="https://b.example/", title="ROBOTS fold: laundry!"),
        replace(POST, id="a4", url="https://c.example/", date=date(2026, 3, 15)),
    ]
    assert [post.id for post in unique_posts(posts)] == ["a1", "a4"]
