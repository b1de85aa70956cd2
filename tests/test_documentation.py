"""The documentation names what there is."""

from __future__ import annotations

import re
from pathlib import Path

from assistant.settings import Settings

ROOT = Path(__file__).parents[1]
SET_BY_COMMANDS = {"HEIDI_DEMO"}


def test_every_setting_is_documented_and_no_other():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    settings = {
        str(field.validation_alias or f"HEIDI_{name.upper()}")
        for name, field in Settings.model_fields.items()
    }

    assert settings - set(re.findall(r"[A-Z][A-Z_]+", text)) == SET_BY_COMMANDS
    listed = re.findall(r"`(HEIDI_[A-Z_]+)`", (ROOT / "docs/configuration.md").read_text("utf-8"))
    assert set(listed) <= settings


def test_every_link_between_the_pages_leads_somewhere():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *ROOT.glob("*/README.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]

    assert broken == []
