"""The briefings that are shipped for the demo site, and the reader of briefing files."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from indexing.briefings import Briefing, Category, Section, Sentiment, Source
from indexing.errors import BriefingFileInvalid, IndexingError
from indexing.files import demo_folder, read_briefing_file, read_briefing_folder

WELL_FORMED = """---
id: demo-valves
slug: valves-open-by-themselves
title: "Valves: they open by themselves"
category: Robotics
section: How-to
sentiment: positive
date: 2026-03-01
summary: A valve opens.
tags:
  - valves
  - "update:demo-pipes"
sources:
  - name: Valve Weekly
    url: https://valves.example/weekly
---

A valve opened on **Sunday**.

- Nobody was there.
"""


@pytest.fixture(scope="module")
def demo() -> list[Briefing]:
    return read_briefing_folder(demo_folder())


def written(folder: Path, text: str, name: str = "briefing.md") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_is_read_into_a_whole_briefing(tmp_path: Path) -> None:
    assert read_briefing_file(written(tmp_path, WELL_FORMED)) == Briefing(
        id="demo-valves",
        slug="valves-open-by-themselves",
        title="Valves: they open by themselves",
        category=Category.ROBOTICS,
        section=Section.HOW_TO,
        sentiment=Sentiment.POSITIVE,
        date=date(2026, 3, 1),
        summary="A valve opens.",
        body="A valve opened on **Sunday**.\n\n- Nobody was there.",
        sources=(Source(name="Valve Weekly", url="https://valves.example/weekly"),),
        tags=("valves", "update:demo-pipes"),
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("category: Robotics\n", "", "category: Field required"),
        ("category: Robotics", "category: Gardening", "category: Input should be 'AI', "),
        ("sentiment: positive", "sentiment: ecstatic", "sentiment: Input should be 'positive', "),
        ("date: 2026-03-01", "date: soon", "date: "),
        ("slug: valves-open", "slug: Valves Open", "slug: "),
        ("summary: A valve opens.", "summary: ' '", "summary: "),
        ("summary: A", "sumary: A", "summary: Field required; sumary: Extra inputs"),
        ("url: https://", "url: ftp://", "sources.0.url: "),
        ("tags:\n", "tags: [\n", "front matter: is not YAML: "),
        ("---\nid", "id", "front matter: is missing"),
        ("on **Sunday**", "on <b>Sunday</b>", "body: raw HTML is not allowed, found '<b>'"),
        ("A valve opened", "<script>x()</script>\n\nA valve opened", "body: raw HTML"),
    ],
)
def test_a_broken_file_is_reported_with_its_path_and_field(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    file = written(tmp_path, WELL_FORMED.replace(old, new))

    with pytest.raises(BriefingFileInvalid) as raised:
        read_briefing_file(file)

    assert raised.value.path == file
    assert raised.value.reason.startswith(reason)
    assert str(raised.value) == f"{file}: {raised.value.reason}"
    assert isinstance(raised.value, IndexingError)


def test_code_that_looks_like_markup_is_allowed(tmp_path: Path) -> None:
    text = WELL_FORMED.replace("on **Sunday**", "by `open<Valve>()`, with 3 < 4")

    assert "`open<Valve>()`" in read_briefing_file(written(tmp_path, text)).body


def test_a_file_without_source_or_body_is_rejected(tmp_path: Path) -> None:
    front_matter, _, _ = WELL_FORMED.partition("\n---\n")
    no_body = written(tmp_path, front_matter + "\n---\n \n", "no-body.md")
    no_source = written(
        tmp_path, WELL_FORMED.partition("sources:")[0] + "sources: []\n---\n\nText.", "no-source.md"
    )

    with pytest.raises(BriefingFileInvalid, match=r"no-body.md: body: is empty"):
        read_briefing_file(no_body)
    with pytest.raises(BriefingFileInvalid, match=r"no-source.md: sources: "):
        read_briefing_file(no_source)


def test_a_missing_or_undecodable_file_is_reported_as_unreadable(tmp_path: Path) -> None:
    binary = tmp_path / "binary.md"
    binary.write_bytes(b"---\xff\xfe")

    for file in (tmp_path / "absent.md", binary):
        with pytest.raises(BriefingFileInvalid, match=f"{file.name}: cannot be read: "):
            read_briefing_file(file)


def test_a_folder_is_read_newest_first_and_other_files_are_ignored(tmp_path: Path) -> None:
    older = WELL_FORMED.replace("valves", "pumps").replace("2026-03-01", "2025-03-01")
    written(tmp_path, older, "a.md")
    written(tmp_path, WELL_FORMED, "b.md")
    written(tmp_path, "no briefing", "notes.txt")

    ids = [briefing.id for briefing in read_briefing_folder(tmp_path)]

    assert ids == ["demo-valves", "demo-pumps"]


def test_two_files_with_the_same_id_or_slug_are_rejected(tmp_path: Path) -> None:
    written(tmp_path, WELL_FORMED, "a.md")
    written(tmp_path, WELL_FORMED.replace("slug: valves", "slug: pumps"), "b.md")
    with pytest.raises(BriefingFileInvalid, match=r"b.md: id: 'demo-valves' is used by a.md"):
        read_briefing_folder(tmp_path)

    written(tmp_path, WELL_FORMED.replace("id: demo-valves", "id: demo-pumps"), "b.md")
    with pytest.raises(BriefingFileInvalid, match=r"b.md: slug: 'valves-.*' is used by a.md"):
        read_briefing_folder(tmp_path)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BriefingFileInvalid, match="nowhere: is not a folder"):
        read_briefing_folder(tmp_path / "nowhere")


def test_every_shelf_and_mood_of_the_demo_is_filled(demo: list[Briefing]) -> None:
    categories = Counter(briefing.category for briefing in demo)
    sections = Counter(briefing.section for briefing in demo)
    sentiments = Counter(briefing.sentiment for briefing in demo)
    least = dict.fromkeys(Category, 5) | {Category.AI: 14, Category.ROBOTICS: 7}

    assert len(demo) >= 72
    assert {
        category: categories[category]
        for category in Category
        if categories[category] < least[category]
    } == {}
    assert min(sections[section] for section in Section) >= 5
    assert min(sentiments[sentiment] for sentiment in Sentiment) >= 15


def test_the_demo_spans_two_years_up_to_november_2026(demo: list[Briefing]) -> None:
    dates = [briefing.date for briefing in demo]

    assert (max(dates), min(dates)) == (date(2026, 11, 20), date(2025, 1, 9))
    assert sum(day.year == 2026 for day in dates) >= 22
    assert sum(date(2026, 9, 1) <= day for day in dates) >= 6


def test_every_demo_briefing_is_short_sourced_and_named_after_its_date_and_slug(
    demo: list[Briefing],
) -> None:
    files = {file.name for file in demo_folder().iterdir()}

    assert files == {f"{briefing.date}-{briefing.slug}.md" for briefing in demo}
    assert [briefing.id for briefing in demo if not 120 <= len(briefing.body.split()) <= 400] == []
    assert [briefing.id for briefing in demo if not briefing.id.startswith("demo-")] == []
    insecure = [
        source.url
        for briefing in demo
        for source in briefing.sources
        if not source.url.startswith("https://")
    ]
    assert insecure == []


def test_an_update_names_an_earlier_briefing_of_the_same_category(demo: list[Briefing]) -> None:
    by_id = {briefing.id: briefing for briefing in demo}
    pairs = [
        (by_id[tag.removeprefix("update:")], briefing)
        for briefing in demo
        for tag in briefing.tags
        if tag.startswith("update:")
    ]

    assert len(pairs) >= 2
    assert all(old.date < new.date and old.category == new.category for old, new in pairs)


def test_no_two_demo_briefings_are_nearly_the_same(demo: list[Briefing]) -> None:
    def shingles(briefing: Briefing) -> frozenset[tuple[str, ...]]:
        words = briefing.body.lower().split()
        return frozenset(zip(words, words[1:], words[2:], strict=False))

    known = [(briefing.id, shingles(briefing)) for briefing in demo]
    alike = [
        (first, second)
        for position, (first, ours) in enumerate(known)
        for second, theirs in known[position + 1 :]
        if len(ours & theirs) > 0.1 * min(len(ours), len(theirs))
    ]

    assert alike == []


def test_the_ai_skills_gap_is_explained_in_a_work_briefing(demo: list[Briefing]) -> None:
    briefing = next(briefing for briefing in demo if briefing.id == "demo-ai-skills-gap")

    assert briefing.title == "The AI skills gap is widening faster than training budgets"
    assert (briefing.category, briefing.section) == (Category.WORK, Section.ANALYSIS)
