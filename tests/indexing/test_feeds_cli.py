"""The commands `heidi index feeds` and `drafts`, from publishers' feeds to a searched index."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from indexing.cli import build_index_app
from indexing.index import BriefingIndex
from indexing.settings import IndexingSettings
from tests.fakes_embedding import HashingEmbedder
from tests.indexing.feed_server import Answer, FeedServer, item, rss, serving
from tests.indexing.test_newsroom import BERLIN, BERLIN_TOO, TITLE, TOKYO

EMBEDDER = HashingEmbedder(dimension=512)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedServer]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    with serving() as running:
        weekly = running.feed("/weekly", rss(item("a", TITLE, BERLIN), item("b", "Tokyo", TOKYO)))
        running.feed("/courier", rss(item("c", f"Nordpost: {TITLE}", BERLIN_TOO)))
        courier = weekly.replace("127.0.0.1", "localhost").replace("/weekly", "/courier")
        write_list(("Robot Weekly", weekly, 'trust = "high"'), ("Berlin Courier", courier, ""))
        yield running


def write_list(*feeds: tuple[str, str, str]) -> None:
    text = "".join(
        f'[[feeds]]\nname = "{name}"\nurl = "{url}"\nlicense = "CC0"\nmax_age_days = 3650\n{more}\n'
        for name, url, more in feeds
    )
    Path("data").mkdir(exist_ok=True)
    Path("data/feeds.toml").write_text(text)


def settings() -> IndexingSettings:
    """By absolute path: Chroma remembers folders by their names, whatever the working folder."""
    return IndexingSettings(data_dir=Path("data").absolute(), feeds_private_addresses=True)


def heidi_index(*arguments: str) -> Result:
    app = build_index_app(load_settings=settings, make_embedder=lambda _: EMBEDDER)
    return CliRunner().invoke(app, list(arguments))


def found_for(question: str) -> list[str]:
    async def search() -> list[str]:
        index = await BriefingIndex.open(settings(), EMBEDDER)
        try:
            scored = await index.query(EMBEDDER.embed_queries([question])[0], 3)
        finally:
            await index.close()
        return [entry.chunk.briefing_id for entry in scored]

    return asyncio.run(search())


def test_overlapping_feeds_become_one_draft_that_is_published_and_found(
    server: FeedServer,
) -> None:
    fetched = heidi_index("feeds", "fetch")
    listed = heidi_index("drafts", "list").stdout.splitlines()
    (berlin,) = [line for line in listed if TITLE in line]
    (tokyo,) = [line for line in listed if TITLE not in line]
    briefing_id = berlin.split()[0]

    assert fetched.exit_code == 0, fetched.stderr
    assert "2 new drafts, 0 updated, 0 revisions, 0 published without a curator" in fetched.stdout
    assert "1 stories told by several publishers" in fetched.stdout
    assert "[Robot Weekly, Berlin Courier]" in berlin
    shown = heidi_index("drafts", "show", briefing_id).stdout
    assert "## Where the sources differ" in shown
    published = heidi_index("drafts", "publish", briefing_id)
    assert "1 briefings indexed" in published.stdout, published.stderr
    assert heidi_index("drafts", "reject", tokyo.split()[0]).exit_code == 0
    assert set(found_for("Where do humanoid robots sort parcels?")) == {briefing_id}
    assert "There are no drafts." in heidi_index("drafts", "list").stdout


def test_feeds_that_may_publish_are_indexed_at_once(server: FeedServer) -> None:
    write_list(("Robot Weekly", f"{server.url}/weekly", 'trust = "high"\npublish = true'))

    fetched = heidi_index("feeds", "fetch").stdout

    assert "2 published without a curator" in fetched
    assert "2 briefings indexed" in fetched


def test_a_draft_is_edited_in_a_file(server: FeedServer) -> None:
    heidi_index("feeds", "fetch")
    draft_id = heidi_index("drafts", "list").stdout.split()[0]
    heidi_index("drafts", "show", draft_id, "--file", "draft.md")
    text = Path("draft.md").read_text()
    title = next(line for line in text.splitlines() if line.startswith("title: "))
    Path("draft.md").write_text(text.replace(title, "title: As a person put it"))

    changed = heidi_index("drafts", "edit", draft_id, "draft.md")
    published = heidi_index("drafts", "publish", "--all")

    assert changed.stdout == f"Changed {draft_id}: As a person put it\n"
    assert f"Published {draft_id}: As a person put it" in published.stdout


def test_checking_says_what_each_feed_gives_and_keeps_nothing(server: FeedServer) -> None:
    server.give("/weekly", Answer(b"<html></html>"))

    checked = heidi_index("feeds", "check")

    assert checked.exit_code == 2
    assert "is a web page, not a feed" in checked.stdout
    assert "rss20" in checked.stdout
    assert "1 of 2 feeds give nothing; see the remarks" in checked.stderr
    assert "There are no drafts." in heidi_index("drafts", "list").stdout


def test_a_broken_feed_does_not_stop_the_others(server: FeedServer) -> None:
    server.give("/weekly", Answer(status=404))

    fetched = heidi_index("feeds", "fetch")

    assert fetched.exit_code == 0
    assert "answers 404 Not Found" in fetched.stdout
    assert "1 new drafts" in fetched.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("feeds", "fetch", "none.toml"),
            "none.toml: does not exist; indexing/README.md shows one",
        ),
        (("feeds", "watch", "--every", "1"), "--every: '1' is no duration of a minute or more"),
        (("drafts", "publish"), "name drafts, or --all; `heidi index drafts list` shows them"),
        (("drafts", "publish", "x", "--all"), "name drafts, or --all"),
        (("drafts", "show", "x"), "no draft has the id 'x'"),
        (("drafts", "reject", "x"), "no draft has the id 'x'"),
        (("drafts", "edit", "x", "none.md"), "none.md: cannot be read"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    server: FeedServer, arguments: tuple[str, ...], message: str
) -> None:
    result = heidi_index(*arguments)

    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].startswith(f"heidi index: {message}")
