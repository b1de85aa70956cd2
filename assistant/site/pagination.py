"""Owns the arithmetic of page numbers. Pure."""

from __future__ import annotations

from dataclasses import dataclass

PAGE_SIZE = 12
_MAX_DIGITS = 6


@dataclass(frozen=True, kw_only=True)
class Pagination:
    """Where a reader is in a long list."""

    number: int
    """The page shown, from 1."""
    total_items: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total_items // self.size))

    @property
    def exists(self) -> bool:
        """Whether there is such a page."""
        return 1 <= self.number <= self.pages

    @property
    def offset(self) -> int:
        """Items before the page."""
        return (self.number - 1) * self.size

    @property
    def first_item(self) -> int:
        """Number of the page's first item, from 1; 0 if there is none."""
        return self.offset + 1 if self.total_items else 0

    @property
    def last_item(self) -> int:
        """Number of the page's last item."""
        return min(self.offset + self.size, self.total_items)

    @property
    def links(self) -> tuple[int | None, ...]:
        """Page numbers to link to: the ends and the neighbours; None is a gap."""
        shown = sorted(
            {1, self.pages, *range(self.number - 1, self.number + 2)}
            & set(range(1, self.pages + 1))
        )
        links: list[int | None] = []
        for page in shown:
            previous = links[-1] if links else 0
            if previous is not None and page - previous == 2:
                links.append(page - 1)
            elif previous is not None and page - previous > 2:
                links.append(None)
            links.append(page)
        return tuple(links)


def page_number(text: str | None) -> int | None:
    """The number in a query string: 1 if missing, None if it is no page number."""
    if not text:
        return 1
    if not text.isascii() or not text.isdigit() or len(text) > _MAX_DIGITS:
        return None
    return int(text)
