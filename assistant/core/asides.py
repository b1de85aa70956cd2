"""Owns what a message says before its question: "First tell me…", "By the way, who…". Pure.

Such words say when something is asked, not what, and would be looked for in briefings.
"""

from __future__ import annotations

import re

_OPENING = r"^\W*(?:(?:ok|okay|wait|hold on|hang on|sorry|but|and|so|please|actually)\W+){0,3}"
_ASIDE = (
    r"(?:first(?: of all)?|before (?:that|we do(?: that)?|i (?:do|decide))|by the way|btw|"
    r"(?:just )?(?:one|a)(?: more)? (?:quick )?(?:question|thing)(?: first)?|quick question|"
    r"out of curiosity|meanwhile|in the meantime)"
)
_QUESTION = (
    r"(?=(?:(?:can|could|would|will) you |please )*(?:tell|explain|give|show|what|who|when|where|"
    r"why|which|how|is|are|was|were|do|does|did|has|have)\b)"
)
_BEFORE = re.compile(rf"{_OPENING}{_ASIDE}\b[\s,:;.–—-]+{_QUESTION}", re.IGNORECASE)


def without_aside(text: str) -> str:
    """A message from its question on, where all before it is an aside."""
    return _BEFORE.sub("", text, count=1)
