"""Staff who look for a deleted conversation learn that it was deleted, and nothing of it."""

from __future__ import annotations

from assistant.core.caller import StaffMember
from assistant.core.question_lines import SavedQuestion
from assistant.store.erasure import Erasure
from assistant.store.saved_questions import SavedQuestions
from tests.chat_store import NOW, conversation
from tests.review.conftest import Console

MIA = StaffMember(staff_id="staff_mia", name="Mia")


async def test_a_deleted_conversation_has_a_page_that_says_when_and_why(signed_in: Console):
    store = signed_in.store
    await store.conversations.create(
        conversation("c-1", first_message="A secret", customer_name="Ada")
    )
    question = SavedQuestion(conversation_id="c-1", turn_id="t", kind="news", message="Who?")
    question_id = await SavedQuestions(store.database).save(question, MIA, NOW)

    await Erasure(store.database, store.log).erase(["c-1"], "retention", NOW)

    page = await signed_in.client.get("/review/conversations/c-1")
    questions = await signed_in.client.get("/review/questions")
    editing = await signed_in.client.get(f"/review/questions/{question_id}")
    assert page.status_code == 404
    assert "deleted on 24 November 2026, because it was that old" in page.text
    assert "secret" not in page.text
    assert "Ada" not in page.text
    assert "of a conversation that was deleted" in questions.text
    assert (editing.status_code, "of a conversation that was deleted" in editing.text) == (
        200,
        True,
    )
