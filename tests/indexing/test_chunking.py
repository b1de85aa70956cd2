"""Cutting briefings into chunks."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from indexing.chunking import BriefingChunker, Chunk
from indexing.embedding import count_packaged_tokens
from indexing.prose import read_sections
from indexing.sentences import split_sentences
from tests.indexing.briefings import ROBOTS, briefing


def count_words(text: str) -> int:
    return len(text.split())


def test_summary_comes_first_and_the_body_follows_with_its_headings() -> None:
    first, second = BriefingChunker().chunks(ROBOTS)

    assert first == Chunk(
        id=first.id,
        briefing_id="robots",
        ordinal=0,
        text="A robot folds a towel in 40 seconds. It costs 5,900 dollars.",
        heading="",
        title="Robots fold laundry",
        path="/briefings/robots-fold-laundry",
        date=date(2026, 3, 14),
        category="Robotics",
        section="News",
        sentiment="positive",
        source_name="Robot Weekly",
        source_url="https://robots.example/laundry",
    )
    assert second.heading == "What comes next"
    assert second.text == (
        "The robot was shown in Berlin. It works without a cable.\n"
        "A cheaper arm.\nSofter fingers.\nSales begin in May."
    )


def test_embedded_text_carries_title_day_category_and_heading() -> None:
    chunk = BriefingChunker().chunks(ROBOTS)[1]
    assert chunk.embedded_text == (
        "Robots fold laundry (Robotics, News, 14 March 2026)\nWhat comes next\n" + chunk.text
    )


def test_ids_are_stable_and_change_with_the_content() -> None:
    def ids(**changes: object) -> list[str]:
        return [chunk.id for chunk in BriefingChunker().chunks(briefing("b", **changes))]

    assert ids() == ids()
    assert ids()[0] == ids(body="Another body.")[0]
    assert ids()[1] != ids(body="Another body.")[1]
    assert not set(ids()) & set(ids(title="Another title"))
    assert [chunk_id.rsplit(":", 1)[0] for chunk_id in ids()] == ["b:0", "b:1"]


def test_long_sections_are_cut_between_sentences() -> None:
    body = "## A\n\nOne two three. Four five six. Seven eight nine.\n\n## B\n\nTen."
    chunks = BriefingChunker(count_words, 6).chunks(briefing("b", body=body, summary="S."))

    assert [(chunk.heading, chunk.text) for chunk in chunks] == [
        ("", "S."),
        ("A", "One two three. Four five six."),
        ("A", "Seven eight nine."),
        ("B", "Ten."),
    ]


def test_a_sentence_longer_than_a_chunk_stays_whole() -> None:
    long = "One, two, three, four, five, six, seven, eight."
    chunks = BriefingChunker(count_words, 4).chunks(briefing("b", body=f"Short. {long} End."))

    assert long in [chunk.text for chunk in chunks]


SENTENCES = st.lists(st.integers(1, 30), min_size=1, max_size=12).map(
    lambda lengths: [f"W{' word' * length} {number}." for number, length in enumerate(lengths)]
)


@settings(max_examples=40, deadline=None)
@given(st.lists(SENTENCES, min_size=1, max_size=5), st.integers(8, 60))
def test_no_sentence_is_cut_lost_or_repeated(paragraphs: list[list[str]], size: int) -> None:
    body = "\n\n".join(" ".join(sentences) for sentences in paragraphs)

    chunks = BriefingChunker(count_words, size).chunks(briefing("b", body=body))[1:]

    cut = [sentence for chunk in chunks for sentence in split_sentences(chunk.text)]
    assert cut == [sentence for sentences in paragraphs for sentence in sentences]
    for chunk in chunks:
        assert count_words(chunk.text) <= size or len(split_sentences(chunk.text)) == 1


def test_chunks_fit_the_packaged_model_with_their_context() -> None:
    body = " ".join(f"Sentence number {number} says something new." for number in range(200))
    chunks = BriefingChunker().chunks(briefing("b", body=body))

    assert max(count_packaged_tokens(chunk.embedded_text) for chunk in chunks) <= 254
    assert " ".join(chunk.text for chunk in chunks[1:]) == read_sections(body)[0].lines[0]
