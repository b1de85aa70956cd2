"""Sentences that give a reason."""

from __future__ import annotations

import pytest

from assistant.core.reasons import CAUSE, HINT, PURPOSE, reason_in


@pytest.mark.parametrize(
    ("sentence", "worth"),
    [
        ("The flag goes because it hid mistakes.", CAUSE),
        ("The choice was driven by what the team needed.", CAUSE),
        ("Since Ferrite is essential for tests, Acme added it.", CAUSE),
        ("Its calm comes from how it keeps files.", CAUSE),
        ("Acme created this guide to preserve what its people know.", PURPOSE),
        ("It makes it easier to write code.", PURPOSE),
        ("The old order was inconsistent with other settings.", PURPOSE),
        ("The old order had problems.", HINT),
        ("Since 2019 Acme has sold robots.", 0.0),
        ("Since the first release Acme has passed the flag.", HINT),
        ("Acme sells robots to users.", 0.0),
    ],
)
def test_causes_come_before_purposes_and_hints(sentence: str, worth: float):
    assert reason_in(sentence) == worth
