"""Owns the tool `update_contact`, a write."""

from __future__ import annotations

import re
from dataclasses import asdict

from assistant.backends.accounts import Accounts, ContactChanges, Profile
from assistant.core.cards import facts_card
from assistant.core.errors import InvalidInput, ToolFailed
from assistant.core.events import JsonObject
from assistant.core.phrasing import join_words, plain_text
from assistant.core.toolbox import Preview, ToolContext, ToolOutput, ToolPolicy
from assistant.tools.account_views import cell, profile_data
from assistant.tools.base import (
    customer_of,
    key_of,
    object_schema,
    text_schema,
    writes_own_data,
)
from assistant.tools.said import require_said_contact
from assistant.tools.wishes import CONTACT_CHANGE

LABELS = {"email": "E-mail", "phone": "Phone", "address": "Address"}

_EMAIL = re.compile(r"[^@\s<>\"']{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}", re.IGNORECASE)
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]{5,24}")


class UpdateContact:
    """Changes the customer's e-mail, phone or address."""

    name: str = "update_contact"
    description: str = (
        "Changes the customer's e-mail, phone or postal address. Give only what shall change, as "
        "the visitor wrote it; the customer confirms it before it happens."
    )
    label: str = "Updating your contact data"
    schema: JsonObject = object_schema(
        {
            "email": text_schema("New e-mail address", 200),
            "phone": text_schema("New phone number, best with country code", 30),
            "address": text_schema("New postal address in one line", 200),
        }
    )
    policy: ToolPolicy = writes_own_data(CONTACT_CHANGE)

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def preview(self, arguments: JsonObject, context: ToolContext) -> Preview:
        """Show what would change, and from what."""
        profile = await self._accounts.profile(customer_of(context))
        changes = _changes(arguments, profile)
        for field, new in changes.items():
            require_said_contact(field, new, context)
        rows = tuple(
            (LABELS[field], f"{new} (now {cell(getattr(profile, field)) or 'none'})")
            for field, new in changes.items()
        )
        return Preview(
            title="Change your contact data?",
            rows=rows,
            confirm_label="Change it",
            arguments=changes,
        )

    async def run(self, arguments: JsonObject, context: ToolContext) -> ToolOutput:
        """Change what was confirmed."""
        changes = _checked(arguments)
        profile = await self._accounts.update_contact(
            customer_of(context),
            ContactChanges(**changes),
            idempotency_key=key_of(context),
            now=context.now,
        )
        what = join_words(
            [f"{LABELS[field].lower()} is now {new}" for field, new in changes.items()]
        )
        return ToolOutput(
            data={"profile": profile_data(profile)},
            text=f"Done: your {what}.",
            card=facts_card(
                "Your contact data",
                [(label, cell(getattr(profile, field))) for field, label in LABELS.items()],
            ),
        )


def _changes(arguments: JsonObject, profile: Profile) -> dict[str, str]:
    now = asdict(profile)
    changes = {field: new for field, new in _checked(arguments).items() if new != now[field]}
    if not changes:
        raise ToolFailed("That is what we have on file already, so there is nothing to change.")
    return changes


def _checked(arguments: JsonObject) -> dict[str, str]:
    given = {field: plain_text(arguments[field], 200) for field in LABELS if field in arguments}
    if not given or not all(given.values()):
        raise InvalidInput(
            "Nothing was given to change.",
            field="email",
            remedy="Say the new e-mail, phone or address.",
        )
    if "email" in given and not _EMAIL.fullmatch(given["email"]):
        raise InvalidInput(
            f"{given['email']} does not look like an e-mail address.",
            field="email",
            remedy="Write it like name@example.org.",
        )
    if "phone" in given and not _PHONE.fullmatch(given["phone"]):
        raise InvalidInput(
            f"{given['phone']} does not look like a phone number.",
            field="phone",
            remedy="Write it like +41 44 123 45 67.",
        )
    return given
