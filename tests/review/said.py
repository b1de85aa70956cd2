"""Conversations as visitors have had them, written into the log."""

from __future__ import annotations

from assistant.core.events import EventBody, Feedback, Outcome, TextDelta, TurnStarted
from tests.chat_store import NOW, conversation
from tests.fakes_agent import completed
from tests.review.conftest import Console


async def have(
    console: Console,
    conversation_id: str,
    *said: tuple[str, str],
    outcome: Outcome = Outcome.ANSWERED,
    rating: str = "",
    agent: str = "built-in",
    extra: tuple[EventBody, ...] = (),
    **changes: object,
) -> None:
    """A conversation of questions and answers; the last one ends and is judged as given."""
    await console.store.conversations.create(conversation(conversation_id, **changes))
    for number, (message, answer) in enumerate(said, start=1):
        is_last = number == len(said)
        client, started_id = f"client-{number}", turn_id(conversation_id, number)
        started = TurnStarted(message=message, client_turn_id=client, agent=agent)
        first = console.store.log.writer(conversation_id, started_id, started, NOW)
        turn = await console.store.start_turn(
            conversation_id, client, write_first_event=first, message=message
        )
        bodies: list[EventBody] = [*(extra if is_last else ()), TextDelta(text=answer)]
        await console.store.log.append(conversation_id, turn.id, bodies, NOW)
        ending = completed(outcome if is_last else Outcome.ANSWERED)
        write = console.store.log.writer(conversation_id, turn.id, ending, NOW)
        await console.store.conversations.end_turn(turn, "completed", write)
        if is_last and rating:
            judged = Feedback(rating=rating)
            await console.store.log.append(conversation_id, turn.id, [judged], NOW)


def turn_id(conversation_id: str, number: int = 1) -> str:
    """The id of a turn of such a conversation."""
    return f"turn-{conversation_id}-client-{number}"
