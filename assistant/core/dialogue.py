"""Owns how a message steers the dialogue: a decision, giving up, wanting a person. Pure; English.

Strict on purpose: a message with anything beyond the decision in it is none.
"""

from __future__ import annotations

import re
from typing import Literal

Decision = Literal["confirm", "decline"]

_YES = (
    r"(?:yes|yep|yeah|yup|ya|y|sure(?: thing)?|ok|okay|alright|all right|fine|correct|"
    r"absolutely|certainly|definitely|of course|perfect|great|sounds good|looks good|"
    r"that'?s (?:right|correct|fine|good|perfect)|that works|works for me)"
)
_DO = (
    r"(?:please )?(?:do (?:it|that|so)|do|go ahead|go for it|proceed|confirm(?:ed)?(?: it| that)?|"
    r"i confirm(?: it| that)?|make it so|that'?s it)"
)
_VERBS = {
    "book_meeting": r"(?:book|schedule|reserve) (?:it|that|this|the meeting|this meeting)",
    "move_meeting": r"(?:move|reschedule|change) (?:it|that|this|the meeting|this meeting)",
    "cancel_meeting": r"(?:cancel|delete|remove) (?:it|that|this|the meeting|this meeting)",
    "update_contact": r"(?:change|update|save) (?:it|that|this|them)",
}
_COURTESY = r"(?:please|thanks|thank you|heidi|then|now)"
_NO = (
    r"(?:no|nope|nah|na|n|no way|not now|not yet|rather not|i'd rather not|better not|"
    r"don'?t|do not|please don'?t|wrong|that'?s (?:wrong|not right)|i changed my mind)"
)
_DO_NOT = r"(?:don'?t|do not) (?:do|book|move|change|cancel|confirm|save) (?:it|that|this)|don'?t"
_GIVE_UP = (
    r"(?:never ?mind|nvm|forget (?:it|that|about it|about that)|leave it|drop it|stop|abort|quit|"
    r"exit|scrap (?:it|that)|skip it|let'?s not|not anymore|no longer needed)"
)
_CANCEL_IT = r"(?:cancel(?: it| that| this| the booking| everything)?)"

_DECLINE = re.compile(
    rf"(?:{_NO}|{_DO_NOT}|{_GIVE_UP}|{_NO} (?:{_DO_NOT}|{_GIVE_UP}|{_COURTESY}))"
    rf"(?: {_COURTESY}| {_GIVE_UP})*"
)
_ABANDON = re.compile(
    rf"(?:(?:{_NO}|ok|okay|actually|sorry|please|oh|hmm|well) )*"
    rf"(?:{_GIVE_UP}|{_CANCEL_IT}|{_NO}|{_DO_NOT})(?: {_COURTESY}| {_GIVE_UP})*"
)
_PERSON = re.compile(
    r"\b(?:talk|speak|chat|connect|transfer|get|put|pass|hand|reach|contact|escalate)\b[^.?!]{0,30}"
    r"\b(?:(?:a|an|the|some|any|real|live|actual) )*(?:human|person|people|agent|someone|somebody|"
    r"representative|rep|operator|advisor|adviser|manager|supervisor|staff|"
    r"support (?:staff|person)|customer (?:service|support|care))\b"
    r"|\b(?:real|live|actual) (?:human|person|agent)\b"
    r"|^\W*(?:human|person|agent|operator|representative|customer service|complaint)\W*$"
    r"|\b(?:make|file|have) a complaint\b"
)


def read_decision(message: str, *, tool: str = "") -> Decision | None:
    """What a message that is nothing but a yes or a no decides about a pending write.

    Args:
        message: what the visitor typed.
        tool: the write that waits. With it, "cancel it" confirms a cancellation and declines
            anything else, and "book it" confirms a booking only.
    """
    plain = _plain(message)
    if _confirms(plain, tool):
        return "confirm"
    if _DECLINE.fullmatch(plain):
        return "decline"
    if re.fullmatch(_CANCEL_IT, plain) and tool != "cancel_meeting":
        return "decline"
    return None


def gives_up(message: str) -> bool:
    """Whether a message only ends what is being arranged: "cancel", "never mind", "no thanks"."""
    return _ABANDON.fullmatch(_plain(message)) is not None


def wants_person(message: str) -> bool:
    """Whether the visitor asks for a person instead of an assistant."""
    return _PERSON.search(message.lower().replace("\u2019", "'")) is not None


def _confirms(plain: str, tool: str) -> bool:
    others = [verb for name, verb in _VERBS.items() if name != "cancel_meeting"]
    verb = _VERBS.get(tool, "|".join(others) if not tool else r"(?!)")
    act = rf"(?:{_DO}|{verb})"
    pattern = rf"(?:{_YES}(?: {_YES})*(?: {act})?|{act})(?: {_COURTESY})*"
    return re.fullmatch(pattern, plain) is not None


def _plain(message: str) -> str:
    """Lower case, without punctuation and emoji, single spaces."""
    if len(message) > 80:
        return ""
    text = message.lower().replace("\u2019", "'")
    return " ".join(re.sub(r"[^\w' ]+", " ", text).split())
