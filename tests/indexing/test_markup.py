"""HTML of feeds becomes prose that holds no markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexing.markup import line_of_html, markdown_of_html, markdown_of_plain
from indexing.prose import BlockKind, read_blocks


def test_paragraphs_headings_and_items_are_told_apart() -> None:
    html = (
        "Lead <b>in</b> two words<p>First&nbsp;&amp; last<br>line</p><h3>What next</h3>"
        "<ul><li>One <a href='/x'>thing</a></li><li>Two</li></ul>"
        "<pre>x = 1</pre><script>alert(1)</script><figure>Photo</figure><p>End"
    )

    assert markdown_of_html(html).split("\n\n") == [
        "Lead in two words",
        "First & last",
        "line",
        "### What next",
        "- One thing",
        "- Two",
        "```\n```",
        "End",
    ]


def test_what_markdown_would_read_is_escaped() -> None:
    assert markdown_of_html("<p># not a heading</p><p>&lt;b&gt; and *stars*</p>") == (
        "\\# not a heading\n\n\\<b> and \\*stars\\*"
    )
    assert markdown_of_plain("1. one\nline\n\n- dash") == "1\\. one line\n\n\\- dash"


def test_deep_nesting_and_broken_tags_are_read() -> None:
    assert markdown_of_html("<div>" * 50_000 + "deep" + "</div>" * 10) == "deep"
    assert markdown_of_html("<p>a < b <<p>>c") != ""


@pytest.mark.parametrize("broken", ["<![1", "<![1>", "<![endif]-->", "<![&[", "<![", "<![cdata"])
def test_a_broken_marked_section_is_read_as_a_comment(broken: str) -> None:
    assert markdown_of_html(f"<p>before</p>{broken}").startswith("before")
    assert markdown_of_html(f"<p>before</p>{broken}> <p>after</p>").endswith("after")


def test_titles_lose_tags_and_entities() -> None:
    assert line_of_html("A <em>new</em>, AT&amp;T\n <script>x</script>") == "A new, AT&T x"


@given(st.text(alphabet=st.sampled_from("<>/abpdiv&;#x1!-[]*_`\"'= \n"), max_size=200))
def test_no_markup_survives(html: str) -> None:
    blocks = read_blocks(markdown_of_html(html))

    assert all(block.kind is not BlockKind.HTML and not block.links for block in blocks)
