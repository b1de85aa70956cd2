"""Kinds of questions."""

from __future__ import annotations

import pytest

from assistant.core.question_types import QuestionType, question_type


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Latest news on robotics", QuestionType.DIGEST),
        ("What happened in AI this week?", QuestionType.DIGEST),
        ("anything positive about robotics?", QuestionType.DIGEST),
        ("robotics news from Q3", QuestionType.DIGEST),
        ("news yesterday", QuestionType.DIGEST),
        ("What is the AI skills gap about?", QuestionType.ABOUT),
        ("Tell me about the AI Act", QuestionType.ABOUT),
        ("Who bought Wiz?", QuestionType.WHO),
        ("Who is Ada Lovelace", QuestionType.DEFINITION),
        ("When did the rules start?", QuestionType.WHEN),
        ("Where was the half marathon held?", QuestionType.WHERE),
        ("How many robots were installed in 2024?", QuestionType.HOW_MUCH),
        ("What does the R1 cost?", QuestionType.HOW_MUCH),
        ("Why did shares fall?", QuestionType.WHY),
        ("What caused the outage?", QuestionType.WHY),
        ("How does it work?", QuestionType.HOW),
        ("What is Majorana 1?", QuestionType.DEFINITION),
        ("First tell me what edge computing is", QuestionType.DEFINITION),
        ("What is Acme, in two sentences?", QuestionType.ABOUT),
        ("What did Acme publish in June 2026?", QuestionType.DIGEST),
        ("What happened at Acme in April 2026?", QuestionType.DIGEST),
        ("What is the latest version of Rust?", QuestionType.DEFINITION),
        ("Which practices are banned?", QuestionType.LIST),
        ("Compare A and B", QuestionType.COMPARE),
        ("Has OpenAI released weights?", QuestionType.YES_NO),
        ("What happened to the cloud in June?", QuestionType.OPEN),
        ("Which big robot recalls have you reported on?", QuestionType.DIGEST),
        ("What did you write about quantum chips this month?", QuestionType.DIGEST),
        ("Which private space company is suing Acme?", QuestionType.WHO),
        ("Acme was bought by which Japanese car maker?", QuestionType.WHO),
        ("Which small island nation banned Acme?", QuestionType.WHERE),
        ("What group of rules applies?", QuestionType.OPEN),
        ("Acme fell when six firms left. Which state did it leave?", QuestionType.WHERE),
        ("Acme grew when it moved. In which country is it?", QuestionType.WHERE),
        ("Guests laughed when two of which animals came by?", QuestionType.OPEN),
        ("Do you know when Acme moved?", QuestionType.WHEN),
        ("According to Dr. Ann Smith, when will it move?", QuestionType.WHEN),
        ("Which notable figure left Acme?", QuestionType.WHO),
        ("What are they looking for?", QuestionType.DEFINITION),
        ("The article of the law passed this week. How many agreed?", QuestionType.HOW_MUCH),
        ("About how many robots are there?", QuestionType.HOW_MUCH),
        ("acme news april 2026", QuestionType.DIGEST),
        ("Who wrote the post on robots?", QuestionType.WHO),
        ("What are humanoid robots?", QuestionType.DEFINITION),
        ("What are the risks?", QuestionType.LIST),
    ],
)
def test_the_kind_of_answer_is_read_from_the_question(question: str, expected: QuestionType):
    assert question_type(question) is expected
