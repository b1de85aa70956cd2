"""The threat model names tests that exist, and at least one for each threat."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_test_it_names_exists():
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", DOCUMENT)
    missing = [
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"^(?:async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
    ]

    assert len(named) > 30
    assert missing == []


def test_every_threat_names_a_test():
    threats = re.split(r"^## ", DOCUMENT, flags=re.MULTILINE)[1:]

    assert [threat.splitlines()[0] for threat in threats if "::test_" not in threat] == []
