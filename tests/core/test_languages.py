"""Telling English from what is not."""

from __future__ import annotations

import pytest

from assistant.core.languages import is_other_language, is_other_script


@pytest.mark.parametrize(
    ("text", "is_other"),
    [
        ("Wie hoch ist mein Kontostand bitte?", True),
        ("Quelles sont les nouvelles sur les robots ?", True),
        ("¿Cuánto dinero tengo en mi cuenta?", True),
        ("What's the latest on Die Zeit and Le Monde?", False),
        ("book sales", False),
        ("hola", False),
        ("", False),
    ],
)
def test_other_languages_are_told_by_their_common_words(text, is_other):
    assert is_other_language(text) is is_other


@pytest.mark.parametrize(
    ("text", "is_other"),
    [
        ("人工智能是什么", True),
        ("Что нового?", True),
        ("naïve café", False),
        ("🤖", False),
        ("", False),
    ],
)
def test_other_scripts_are_told_by_their_letters(text, is_other):
    assert is_other_script(text) is is_other
