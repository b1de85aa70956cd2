"""The file of feeds is read, and its mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexing.briefings import Category
from indexing.errors import FeedFileInvalid
from indexing.feed_list import EXAMPLE, Trust, read_feed_file


def written(folder: Path, text: str) -> Path:
    path = folder / "feeds.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shortest_file_is_careful(tmp_path: Path) -> None:
    (feed,) = read_feed_file(written(tmp_path, EXAMPLE))

    assert (feed.name, feed.use, feed.trust, feed.publish) == (
        "Robot Weekly",
        "summary",
        Trust.NORMAL,
        False,
    )


def test_everything_can_be_set(tmp_path: Path) -> None:
    text = EXAMPLE + (
        'use = "full"\ntrust = "high"\npublish = true\ncategory = "Robotics"\nlanguage = "en"\n'
        "max_items = 5\nmax_age_days = 3\n"
    )
    (feed,) = read_feed_file(written(tmp_path, text))

    assert (feed.category, feed.publish, feed.max_items, feed.max_age_days) == (
        Category.ROBOTICS,
        True,
        5,
        3,
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "lists no feed"),
        ("feeds = 3", "lists no feed"),
        ("[[feed]]\nname = 'x'", "'feed' is not known; feeds stand in [[feeds]]"),
        ("[[feeds]\n", "cannot be read as TOML"),
        ("[[feeds]]\nname = 'A'\nurl = 'https://a.example'", "feed A: license: Field required"),
        (EXAMPLE.replace("https", "ftp"), "feed Robot Weekly: url: has to be an address"),
        (EXAMPLE + 'trus = "high"', "feed Robot Weekly: trus: Extra inputs"),
        (EXAMPLE + "publish = true", 'publish = true needs trust = "high"'),
        (EXAMPLE + 'language = "de"', "feed Robot Weekly: language: "),
        (EXAMPLE + EXAMPLE, "two feeds have the name 'Robot Weekly'"),
        (EXAMPLE + EXAMPLE.replace("Weekly", "Daily"), "two feeds have the url"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(FeedFileInvalid) as refused:
        read_feed_file(written(tmp_path, text))

    assert reason in refused.value.reason


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(FeedFileInvalid, match="does not exist"):
        read_feed_file(tmp_path / "feeds.toml")
