"""Who does what is asked of."""

from __future__ import annotations

import pytest

from assistant.core.doers import deed, doing_asked, names_doer

_ASKED = "Which companies build humanoid robots?"


@pytest.mark.parametrize(
    "sentence",
    [
        "Acme Works builds humanoid robots in Oslo.",
        "Acme Works of Oslo presented the A1 in May, a humanoid robot.",
        "Acme Works, a firm with roots in Norway, has shown a humanoid robot.",
        "The Norwegian robot maker Acme presented a humanoid.",
        "The humanoid robots were built by Acme Works.",
        "A humanoid robot by Acme costs 900 dollars.",
        "Visitors saw Acme's humanoid robot.",
        "In Oslo a few companies build humanoid robots, among them Acme and Basalt.",
    ],
)
def test_a_name_is_told_to_do_it(sentence: str):
    assert names_doer(_ASKED, sentence, sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Nobody knows when Acme will need a humanoid robot.",
        "Robots that are humanoid and built well need rules.",
        "Acme Works bought humanoid robots.",
        "Acme Works builds carts.",
        "Humanoid robots walk in Oslo, as Acme Works reported on building them.",
        "Acme Works was built for humanoid robots.",
        "With help from Acme Works we built a humanoid robot.",
        "Engineers build humanoid robots.",
    ],
)
def test_a_name_that_does_something_else_is_none(sentence: str):
    assert not names_doer(_ASKED, sentence, sentence)


def test_what_is_not_made_is_told_by_its_own_verb():
    asked = "Which organisations use Ferrite?"
    assert names_doer(asked, "At Acme, Basalt Labs already uses Ferrite.", "")
    assert not names_doer(asked, "Basalt Labs presented Ferrite.", "")


def test_the_doing_is_read_from_the_question():
    assert doing_asked("Which companies are building robots?") == doing_asked(_ASKED)
    assert deed("So which companies currently build robots?") == "build robots"
    assert doing_asked("Which companies are in Oslo?") == ("", "")
    assert doing_asked("Why do companies build robots?") == ("", "")
