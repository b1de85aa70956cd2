"""Reading Markdown as plain prose."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexing.prose import (
    Block,
    BlockKind,
    Section,
    escape_markdown,
    read_blocks,
    read_sections,
)


def test_sections_hold_paragraphs_items_and_rows_as_sentences() -> None:
    markdown = (
        "Opening *line*\nwrapped [here](https://a.example).\n\n"
        "## First\n\n- An item\n- Another one!\n\n```\ncode\n```\n\n"
        "## Empty\n\n## Second\n\n| Model | Size |\n| --- | --- |\n| MiniLM | 384 |\n"
    )
    assert read_sections(markdown) == (
        Section(heading="", lines=("Opening line wrapped here.",)),
        Section(heading="First", lines=("An item.", "Another one!")),
        Section(heading="Second", lines=("Model: MiniLM; Size: 384.",)),
    )


def test_blocks_keep_strong_text_and_code_but_no_links_images_or_html() -> None:
    markdown = "A **bold** `Vec<T>` [link](#x) ![alt](i.png) <b>here</b>"
    assert read_blocks(markdown) == (
        Block(
            kind=BlockKind.PARAGRAPH,
            text="A bold Vec<T> link here",
            markdown="A **bold** `Vec<T>` link here",
            links=("#x",),
        ),
    )


def test_nested_items_and_headings_know_their_level() -> None:
    levels = [(block.kind, block.level) for block in read_blocks("# A\n\n- b\n  - c\n\nd")]
    assert levels == [
        (BlockKind.HEADING, 1),
        (BlockKind.ITEM, 1),
        (BlockKind.ITEM, 2),
        (BlockKind.PARAGRAPH, 0),
    ]


@given(st.text(alphabet="ab1 .-+#>*_`[]()<>!\\=~&;", min_size=1, max_size=40))
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    text = " ".join(text.split())
    shown = " ".join(block.text for block in read_blocks(escape_markdown(text)))
    assert shown == text
