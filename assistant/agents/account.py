"""Owns the account part of the built-in agent: from a question about account or balance to a reply.

Does not own how a question is read (`core/account_requests.py`) nor what the tools say.
"""

from __future__ import annotations

from collections.abc import Mapping

from assistant.agents.desk import Desk, ask_to_sign_in, say_failure
from assistant.agents.proposing import FORM, say_contact_proposal
from assistant.core.account_requests import (
    AccountQuestion,
    ContactChange,
    Unsupported,
    read_account_request,
    read_contact,
)
from assistant.core.dialogue import gives_up
from assistant.core.events import ConfirmationRequired, Outcome
from assistant.core.replies import Reply
from assistant.retrieval.periods import find_period

CONTACT_KIND = "contact"
"""`kind` of the form that waits for new contact data."""

_NAMES = {"email": "e-mail address", "phone": "phone number", "address": "postal address"}
_PURPOSE = "look at your account"
_AFTER = {
    "get_balance": ("Show my last five payments", "Do I have open invoices?"),
    "list_transactions": ("What's my balance?", "Do I have open invoices?"),
    "list_invoices": ("Show my last five payments", "What's my balance?"),
    "get_profile": ("What's my balance?", "Do I have open invoices?"),
    "get_account_overview": ("Show my last five payments", "When does my plan renew?"),
}
PERSON_QUESTIONS = ("Talk to a person", "Book a meeting with support", "What's my balance?")
_CAN = (
    "I can show your balance, payments, invoices and plan, and change your e-mail, phone or address"
)
_UNSUPPORTED = {
    Unsupported.CARD_OR_FRAUD: (
        "I can't see, block or replace cards, or investigate payments. If money may be at risk, "
        "please contact your card's issuer or our support team right away: ask me to talk to a "
        "person."
    ),
    Unsupported.SECRETS: (
        "I can't see or change PINs, passwords or codes, and you should never write them here. Our "
        "support team helps with access: ask me to talk to a person."
    ),
    Unsupported.MONEY: (
        f"I can't move money or change products. {_CAN}; for the rest our support team is there: "
        "ask me to talk to a person, or book a meeting with support."
    ),
    Unsupported.OTHER: (
        f"I can't help with that one myself. {_CAN}. For anything else our support team is there: "
        "ask me to talk to a person, or book a meeting with support."
    ),
}


async def answer_account(desk: Desk, question: str, *, is_about_balance: bool) -> Reply:
    """Answer a question about the visitor's account.

    Args:
        desk: the turn.
        question: the message, or the part of it that is about the account.
        is_about_balance: the router took it for a question about the balance.
    """
    period = find_period(question, desk.today)
    request = read_account_request(
        question,
        is_about_balance=is_about_balance,
        period=(period.since, period.until) if period else (None, None),
        period_span=(period.start, period.end) if period else (0, 0),
    )
    match request:
        case Unsupported():
            return Reply(
                text=_UNSUPPORTED[request], outcome=Outcome.DECLINED, questions=PERSON_QUESTIONS
            )
        case ContactChange():
            return await _change_contact(desk, request)
        case AccountQuestion():
            return await _look_up(desk, request)


async def _look_up(desk: Desk, request: AccountQuestion) -> Reply:
    called = await desk.call(request.tool, request.arguments)
    if called.needs_sign_in:
        return ask_to_sign_in(called, _PURPOSE)
    if not called.is_ok:
        return say_failure(called)
    return Reply(
        text=called.text,
        outcome=Outcome.ANSWERED,
        events=called.events,
        questions=(*_AFTER[request.tool], "Latest news"),
    )


def contact_form(state: Mapping[str, object]) -> str | None:
    """Which contact data the state waits for; None if it waits for none."""
    form = state.get(FORM)
    if not isinstance(form, Mapping) or form.get("kind") != CONTACT_KIND:
        return None
    wanted = form.get("asked")
    return wanted if isinstance(wanted, str) and wanted in ("", *_NAMES) else None


def is_for_contact(message: str, wanted: str) -> bool:
    """Whether a message answers the question for contact data, or gives it up."""
    return bool(gives_up(message) or _wanted_by(message, wanted) or read_contact(message, wanted))


async def go_on_with_contact(desk: Desk, wanted: str) -> Reply:
    """Go on with a change of contact data that waits for its value."""
    message = desk.turn.message
    if gives_up(message):
        return Reply(
            text="Okay, your contact data stays as it is.",
            outcome=Outcome.ANSWERED,
            questions=("What's my balance?", "Latest news"),
            changes={FORM: None},
        )
    field = wanted or _wanted_by(message, wanted)
    value = read_contact(message, field) if field else ""
    values = {field: value} if value else {}
    return await _change_contact(desk, ContactChange(values=values, wanted=field))


def say_return_to_contact(wanted: str) -> str:
    """What leads back to the open question after a digression."""
    return f"Back to your contact data: {_ask_contact(wanted)}"


async def _change_contact(desk: Desk, change: ContactChange) -> Reply:
    if not change.values:
        question = _ask_contact(change.wanted)
        return Reply(
            text=f"{question[0].upper()}{question[1:]}",
            outcome=Outcome.ASKED,
            questions=() if change.wanted else ("E-mail", "Phone", "Address"),
            changes={FORM: {"kind": CONTACT_KIND, "asked": change.wanted}},
        )
    called = await desk.call("update_contact", change.values)
    if isinstance(called.invocation, ConfirmationRequired):
        return say_contact_proposal(called.invocation).after(*called.events)
    if called.needs_sign_in:
        return ask_to_sign_in(called, "change your contact data")
    if called.output.get("field"):
        form = {"kind": CONTACT_KIND, "asked": called.output["field"]}
        return Reply(
            text=called.text, outcome=Outcome.ASKED, events=called.events, changes={FORM: form}
        )
    return say_failure(called).with_changes(form=None)


def _ask_contact(wanted: str) -> str:
    if not wanted:
        return "what shall I change: your e-mail, your phone or your address?"
    return f"what is your new {_NAMES[wanted]}?"


def _wanted_by(message: str, wanted: str) -> str:
    if wanted:
        return ""
    text = message.lower().replace("e-mail", "email")
    return next((name for name in _NAMES if name in text), "")
