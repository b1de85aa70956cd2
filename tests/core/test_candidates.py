"""Which sentences may answer, and which of them stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from assistant.core.candidates import (
    answering,
    contradicting,
    newest_first,
    newest_release,
    on_subject,
)
from assistant.core.passages import Passage
from assistant.core.question_types import question_type
from assistant.core.reading import Question
from assistant.core.scoring import ScoredSentence, score_sentences
from assistant.core.terms import content_terms
from tests.core.passages import passage


def _question(text: str) -> Question:
    return Question(
        text=text, kind=question_type(text), weights=dict.fromkeys(content_terms(text), 0.5)
    )


def _answers(question: Question, *passages: Passage) -> tuple[ScoredSentence, ...]:
    scored = score_sentences(question, passages, lambda sentences: [0.5] * len(sentences))
    whole = {found.briefing_id: (found,) for found in passages}
    return answering(question, on_subject(question, scored, whole))


def _of(day: date, text: str, name: str) -> Passage:
    return passage(text, briefing_id=name, chunk_id=f"{name}:0:abc", title="Acme", date=day)


_OLD = _of(date(2025, 11, 20), "Acme reported a revenue of 57.0 billion dollars.", "old")
_NEW = _of(date(2026, 5, 21), "Acme reported a revenue of 81.6 billion dollars.", "new")


def test_the_newest_of_two_briefings_stands_and_its_day_is_said():
    question = _question("How much did Acme earn?")
    standing, as_of = newest_first(question, _answers(question, _OLD, _NEW))
    assert [found.passage.briefing_id for found in standing] == ["new"]
    assert as_of == date(2026, 5, 21)


def test_a_dated_question_is_left_to_its_time():
    question = _question("How much did Acme earn in 2025?")
    scored = _answers(question, _OLD)
    assert newest_first(question, scored) == (scored, None)


def test_what_many_briefings_name_rules_none_out_of_a_long_question():
    text = "Which firm said that after the Covid-19 closures ten robots would be sold to schools?"
    terms = content_terms(text)
    told = _of(date(2021, 3, 1), "Acme said that ten robots would be sold to schools.", "told")
    common = Question(
        text=text,
        kind=question_type(text),
        weights={term: 0.4 if "19" in term or term == "covid" else 0.7 for term in terms},
    )
    assert _answers(common, told)
    telling = Question(text=text, kind=question_type(text), weights=dict.fromkeys(terms, 0.7))
    assert not _answers(telling, told)


def test_who_won_this_year_is_not_told_by_a_report_of_last_year():
    question = replace(_question("Who won the Acme race in 2026?"), today=date(2026, 9, 1))
    before = _of(date(2025, 4, 20), "Robo won the Acme race on Sunday.", "before")
    after = _of(date(2026, 4, 20), "Bobo won the Acme race on Sunday.", "after")
    found = _answers(question, before, after)
    assert {each.passage.briefing_id for each in found} == {"after"}


def test_a_year_that_is_only_compared_with_gives_no_figure_of_its_own():
    question = _question("What share of members voted at Acme in 2023?")
    later = passage(
        "With a share of 43 percent, it is up from the 2023 election.",
        briefing_id="later",
        chunk_id="later:0:abc",
        title="Acme election 2024",
    )
    assert not _answers(question, later)


def test_a_neighbour_of_what_was_asked_does_not_answer():
    assert not _answers(_question("How much did Umbrella earn?"), _OLD)
    assert not _answers(_question("How many employees does Acme have?"), _OLD)
    assert not _answers(_question("Who founded Acme?"), _OLD)


def test_a_founder_is_named_by_a_sentence_on_founding():
    told = _of(date(2026, 1, 1), "The company Acme was founded by Ada Lovelace.", "told")
    assert len(_answers(_question("Who founded Acme?"), told)) == 1


def test_the_figure_of_an_older_briefing_on_the_same_is_told_as_saying_otherwise():
    question = _question("How much did Acme earn?")
    scored = _answers(question, _OLD, _NEW)
    standing, _ = newest_first(question, scored)
    other = contradicting(question, scored, standing)
    assert other is not None
    assert other.passage.briefing_id == "old"


def test_the_same_figure_contradicts_nothing():
    again = _of(date(2026, 5, 22), "Acme reported a revenue of 81.6 billion dollars.", "again")
    question = _question("How much did Acme earn?")
    scored = _answers(question, _NEW, again)
    standing, _ = newest_first(question, scored)
    assert contradicting(question, scored, standing) is None


def test_the_newest_release_is_the_newest_by_date_and_number():
    def announced(title: str, day: date) -> Passage:
        return passage("It is here.", briefing_id=title, title=title, date=day)

    question = _question("What is the latest version of Acme?")
    found = newest_release(
        question,
        [
            announced("Announcing Acme 1.9.0", date(2026, 1, 1)),
            announced("Announcing Acme 1.10.0", date(2026, 3, 1)),
            announced("Acme survey 2026 results", date(2026, 4, 1)),
        ],
    )
    assert found is not None
    assert found.title == "Announcing Acme 1.10.0"


_FLAW = passage(
    "The flaw in Acme lets anyone read the notes of others. Ada Okafor of Umbrella reported it in "
    "March. The flaw in Acme was found in a test by Initech. Acme 3.1 mends the flaw in Acme.",
    title="A flaw in Acme",
)


def test_who_found_something_is_answered_by_who_did_it():
    said = [f.sentence.text for f in _answers(_question("Who reported the flaw in Acme?"), _FLAW)]
    assert sorted(said) == [
        "Ada Okafor of Umbrella reported it in March.",
        "The flaw in Acme was found in a test by Initech.",
    ]


def test_a_text_on_a_finding_that_names_no_finder_does_not_answer():
    silent = passage(
        "The flaw in Acme was found in March. Acme was notified of the flaw. Acme 3.1 mends it.",
        title="A flaw in Acme",
    )
    assert _answers(_question("Who found the flaw in Acme?"), silent) == ()


def test_a_figure_of_another_year_does_not_answer():
    text = (
        "Acme reported a revenue of 57 billion dollars. In 2024 its revenue was 40 billion dollars."
    )
    found = _of(date(2025, 3, 1), text, "years")
    question = _question("How much revenue did Acme report in 2022?")
    assert not _answers(question, found)
    asked = _answers(_question("How much revenue did Acme report in 2024?"), found)
    assert [each.position for each in asked][:1] == [1]


def test_a_briefing_on_another_year_does_not_answer():
    text = "The Acme survey is open in ten languages."
    other = passage(text, title="The Acme survey 2025", date=date(2025, 3, 1))
    assert not _answers(_question("In which languages was the Acme survey of 2021?"), other)
    same = passage(text, title="The Acme survey 2021", date=date(2021, 3, 1))
    assert _answers(_question("In which languages was the Acme survey of 2021?"), same)
