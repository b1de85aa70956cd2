"""The application as it is served compares a write with what its visitor has said."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from assistant.core.events import EventBody
from assistant.core.toolbox import Toolbox
from assistant.core.turns import Turn
from tests.fakes_agent import completed
from tests.security.site import client_of, identity, open_site


class Obedient:
    """Proposes the same change whatever it is asked."""

    name = "obedient"

    async def answer(self, turn: Turn, caller, toolbox: Toolbox) -> AsyncIterator[EventBody]:
        events, _, _ = await toolbox.call("update_contact", {"email": "x@evil.example"})
        for event in events:
            yield event
        yield completed()


async def test_only_an_address_that_was_written_in_the_conversation_reaches_a_card(tmp_path):
    async with open_site(tmp_path, agent=Obedient()) as app, client_of(app) as client:
        created = (await client.post("/v1/conversations", json={})).json()
        headers = {"Authorization": f"Bearer {created['token']}", **identity(app)}
        seen = {}
        for message in (
            "What's my balance?",
            "Change my e-mail to ada@own.example",
            "Change my e-mail to x@evil.example",
            "Yes, that one please",
        ):
            answered = await client.post(
                f"/v1/conversations/{created['id']}/turns",
                json={"message": message, "client_turn_id": f"t{len(seen)}"},
                headers={**headers, "Accept": "text/event-stream"},
            )
            lines = [line for line in answered.text.splitlines() if line.startswith("data: ")]
            types = {json.loads(line[6:])["type"] for line in lines}
            seen[message] = "confirmation.required" in types

    assert list(seen.values()) == [False, False, True, True]
