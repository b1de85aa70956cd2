"""Conversations about account and balance: which tool is asked what, sign-in, honest limits."""

from __future__ import annotations

import pytest

from assistant.core.events import Outcome
from assistant.core.router import Intent
from tests.agents.conversation import NOBODY, UNSURE, Conversation

BALANCE = (
    "Your Everyday account holds €2,480.15 and your Savings account holds €12,350.00. Across all "
    "accounts: €14,830.15."
)


async def test_the_balance_is_told_with_a_card_and_what_to_ask_next():
    answer = await Conversation({"What's my balance?": Intent.BALANCE}).say("What's my balance?")

    assert (answer.text, answer.outcome) == (BALANCE, Outcome.ANSWERED)
    assert (answer.calls, answer.cards) == (["get_balance"], ["facts"])
    assert answer.suggested == (
        "Show my last five payments",
        "Do I have open invoices?",
        "Latest news",
    )


async def test_a_visitor_signs_in_and_is_answered_without_retyping():
    talk = Conversation({"What's my balance?": Intent.BALANCE}, caller=NOBODY)

    refused = await talk.say("What's my balance?")
    answer = await talk.sign_in()

    assert (refused.outcome, refused.calls) == (Outcome.SIGN_IN_REQUIRED, [])
    assert refused.text == (
        "Please sign in so I can look at your account. I'll answer as soon as you have."
    )
    assert answer.text == BALANCE


@pytest.mark.parametrize(
    ("message", "call"),
    [
        ("how much is in my savings account", "get_balance account=savings"),
        ("my last three payments", "list_transactions limit=3"),
        ("my last payment", "list_transactions limit=1"),
        (
            "what did I pay in October",
            "list_transactions since=2026-10-01 until=2026-10-31 direction=out",
        ),
        (
            "How much did I spend on groceries last month?",
            "list_transactions since=2026-10-01 until=2026-10-31 direction=out text=groceries",
        ),
        ("payments to Rhône Rail", "list_transactions direction=out text=rhône rail"),
        ("When did my last salary come in?", "list_transactions direction=in limit=1"),
        ("show my open invoices", "list_invoices status=open"),
        ("which invoices are overdue?", "list_invoices status=overdue"),
        ("show me my invoices", "list_invoices"),
        ("which plan am I on", "get_profile"),
        ("what e-mail address do you have for me?", "get_profile"),
        ("give me an overview of my account", "get_account_overview"),
    ],
)
async def test_the_tool_follows_the_question(message, call):
    answer = await Conversation({message: Intent.ACCOUNT}).say(message)

    assert answer.calls == [call]
    assert answer.outcome is Outcome.ANSWERED


@pytest.mark.parametrize(
    ("message", "start"),
    [
        ("I lost my card", "I can't see, block or replace cards"),
        ("I forgot my PIN", "I can't see or change PINs, passwords or codes"),
        ("send 50 euros to my brother", "I can't move money or change products."),
        ("why is the app so slow", "I can't help with that one myself."),
    ],
)
async def test_what_no_tool_does_is_declined_with_a_way_to_a_person(message, start):
    answer = await Conversation({message: Intent.ACCOUNT}).say(message)

    assert answer.outcome is Outcome.DECLINED
    assert answer.text.startswith(start)
    assert "talk to a person" in answer.text.replace("talk to a \nperson", "talk to a person")
    assert (answer.calls, answer.suggested[0]) == ([], "Talk to a person")


async def test_new_contact_data_are_proposed_and_changed_once_confirmed():
    talk = Conversation()

    proposed = await talk.say("Change my phone number to +41 44 555 99 00")
    done = await talk.say("yes")

    assert proposed.outcome is Outcome.CONFIRMATION_REQUIRED
    assert proposed.calls == ["? update_contact phone=+41 44 555 99 00"]
    assert proposed.text == (
        "Change your contact data? Phone: +41 44 555 99 00 (now +33 1 99 00 12 34). Nothing "
        "changes until you confirm."
    )
    assert done.calls == ["update_contact phone=+41 44 555 99 00"]


async def test_missing_contact_data_are_asked_for_with_digressions():
    talk = Conversation({"What's my balance?": Intent.BALANCE})

    asked = await talk.say("I want to change my contact details")
    which = await talk.say("E-mail")
    digression = await talk.say("What's my balance?")
    proposed = await talk.say("ada@new.example")

    assert asked.text == "What shall I change: your e-mail, your phone or your address?"
    assert which.text == "What is your new e-mail address?"
    assert digression.text == (
        f"{BALANCE}\n\nBack to your contact data: what is your new e-mail address?"
    )
    assert proposed.calls == ["? update_contact email=ada@new.example"]


async def test_a_change_of_contact_data_can_be_given_up():
    talk = Conversation()

    answer = await talk.play("change my email", "never mind")

    assert (answer.text, talk.state) == ("Okay, your contact data stays as it is.", {})


async def test_a_failing_tool_is_said_in_its_own_words():
    message = "balance of my business account"

    answer = await Conversation({message: Intent.BALANCE}).say(message)

    assert answer.outcome is Outcome.ABSTAINED
    assert answer.text == (
        "You have no account called business. Your accounts are Everyday and Savings."
    )


async def test_plain_account_words_survive_an_unsure_route():
    answer = await Conversation({"my invoices pls": UNSURE}).say("my invoices pls")

    assert answer.calls == ["list_invoices"]
