"""Visitors whose connections are closed at the end of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.end_to_end.client import Visitor


@pytest.fixture
def visit() -> Iterator[Callable[[str], Visitor]]:
    visitors: list[Visitor] = []

    def start(url: str) -> Visitor:
        visitors.append(Visitor(url))
        return visitors[-1]

    yield start
    for visitor in visitors:
        visitor.close()
