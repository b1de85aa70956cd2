"""Writing briefings from posts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexing.briefings import Briefing, Category, Section, Sentiment, Source
from indexing.cleaning import clean_text
from indexing.labels import section_of, sentiment_of, tags_of
from indexing.posts import Post
from indexing.prose import read_sections
from indexing.writing import PostUnusable, condense, source_names, write_briefing, write_briefings
from tests.fakes_embedding import HashingEmbedder

POST = Post(
    id="a1",
    title="Announcing AcmeDB 2.0",
    date=date(2026, 3, 14),
    url="https://blog.acme-db.example/2",
    source="acme/blog",
    license="MIT",
    text=(
        "Welcome to our blog, dear readers and friends of the house.\n\n"
        "AcmeDB 2.0 answers queries twice as fast as version 1.9. "
        "It needs 40 percent less memory.\n\n"
        "## What is new\n\nThe release brings:\n\n- A new planner\n- Snapshots\n\n"
        "```sql\nselect 1\n```\n\n## Thanks\n\nThanks to all contributors."
    ),
)


def written(post: Post, **options: int) -> Briefing:
    briefing = write_briefing(post, category=Category.SOFTWARE, source_name="AcmeDB", **options)
    assert isinstance(briefing, Briefing)
    return briefing


def test_post_becomes_a_briefing_in_its_own_words() -> None:
    assert written(POST) == Briefing(
        id="post-a1",
        slug="announcing-acmedb-2-0",
        title="Announcing AcmeDB 2.0",
        category=Category.SOFTWARE,
        section=Section.NEWS,
        sentiment=Sentiment.NEUTRAL,
        date=date(2026, 3, 14),
        summary=(
            "AcmeDB 2.0 answers queries twice as fast as version 1.9. "
            "It needs 40 percent less memory."
        ),
        body=(
            "Welcome to our blog, dear readers and friends of the house.\n\n"
            "AcmeDB 2.0 answers queries twice as fast as version 1.9. "
            "It needs 40 percent less memory.\n\n"
            "## What is new\n\nThe release brings:\n\n- A new planner\n- Snapshots"
        ),
        sources=(Source(name="AcmeDB", url="https://blog.acme-db.example/2"),),
        tags=(),
    )


def test_given_summary_is_taken_unless_it_says_nothing() -> None:
    given_summary = "The *fastest* AcmeDB so far is out for everybody today"
    assert written(replace(POST, summary=given_summary)).summary == (
        "The fastest AcmeDB so far is out for everybody today."
    )
    assert written(replace(POST, summary="TBA")).summary == written(POST).summary


def test_post_that_is_a_list_of_changes_is_summed_up_by_its_first_ones() -> None:
    post = replace(
        POST, text="This is a security release.\n\n- fs: add a check\n- http: fix a leak"
    )
    assert written(post).summary == (
        "This is a security release. fs: add a check. http: fix a leak."
    )


def test_post_without_prose_is_reported() -> None:
    post = replace(POST, text="```\ncode only\n```")
    assert write_briefing(post, category=Category.AI, source_name="x") == PostUnusable(
        post=post, reason="text: has no prose"
    )


def test_long_posts_are_condensed_at_paragraphs_and_facts_stay() -> None:
    filler = "\n\n".join("It is nice to see how much everybody likes it here." for _ in range(40))
    post = replace(POST, text=f"{filler}\n\nOn 3 May 2026 Acme sold 1,200 licences to Globex.")

    body = written(post, words=60).body

    assert len(body.split()) <= 60
    assert body.endswith("On 3 May 2026 Acme sold 1,200 licences to Globex.")


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.sampled_from(["One two three.", "## Head", "- item one", "Lead in:"]), max_size=20),
    st.integers(5, 60),
)
def test_condensing_keeps_order_and_limit(parts: list[str], words: int) -> None:
    blocks = clean_text("\n\n".join(parts), title="")
    kept = condense(blocks, title="", words=words)

    rest = iter(blocks)
    assert all(block in rest for block in kept)
    assert sum(len(block.text.split()) for block in kept if block.kind != "heading") <= words


def test_bodies_are_markdown_that_reads_back_as_the_prose() -> None:
    post = replace(POST, text="Use `Vec<T>` \\*now\\* & \\<b>later\\</b>.\n\n1986\\. A year.")
    assert [section.lines for section in read_sections(written(post).body)] == [
        ("Use Vec<T> *now* & <b>later</b>.", "1986. A year.")
    ]


def test_publishers_are_called_as_their_own_posts_spell_them() -> None:
    posts = [
        POST,
        replace(POST, source="n", url="https://nodejs.example/x", text="Node.js and Node.js"),
        replace(POST, source="r", url="https://blog.rust-lang.example/x", text="Rust is rust."),
        replace(POST, source="u", url="https://www.some-site.example/x", text="Nothing."),
    ]
    assert source_names(posts) == {
        "acme/blog": "AcmeDB",
        "n": "Node.js",
        "r": "Rust",
        "u": "Some Site",
    }


def test_many_posts_are_written_with_categories() -> None:
    unusable = replace(POST, id="a2", text="![x](y.png)")

    first, second = write_briefings([POST, unusable], HashingEmbedder())

    assert isinstance(first, Briefing)
    assert isinstance(second, PostUnusable)
    assert list(write_briefings([], HashingEmbedder())) == []


@pytest.mark.parametrize(
    ("title", "section"),
    [
        ("Announcing Rust 1.90.0", Section.NEWS),
        ("Security releases available", Section.NEWS),
        ("How to build a chatbot with Milvus", Section.HOW_TO),
        ("Getting started with traces", Section.HOW_TO),
        ("What is a vector database?", Section.EXPLAINER),
        ("Survey results of 2025", Section.ANALYSIS),
        ("Lessons from a migration", Section.ANALYSIS),
        ("A quiet week", Section.NEWS),
    ],
)
def test_titles_choose_the_shelf(title: str, section: Section) -> None:
    assert section_of(title) == section


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("Attackers exploited a vulnerability and stole data.", Sentiment.NEGATIVE),
        ("The outage was a disaster for customers.", Sentiment.NEGATIVE),
        ("A great success: the award celebrates a wonderful milestone.", Sentiment.POSITIVE),
        ("The process is killed when memory runs out.", Sentiment.NEUTRAL),
        ("We are excited to announce version 2.", Sentiment.NEUTRAL),
    ],
)
def test_tone_is_that_of_technology_news(text: str, sentiment: Sentiment) -> None:
    assert sentiment_of([text]) == sentiment


def test_tags_are_subjects_that_come_up() -> None:
    text = "Kubernetes runs it. Deploy to Kubernetes. A robot watches."
    assert tags_of("Kubernetes for GPUs", text) == ("Kubernetes", "GPU")
