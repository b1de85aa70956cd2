"""What the account tools say and show, on the demo customers."""

from __future__ import annotations

import json

import pytest

from assistant.core.caller import VerifiedCustomer
from assistant.core.errors import IdentityRequired, InvalidInput, NotFound, ToolFailed
from tests.tools.conftest import ADA, BEN, NOBODY, context_of

CHLOE = VerifiedCustomer(visitor_id="v4", customer_id="cust-chloe")


async def say(tools, name, caller=ADA, **arguments) -> str:
    return (await tools[name].run(arguments, context_of(caller))).text


async def test_a_balance_names_each_account_and_the_total(tools):
    output = await tools["get_balance"].run({}, context_of(ADA))
    assert output.text == (
        "Your Everyday account holds €2,480.15 and your Savings account holds €12,350.00. "
        "Across all accounts: €14,830.15."
    )
    assert output.card == {
        "kind": "facts",
        "title": "Your balance",
        "rows": [
            ["Everyday •••• 4821", "€2,480.15"],
            ["Savings •••• 7730", "€12,350.00"],
            ["Total EUR", "€14,830.15"],
        ],
    }
    assert output.data["totals"] == [{"amount": "14830.15", "currency": "EUR"}]


async def test_currencies_are_never_added_up(tools):
    assert (await say(tools, "get_balance", BEN)).endswith(
        "Across all accounts: $4,047.37 and €214.80."
    )


async def test_one_account_can_be_asked_for_by_part_of_its_name(tools):
    assert await say(tools, "get_balance", BEN, account="trav") == (
        "Your Travel account holds €214.80. Across all accounts: $4,047.37 and €214.80."
    )
    with pytest.raises(ToolFailed) as failure:
        await say(tools, "get_balance", BEN, account="pension")
    assert failure.value.remedy == "Your accounts are Everyday, Savings and Travel."


async def test_the_overview_tells_plan_holdings_and_what_is_unpaid(tools):
    assert await say(tools, "get_account_overview") == (
        "You are on the Professional plan, and your 2 accounts hold €14,830.15. "
        "You have 2 unpaid invoices for €43.50, 1 of them overdue."
    )


async def test_the_last_payments(tools):
    assert await say(tools, "list_transactions", direction="out", limit=3) == (
        "Your latest 3 payments are €60.50 to Marché Vert on 21 Nov 2026, "
        "€44.60 to Rhône Rail on 17 Nov 2026 and €60.40 to Marché Vert on 8 Nov 2026."
    )
    assert await say(tools, "list_transactions", direction="in", limit=1) == (
        "Your latest incoming payment is €400.00 from Ada Moreau on 26 Oct 2026."
    )


async def test_what_was_paid_in_a_month_is_summed_over_all_that_match(tools):
    output = await tools["list_transactions"].run(
        {"since": "2026-10-01", "until": "2026-10-31", "direction": "out", "limit": 1},
        context_of(ADA),
    )
    assert output.text == (
        "I found 5 payments from 1 Oct 2026 to 31 Oct 2026: you paid €1,269.75. "
        "The latest: €55.00 to Marché Vert on 21 Oct 2026."
    )
    assert output.data["paid"] == [{"amount": "1269.75", "currency": "EUR"}]
    assert len(output.card["rows"]) == 1


async def test_nothing_found_is_said_and_has_no_card(tools):
    output = await tools["list_transactions"].run({"text": "yacht"}, context_of(ADA))
    assert (output.text, output.card) == ("I found no transactions with “yacht”.", None)


async def test_control_characters_are_not_looked_for(tools):
    said = await say(tools, "list_transactions", text="\x00Rail\n", limit=1)
    assert said.startswith("I found 6 transactions with “Rail”")


async def test_a_period_that_ends_before_it_begins_is_refused(tools):
    with pytest.raises(InvalidInput) as refusal:
        await say(tools, "list_transactions", since="2026-10-02", until="2026-10-01")
    assert refusal.value.field == "until"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            None,
            "You have 2 unpaid invoices for CHF 1,782.00 in total: INV-202611-CHLOE6 for "
            "CHF 1,188.00 is due on 19 Dec 2026 and INV-202610-CHLOE5 for CHF 594.00 was due on "
            "10 Nov 2026.",
        ),
        (
            "overdue",
            "You have 1 overdue invoice: INV-202610-CHLOE5 for CHF 594.00 was due on 10 Nov 2026.",
        ),
        ("paid", "You have 4 paid invoices; the latest is INV-202609-CHLOE4 for CHF 1,188.00."),
    ],
)
async def test_invoices(tools, status, said):
    arguments = {"status": status} if status else {}
    assert await say(tools, "list_invoices", CHLOE, **arguments) == said


async def test_the_profile(tools):
    assert await say(tools, "get_profile") == (
        "You are on the Professional plan at €29.00 a month, which renews on 14 Dec 2026. "
        "We reach you at ada.moreau@example.com and +33 1 99 00 12 34."
    )


async def test_a_contact_change_shows_old_and_new_and_drops_what_stays(tools):
    preview = await tools["update_contact"].preview(
        {"phone": " +33 1 99 00 99 99 ", "email": "ada.moreau@example.com"}, context_of(ADA)
    )
    assert preview.rows == (("Phone", "+33 1 99 00 99 99 (now +33 1 99 00 12 34)"),)
    assert preview.arguments == {"phone": "+33 1 99 00 99 99"}
    output = await tools["update_contact"].run(preview.arguments, context_of(ADA, key="k"))
    assert output.text == "Done: your phone is now +33 1 99 00 99 99."
    assert output.data["profile"]["phone"] == "+33 1 99 00 99 99"


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"email": "nobody"},
        {"email": "a@b.c\u2028<x@y.zz>"},
        {"email": "a@x.example\nbcc: b@x.example"},
        {"phone": "call me"},
        {"address": " \n "},
        {"email": "ada@example.net", "address": "\u200b"},
    ],
)
async def test_contact_data_that_is_none_is_refused(tools, arguments):
    with pytest.raises(InvalidInput):
        await tools["update_contact"].preview(arguments, context_of(ADA))


async def test_a_write_without_a_confirmation_does_nothing(tools):
    with pytest.raises(ToolFailed, match="confirmation"):
        await tools["update_contact"].run({"email": "x@example.net"}, context_of(ADA))
    assert "ada.moreau@example.com" in await say(tools, "get_profile")


async def test_every_account_tool_itself_refuses_a_stranger(tools):
    for tool in tools.values():
        if tool.policy.needs_identity and not tool.policy.writes:
            with pytest.raises(IdentityRequired):
                await tool.run({}, context_of(NOBODY))


async def test_a_customer_the_backend_does_not_know_is_told_so(tools):
    stranger = VerifiedCustomer(visitor_id="v", customer_id="cust-zoe")
    with pytest.raises(NotFound):
        await say(tools, "get_balance", stranger)


async def test_what_a_tool_gives_is_plain_json(tools):
    for name in ("get_balance", "get_account_overview", "list_transactions", "list_invoices"):
        output = await tools[name].run({}, context_of(CHLOE))
        assert json.loads(json.dumps([output.data, output.card])) == [output.data, output.card]
