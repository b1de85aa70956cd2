"""Staff see an answer as the visitor did: lists, emphasis and the numbers of its sources."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from assistant.core.events import Citation
from assistant.core.transcript import TranscriptTurn
from assistant.review.answers import answer_markup
from tests.events import BY_TYPE
from tests.fakes_agent import FakeClock


def shown(answer: str, *citations: Citation) -> BeautifulSoup:
    turn = TranscriptTurn(
        id="t", message="?", started_at=FakeClock()(), agent="built-in", answer=answer
    )
    turn.citations.extend(citations)
    return BeautifulSoup(answer_markup(turn), "html.parser")


def cited(end: int, number: int = 1, path: str = "/briefings/robots-walk") -> Citation:
    citation = BY_TYPE["citation"]
    assert isinstance(citation, Citation)
    return replace(citation, end=end, number=number, path=path)


def test_lists_and_emphasis_are_shown_as_such():
    page = shown("The latest:\n\n- **One** (5 May): so.\n- Two\n\nAnd\nmore")

    assert [item.get_text() for item in page.select("ul li")] == ["One (5 May): so.", "Two"]
    assert page.strong.get_text() == "One"
    assert page.select("p")[-1].br is not None


def test_each_place_that_cites_leads_to_its_source():
    page = shown("Robots walk. Chips shrink.", cited(12), cited(26, 2, "/briefings/chips"))

    assert page.get_text().strip() == "Robots walk. [1] Chips shrink. [2]"
    assert [(link.get_text(), link["href"]) for link in page.select("a")] == [
        ("[1]", "/briefings/robots-walk"),
        ("[2]", "/briefings/chips"),
    ]


@pytest.mark.parametrize("end", [0, 99])
def test_a_place_that_is_not_there_gets_no_number(end: int):
    assert shown("Robots.", cited(end)).select("a") == []


@pytest.mark.parametrize(
    "address", ["https://evil.example/x", "//evil.example", "javascript:alert(1)", "mailto:a@b.c"]
)
def test_an_address_elsewhere_is_shown_and_no_link(address: str):
    page = shown(f"Read [this]({address}) and **go**.", cited(4, path=address))

    assert page.select("a[href]") == []
    assert "Read [1] " not in page.get_text()
    assert "this" in page.get_text()
    if ":" in address and not address.startswith("javascript"):
        assert f"({address})" in page.get_text()


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", "![x](https://t.example/p.gif)", "<img src=x onerror=alert(1)>"],
)
def test_markup_stays_text(hostile: str):
    page = shown(hostile)

    assert page.select("script, img, [onerror]") == []
