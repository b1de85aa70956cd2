"""Owns the tool `get_profile`."""

from __future__ import annotations

from assistant.backends.accounts import Accounts, Profile
from assistant.core.cards import facts_card
from assistant.core.events import JsonObject
from assistant.core.phrasing import format_money, format_short_day, join_words
from assistant.core.toolbox import ToolContext, ToolOutput, ToolPolicy
from assistant.tools.account_views import cell, profile_data
from assistant.tools.base import READS_OWN_DATA, ReadTool, customer_of, object_schema


class GetProfile(ReadTool):
    """The customer's contact data and plan."""

    name: str = "get_profile"
    description: str = (
        "The customer's name, e-mail, phone, address and plan with price, renewal and features. "
        "Use it for questions about the subscription or the contact data on file."
    )
    label: str = "Looking up your profile"
    schema: JsonObject = object_schema({})
    policy: ToolPolicy = READS_OWN_DATA

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def run(self, arguments: JsonObject, context: ToolContext) -> ToolOutput:
        """Contact data and plan."""
        profile = await self._accounts.profile(customer_of(context))
        plan = profile.plan
        price = f"{format_money(plan.price)} a {plan.period}"
        return ToolOutput(
            data=profile_data(profile),
            text=(
                f"You are on the {cell(plan.name)} plan at {price}, which renews on "
                f"{format_short_day(plan.renews_on)}. We reach you at {cell(profile.email)} "
                f"and {cell(profile.phone)}."
            ),
            card=facts_card("Your profile", _rows(profile, price)),
        )


def _rows(profile: Profile, price: str) -> list[tuple[str, str]]:
    return [
        ("Name", cell(profile.name)),
        ("E-mail", cell(profile.email)),
        ("Phone", cell(profile.phone)),
        ("Address", cell(profile.address)),
        ("Customer since", format_short_day(profile.customer_since)),
        ("Plan", f"{cell(profile.plan.name)}, {price}"),
        ("Renews on", format_short_day(profile.plan.renews_on)),
        ("Included", cell(join_words(profile.plan.features))),
    ]
