"""Labels and notes: put on, taken off, kept on record, and never shown to a visitor."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from assistant.store.labels import HUES, LabelRow, LabelUseRow, hue_of
from assistant.store.staff_notes import NoteRow
from tests.chat_store import NOW
from tests.review.conftest import Console
from tests.review.said import have, turn_id
from tests.review.test_pages import rows

PAGE = "/review/conversations/c-1"


@pytest.fixture(autouse=True)
async def started(console: Console) -> None:
    await have(console, "c-1", ("Hello", "Hi."))
    await have(console, "c-2", ("Bye", "Bye."))


async def label(console: Console, name: str, turn: str = "") -> int:
    form = {"label": name, "turn_id": turn}
    return (await console.client.post(f"{PAGE}/labels", data=form)).status_code


async def stored(console: Console, row: type) -> list:
    async with console.store.database.begin() as session:
        return list((await session.scalars(select(row))).all())


def shown(page: BeautifulSoup, place: str) -> list[str]:
    return [each.get_text().removesuffix("\u00d7") for each in page.select(f"{place} li.label")]


async def test_a_label_is_put_on_a_conversation_and_on_an_answer(signed_in: Console):
    assert await label(signed_in, " wrong   date ") == 303
    assert await label(signed_in, "tone", turn_id("c-1")) == 303

    page = await signed_in.page(PAGE)

    assert shown(page, "#labels") == ["wrong date"]
    assert shown(page, f"#{turn_id('c-1')}") == ["tone"]
    assert [each["value"] for each in page.select("#label-names option")] == ["tone", "wrong date"]
    (first, _) = await stored(signed_in, LabelUseRow)
    assert (first.added_by, first.added_by_name, first.added_at) == ("staff_mira", "Mira", NOW)


async def test_the_list_is_filtered_by_the_label_of_a_conversation_or_an_answer(
    signed_in: Console,
):
    await label(signed_in, "tone", turn_id("c-1"))
    (row,) = await stored(signed_in, LabelRow)

    assert await rows(signed_in, f"?label={row.id}") == ["c-1"]
    assert await rows(signed_in, "?label=lbl_none") == []
    page = await signed_in.page("/review")
    assert [chip.get_text() for chip in page.select("ul.list .label")] == ["tone"]


async def test_a_name_is_one_label_however_it_is_written(signed_in: Console):
    for name in ("Tone", "tone", "TONE"):
        assert await label(signed_in, name) == 303

    assert [row.name for row in await stored(signed_in, LabelRow)] == ["Tone"]
    assert len(await stored(signed_in, LabelUseRow)) == 1


async def test_who_took_a_label_off_is_kept_and_it_can_be_put_on_again(signed_in: Console):
    await label(signed_in, "tone")
    (use,) = await stored(signed_in, LabelUseRow)

    await signed_in.client.post(f"{PAGE}/labels/{use.id}/remove")
    assert shown(await signed_in.page(PAGE), "#labels") == []
    await label(signed_in, "tone")

    assert shown(await signed_in.page(PAGE), "#labels") == ["tone"]
    records = await stored(signed_in, LabelUseRow)
    assert sorted((row.removed_by or "", row.removed_at is None) for row in records) == [
        ("", True),
        ("staff_mira", False),
    ]


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\x07b"])
async def test_a_name_that_can_not_be_used_comes_back(signed_in: Console, name: str):
    response = await signed_in.client.post(f"{PAGE}/labels", data={"label": name})

    assert response.status_code == 422
    assert BeautifulSoup(response.text, "html.parser").select_one("#labels .alert") is not None
    assert await stored(signed_in, LabelUseRow) == []


async def test_a_name_far_too_long_is_a_problem(signed_in: Console):
    assert await label(signed_in, "x" * 1000) == 422


async def test_one_conversation_has_only_so_many_labels(signed_in: Console):
    codes = [await label(signed_in, f"label {number}") for number in range(21)]

    assert codes == [*[303] * 20, 422]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/review/conversations/c-none/labels", {"label": "x"}),
        (f"{PAGE}/labels", {"label": "x", "turn_id": "turn-c-2-client-1"}),
        (f"{PAGE}/labels/use_none/remove", {}),
        (f"{PAGE}/notes/note_none/delete", {}),
        ("/review/conversations/c-none/notes", {"text": "x"}),
        ("/review/labels/lbl_none/rename", {"name": "x"}),
        ("/review/labels/lbl_none/retire", {}),
    ],
)
async def test_what_is_not_there_is_a_page_that_says_so(signed_in: Console, path: str, form: dict):
    response = await signed_in.client.post(path, data=form)

    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert "That did not work" in response.text


async def test_a_label_of_another_conversation_can_not_be_taken_off_here(signed_in: Console):
    await label(signed_in, "tone")
    (use,) = await stored(signed_in, LabelUseRow)

    response = await signed_in.client.post(f"/review/conversations/c-2/labels/{use.id}/remove")

    assert response.status_code == 404
    assert shown(await signed_in.page(PAGE), "#labels") == ["tone"]


async def test_a_label_is_renamed_everywhere_but_not_to_anothers_name(signed_in: Console):
    await label(signed_in, "tone")
    await label(signed_in, "date")
    tone = next(row for row in await stored(signed_in, LabelRow) if row.name == "tone")

    taken = await signed_in.client.post(f"/review/labels/{tone.id}/rename", data={"name": "DATE"})
    await signed_in.client.post(f"/review/labels/{tone.id}/rename", data={"name": "manners"})

    assert taken.status_code == 422
    assert shown(await signed_in.page(PAGE), "#labels") == ["date", "manners"]


async def test_a_retired_label_is_off_everything_and_off_the_list(signed_in: Console):
    await label(signed_in, "tone")
    (row,) = await stored(signed_in, LabelRow)

    await signed_in.client.post(f"/review/labels/{row.id}/retire")

    assert shown(await signed_in.page(PAGE), "#labels") == []
    assert "No labels yet" in (await signed_in.page("/review/labels")).get_text()
    (use,) = await stored(signed_in, LabelUseRow)
    assert (use.added_by, use.removed_by) == ("staff_mira", "staff_mira")
    assert await label(signed_in, "tone") == 303
    assert "1 use" in (await signed_in.page("/review/labels")).get_text(" ", strip=True)


def test_a_colour_follows_from_the_name():
    assert hue_of("Tone") == hue_of("tone")
    assert {hue_of(f"label {number}") for number in range(300)} == set(range(HUES))


async def test_a_note_is_for_colleagues_and_its_author_may_delete_it(signed_in: Console):
    await signed_in.client.post(f"{PAGE}/notes", data={"text": "Call <b>back</b>"})

    note = (await signed_in.page(PAGE)).select_one(".staff-note")
    assert note.p.get_text() == "Call <b>back</b>"
    assert "Mira" in note.get_text()
    assert [each.body.type for each in await signed_in.store.log.read("c-1")][-1] != "note"
    await signed_in.client.post(note.select_one("form")["action"])
    assert (await signed_in.page(PAGE)).select_one(".staff-note") is None


async def test_a_note_of_a_colleague_stays(signed_in: Console):
    async with signed_in.store.database.begin() as session:
        session.add(
            NoteRow(
                id="note_ben",
                conversation_id="c-1",
                staff_id="staff_ben",
                staff_name="Ben",
                text="Mine",
                written_at=NOW,
            )
        )

    response = await signed_in.client.post(f"{PAGE}/notes/note_ben/delete")

    assert response.status_code == 403
    assert "Ben wrote it" in response.text
    assert len(await stored(signed_in, NoteRow)) == 1


@pytest.mark.parametrize("text", ["", "  ", "x" * 2001])
async def test_an_empty_or_long_note_comes_back(signed_in: Console, text: str):
    response = await signed_in.client.post(f"{PAGE}/notes", data={"text": text})

    page = BeautifulSoup(response.text, "html.parser")
    assert response.status_code == 422
    assert page.select_one("#notes textarea").get_text() == text
    assert page.select_one("#notes .alert") is not None


async def test_a_form_from_another_site_is_refused(signed_in: Console):
    response = await signed_in.client.post(
        f"{PAGE}/labels", data={"label": "x"}, headers={"Sec-Fetch-Site": "cross-site"}
    )

    assert response.status_code == 403
    assert await stored(signed_in, LabelUseRow) == []
