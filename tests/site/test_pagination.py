"""Page numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.site.pagination import Pagination, page_number


@pytest.mark.parametrize(
    ("number", "items", "links"),
    [
        (1, 0, (1,)),
        (1, 12, (1,)),
        (1, 13, (1, 2)),
        (1, 120, (1, 2, None, 10)),
        (3, 120, (1, 2, 3, 4, None, 10)),
        (4, 120, (1, 2, 3, 4, 5, None, 10)),
        (6, 120, (1, None, 5, 6, 7, None, 10)),
        (10, 120, (1, None, 9, 10)),
    ],
)
def test_links_show_the_ends_and_the_neighbours(number, items, links):
    assert Pagination(number=number, total_items=items).links == links


@given(st.integers(0, 5000), st.integers(1, 50))
def test_pages_cover_every_item_once(items, size):
    first = Pagination(number=1, total_items=items, size=size)
    covered = 0
    for number in range(1, first.pages + 1):
        page = Pagination(number=number, total_items=items, size=size)
        assert page.exists
        assert page.offset == covered
        covered = page.last_item
    assert covered == items


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (None, 1),
        ("", 1),
        ("3", 3),
        ("0", 0),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("9" * 30, None),
    ],
)
def test_page_number_is_read_strictly(text, number):
    assert page_number(text) == number
