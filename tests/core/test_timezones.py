"""The reading of timezone names."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from assistant.core.errors import InvalidInput
from assistant.core.timezones import zone


@pytest.mark.parametrize("name", ["UTC", "Europe/Zurich", "America/Argentina/Buenos_Aires"])
def test_an_iana_name_is_a_zone(name):
    assert zone(name) == ZoneInfo(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Olympus",
        "../../etc/passwd",
        "/etc/passwd",
        "Europe",
        "a\x00b",
        "x" * 300,
        "\ud800",
    ],
)
def test_any_other_name_says_what_to_send(name):
    with pytest.raises(InvalidInput) as caught:
        zone(name)

    assert caught.value.field == "timezone"
    assert "Europe/Zurich" in caught.value.remedy
