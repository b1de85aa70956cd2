"""Owns the section of a briefing that quotes publishers who name different figures."""

from __future__ import annotations

import re

DIFFERING = "## Where the sources differ"
"""Heads the section; a curator who has decided between them takes it out."""
_NEXT_HEADING = re.compile(r"^#{1,2} ", re.MULTILINE)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def quoted_differences(body: str) -> tuple[str, ...]:
    """What the section of a body says, as plain text: one line for each difference.

    Args:
        body: Markdown of a briefing.
    """
    _, found, rest = f"\n{body}".partition(f"\n{DIFFERING}\n")
    if not found:
        return ()
    section = _NEXT_HEADING.split(rest, maxsplit=1)[0]
    lines = (line.strip() for line in section.splitlines())
    return tuple(_ESCAPED.sub(r"\1", line.removeprefix("- ")) for line in lines if line)
