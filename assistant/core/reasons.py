"""Owns how far a sentence gives a reason: a cause, a purpose, or the trouble that led to it.

Pure; English. Does not own what a reason is worth to a question (`scoring.py`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from assistant.core.terms import fold

CAUSE = 1.0
PURPOSE = 0.75
"""What something was done for, what it makes possible, or the trouble with what was before."""
HINT = 0.5
"""What came before, or what was wrong: often the reason, not said to be one."""

_CAUSE = re.compile(
    r"\b(?:because|due to|owing to|thanks to|caused?|causes|reasons?|so that|led to|triggered|"
    r"traced|result(?:s|ed)? (?:of|from)|in order to|blam\w+|in response to|therefore|argued?|"
    r"argues|justif\w+|explains?|driven by|motivat\w+|rationale|(?:stems?|c[ao]mes?) from|"
    r"(?:(?:which|that|this) is|that's) why|hence|thus|prompted|given that|so as to)\b"
    r"|^since (?!(?:the )?(?:19|20)\d\d|then\b|its? (?:first|launch)|last\b|the (?:first|last|"
    r"beginning|start|launch|release|introduction|founding|inception|early)\b)"
)
_PURPOSE = re.compile(
    r"\b(?:created?|creates|built|made|wrote|written|add(?:ed|s)|introduc(?:ed?|es)|designed|chose|"
    r"moved|removed|launched|need(?:ed|s)?|decided|wanted|released|adopted|switched|changed|"
    r"developed|started|published|hoped?|intend(?:ed|s)?|extended|replaced|renamed|dropped|"
    r"deprecated)\b[^.;]{0,70}?\bto (?!(?:the|an?|our|your|its|their|this|"
    r"that|these|those|be|use|have|do)\b)[a-z]+"
    r"|\bmak(?:es|ing) (?:\w+ ){1,3}(?:easier|possible|simpler|harder|safer|faster)\b"
    r"|\b(?:goal|aim|purpose|intent(?:ion)?|idea|benefit|advantage|motive) (?:of|in|is|was|"
    r"behind)\b|\baim(?:s|ed|ing)? (?:to|at)\b|\bmeant to\b"
    r"|\b(?:inconsistent|not work(?:ing)? as|confusing|surprising|error-prone|misleading|unsound|"
    r"insecure|impractical|bug|flaw|fault|defect|misconfigur\w+|race condition)\b"
    r"|\bso (?:we|you|they|it|users|people|that)\b|\bto (?:avoid|prevent|ensure|reduce|address|"
    r"resolve|protect|preserve|guarantee|improve|simplify)\b"
)
_HINT = re.compile(
    r"\b(?:after|following|amid|since(?! (?:19|20)\d\d)|as (?:it|they|we|this|these|there)|"
    r"problems?|issues?|risks?|limitations?|lack(?:s|ed|ing)?|difficult\w*|hard to|confus\w+|"
    r"results? in|mistakes?|broken|errors?|unclear|costly|unable|cannot|"
    r"could not|couldn't|can't|allows|enables|allowing|enabling)\b"
)


@lru_cache(maxsize=32_768)
def reason_in(text: str) -> float:
    """How far a sentence gives a reason, in [0, 1]."""
    folded = fold(text)
    if _CAUSE.search(folded):
        return CAUSE
    if _PURPOSE.search(folded):
        return PURPOSE
    return HINT if _HINT.search(folded) else 0.0
