"""Every factual sentence of an answer is checked against what it cites."""

from __future__ import annotations

import pytest

from assistant.core.events import Outcome
from eval.questions import Expectation
from eval.supported import SentenceCheck, check_answer
from eval.supported_figures import JudgedTurn, Share, by_group, figures_of, sample_of
from tests.eval.supported_builders import ANSWERED, asked, unjudged

BOUGHT = "Acme bought 300 robots from Figure in October 2025."


def test_a_sentence_of_the_cited_passage_is_supported():
    (check,) = check_answer(asked(BOUGHT, BOUGHT))
    assert check == SentenceCheck(
        sentence=BOUGHT, source="Acme buys robots", states_cited_facts=True, has_span=True
    )
    assert check.is_supported


@pytest.mark.parametrize(
    ("said", "states_cited_facts"),
    [
        ("Acme bought 900 robots from Figure in October 2025.", False),
        ("Acme bought 300 robots from Umbrella in October 2025.", False),
        ("Acme bought 300 robots from Figure in May 2025.", False),
        ("Figure gave away lorries, hotels and bicycles for nothing.", True),
    ],
)
def test_what_the_cited_passage_does_not_say_is_not_supported(said, states_cited_facts):
    (check,) = check_answer(asked(said, said))
    assert (check.states_cited_facts, check.has_span) == (states_cited_facts, False)


def test_a_fact_that_nothing_is_cited_for_is_not_supported():
    answer = f"{BOUGHT} Umbrella bought 12 of them."
    cited, uncited = check_answer(asked(answer, BOUGHT))
    assert cited.is_supported
    assert uncited == SentenceCheck(
        sentence="Umbrella bought 12 of them.",
        source=None,
        states_cited_facts=False,
        has_span=False,
    )


@pytest.mark.parametrize(
    "own",
    [
        "I find no direct answer in our briefings. The closest they come:",
        "That isn't in our briefings. The nearest briefing is “Umbrella sells 12 robots”.",
        "Read it in full: [Umbrella sells 12 robots](/briefings/umbrella).",
        "The latest on Acme:",
        "To ask a person instead, say “talk to a person”.",
    ],
)
def test_words_of_heidis_own_claim_nothing(own):
    assert check_answer(asked(own)) == ()


def test_title_and_day_before_a_sentence_are_those_of_the_cited_briefing():
    right = f"**Acme buys robots** (5 March 2026): {BOUGHT}"
    as_of = f"As of 5 March 2026: {BOUGHT}"
    wrong = f"**Acme buys robots** (6 March 2026): {BOUGHT}"
    assert [check.sentence for check in check_answer(asked(right, right))] == [BOUGHT]
    assert [check.sentence for check in check_answer(asked(as_of, as_of))] == [BOUGHT]
    assert not any(check.is_supported for check in check_answer(asked(wrong, wrong)))


def test_backslashes_of_markdown_are_not_words():
    said = "Acme bought 300 robots from \\_Figure\\_ in October 2025."
    assert [check.is_supported for check in check_answer(asked(said, said))] == [True]


def test_a_key_changes_with_the_answer_and_the_place_does_not():
    one, other = asked(BOUGHT, BOUGHT), asked(BOUGHT)
    assert one.key != other.key
    assert one.place == other.place == "who-sold-robots#1"
    assert one.key.startswith("who-sold-robots#1@")


def test_figures_of_four_turns():
    unanswerable = Expectation(outcomes=frozenset({Outcome.ABSTAINED}))
    turns = [
        asked(BOUGHT, BOUGHT),
        asked("Acme bought robots.", "Acme bought robots.", retrieved=("post-x", "post-robots")),
        asked("That isn't in our briefings.", outcome=Outcome.ABSTAINED, retrieved=("post-x",)),
        asked(
            "It is 12.", question_id="unanswered-age", expect=unanswerable, outcome=Outcome.ANSWERED
        ),
    ]
    figures = figures_of([JudgedTurn(turn=turn, sentences=check_answer(turn)) for turn in turns])
    assert figures.turns == 4
    assert figures.answered == Share(part=2, whole=3)
    assert figures.abstained == Share(part=0, whole=1)
    assert figures.found_first == Share(part=1, whole=3)
    assert figures.found == Share(part=2, whole=3)
    assert figures.cited == Share(part=2, whole=3)
    assert figures.said == Share(part=1, whole=3)
    assert figures.kept == Share(part=3, whole=3)
    assert figures.words_p50 == 3
    assert figures.facts == figures.spans == figures.supported == Share(part=2, whole=3)


def test_expected_values_may_be_lost_before_the_answer():
    expect = Expectation(outcomes=ANSWERED, contains=(("Figure",), ("$5", "five dollars")))
    turn = asked(BOUGHT, BOUGHT, expect=expect)
    assert (turn.missing, turn.lost) == (("$5",), ("$5",))


def test_a_share_of_nothing_has_no_value():
    assert Share(part=0, whole=0).value is None
    assert (str(Share(part=0, whole=0)), str(Share(part=1, whole=4))) == ("–", "1 of 4 (25.0%)")


def test_groups_are_named_by_the_first_word_of_the_id():
    turns = [asked("A.", question_id=each) for each in ("who-a", "when-b", "who-c")]
    groups = by_group([unjudged(turn) for turn in turns])
    assert {name: figures.turns for name, figures in groups.items()} == {"who": 2, "when": 1}


def test_a_sample_keeps_its_questions_when_an_answer_goes():
    judged = [unjudged(asked("A.", question_id=f"who-{at}")) for at in range(40)]
    sample = sample_of(judged, 10, seed=0)
    assert sample == sample_of(judged, 10, seed=0) != sample_of(judged, 10, seed=1)
    without = [each for each in judged if each is not sample[0]]
    assert len({each.turn.place for each in sample_of(without, 10, seed=0)} - places(sample)) == 1


def test_only_answers_are_sampled():
    silent = unjudged(asked("That isn't in our briefings.", outcome=Outcome.ABSTAINED))
    assert sample_of([silent], 5, seed=0) == []


def places(sample: list[JudgedTurn]) -> set[str]:
    return {each.turn.place for each in sample}


def test_the_day_that_a_sentence_is_from_is_that_of_the_cited_briefing():
    right = f"{BOUGHT} That is from 5 March 2026."
    wrong = f"{BOUGHT} That is from 6 March 2026."
    assert [check.sentence for check in check_answer(asked(right, right))] == [BOUGHT]
    assert not all(check.is_supported for check in check_answer(asked(wrong, wrong)))
