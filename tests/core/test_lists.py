"""Lists of a briefing that answer as they stand."""

from __future__ import annotations

from assistant.core.lists import AnswerList, choose_list, wants_list
from assistant.core.passages import Passage
from assistant.core.question_types import question_type
from assistant.core.reading import Question
from assistant.core.scoring import score_sentences
from assistant.core.terms import content_terms
from tests.core.passages import passage

_NAMES = (
    "Acme announces the candidates for its board election.\n"
    "You can find the candidates' pictures on a page. Here are their names:\n"
    "Ada Example.\nBob Sample.\nCara Muster.\n"
    "You can check whether you may vote on the page of the election, which lists all voters."
)


def _question(text: str) -> Question:
    return Question(
        text=text, kind=question_type(text), weights=dict.fromkeys(content_terms(text), 0.5)
    )


def _list(text: str, *passages: Passage) -> AnswerList | None:
    question = _question(text)
    scored = score_sentences(question, passages, lambda found: [0.5] * len(found))
    return choose_list(question, scored, passages)


def _items(found: AnswerList | None) -> list[str]:
    return [item.text for item in found.items] if found else []


def test_who_they_are_is_answered_by_the_list_of_their_names():
    found = _list("Who are the candidates for the board?", passage(_NAMES, title="Acme election"))
    assert _items(found) == ["Ada Example.", "Bob Sample.", "Cara Muster."]


def test_a_paragraph_behind_a_list_is_no_item():
    text = (
        "Acme runs a survey. The languages of the survey are:\nEnglish.\nGerman.\n"
        + " ".join(["word"] * 30)
        + "."
    )
    found = _list("In which languages is the survey?", passage(text, title="Survey"))
    assert _items(found) == ["English.", "German."]


def test_a_list_of_names_goes_on_in_the_next_chunk():
    first = passage(
        "Acme runs a survey. The languages of the survey are:\nEnglish.\nGerman.",
        title="Survey",
        chunk_id="robots:1:a",
    )
    second = passage("French.\nSpanish.\nAnd so it went.", title="Survey", chunk_id="robots:2:b")
    found = _list("In which languages is the survey?", first, second)
    assert _items(found)[:4] == ["English.", "German.", "French.", "Spanish."]


def test_a_long_list_is_cut_and_that_is_known():
    items = "\n".join(
        f"Change {number} makes the robots of Acme {'much ' * 18}faster." for number in range(9)
    )
    found = _list("What was changed in Acme robots?", passage(f"Changes in Acme robots:\n{items}"))
    assert found is not None
    assert found.is_cut
    assert len(found.items) == 4


def test_a_list_of_something_else_is_left_alone():
    text = "Acme sells robots.\nIts cafeteria serves:\nSoup.\nBread."
    assert _list("Which robots does Acme sell?", passage(text, title="Acme")) is None


def test_plural_questions_want_lists_and_others_do_not():
    assert wants_list(_question("Who are the new directors?"))
    assert wants_list(_question("In which languages was the survey available?"))
    assert wants_list(_question("What was fixed in Acme 2.2?"))
    assert wants_list(_question("Which partners did Acme welcome?"))
    assert not wants_list(_question("Which company makes phones?"))
    assert not wants_list(_question("How many languages are there?"))
    assert not wants_list(_question("Who runs Acme?"))


def test_the_winners_are_named_by_their_handles_too():
    text = (
        "The Acme award is given each year. Here are the winners of the Acme award:\n"
        "@ada (Ada Example).\n@bob (Bob Sample).\nWell done."
    )
    found = _list("Who won the Acme award?", passage(text, title="Acme award"))
    assert _items(found) == ["@ada (Ada Example).", "@bob (Bob Sample)."]


def test_items_with_a_number_end_where_it_is_missing():
    text = (
        "Acme 2 is out, and it is safer. The following AVEs are fixed in Acme 2:\n"
        "AVE-20-1: a leak.\nAVE-20-2: a crack.\n"
        "More is found in the post."
    )
    found = _list("Which AVEs are fixed in Acme 2?", passage(text, title="Acme 2"))
    assert _items(found) == ["AVE-20-1: a leak.", "AVE-20-2: a crack."]


def test_what_is_announced_as_an_objection_is_no_list_of_what_was_said():
    text = "Acme uses several clouds of robots, but:\nEach has its own rules.\nEach is dear."
    assert _list("Which clouds of robots does Acme use?", passage(text, title="Clouds")) is None
