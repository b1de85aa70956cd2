"""What an editor typed, and the section of differing figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexing.differing import DIFFERING, quoted_differences
from indexing.editing import read_edit
from tests.indexing.briefings import ROBOTS


def test_what_is_not_typed_stays() -> None:
    edit = read_edit(ROBOTS, {})

    assert (edit.briefing, edit.problems) == (ROBOTS, {})


@given(st.dictionaries(st.sampled_from(["title", "summary", "tags", "body"]), st.text()))
def test_whatever_is_typed_can_be_kept_by_any_database(typed: dict[str, str]) -> None:
    edited = read_edit(ROBOTS, typed).briefing

    texts = (edited.title, edited.summary, edited.body, *edited.tags)
    assert not any("\x00" in text for text in texts)
    assert all("\n" not in text for text in (edited.title, edited.summary, *edited.tags))
    "".join(texts).encode("utf-8")
    assert read_edit(ROBOTS, typed).briefing == edited


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("Nothing differs.", ()),
        (
            f"Text.\n\n{DIFFERING}\n\n- A: “1\\.” B: “2\\.”\n- C: “3” D: “4”",
            ("A: “1.” B: “2.”", "C: “3” D: “4”"),
        ),
        (f"{DIFFERING}\n\n- A\n\n## More\n\n- B", ("A",)),
        (f"Text says {DIFFERING} inside.", ()),
        (f"Text.\n\n{DIFFERING}", ()),
    ],
)
def test_differences_are_read_from_their_section(body: str, lines: tuple[str, ...]) -> None:
    assert quoted_differences(body) == lines
