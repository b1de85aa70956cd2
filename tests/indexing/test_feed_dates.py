"""Dates of feeds are read strictly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexing.feed_dates import DateUnusable, read_moment

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Sat, 14 Mar 2026 09:00:00 GMT", "2026-03-14T09:00"),
        ("Sat, 14 Mar 2026 23:30:00 -0500", "2026-03-15T04:30"),
        ("14 Mar 26 09:00 PDT", "2026-03-14T16:00"),
        ("Saturday, 14-Mar-26 09:00:00 UTC", "2026-03-14T09:00"),
        ("Sat Mar 14 09:00:00 2026", "2026-03-14T09:00"),
        ("March 14, 2026", "2026-03-14T00:00"),
        ("2026-03-14", "2026-03-14T00:00"),
        ("2026-03-14T09:00:00.123456Z", "2026-03-14T09:00"),
        ("2026-03-14T09:00:00+0530", "2026-03-14T03:30"),
        ("2026-03-14 09:00:00", "2026-03-14T09:00"),
        ("2026-03-14T23:59:60Z", "2026-03-14T23:59:59"),
        ("Sun, 14 Mar 2026 01:00:00 +0900", "2026-03-13T16:00"),
    ],
)
def test_dates_with_one_meaning_are_read(text: str, moment: str) -> None:
    assert read_moment(text, now=NOW) == datetime.fromisoformat(f"{moment}+00:00")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("01/02/2026", "in no form"),
        ("2026", "in no form"),
        ("2026-03", "in no form"),
        ("26-03-14", "in no form"),
        ("1772442000", "in no form"),
        ("yesterday", "in no form"),
        ("", "in no form"),
        ("2026-02-30", "does not exist"),
        ("2026-13-01T00:00:00Z", "does not exist"),
        ("Fri, 30 Feb 2026 09:00:00 GMT", "does not exist"),
        ("14 Mrz 2026 09:00 GMT", "does not exist"),
        ("14 Mar 2026 09:00 IST", "does not exist"),
        ("2026-03-14T25:00:00Z", "does not exist"),
        ("2026-03-14T09:00:00+99:00", "does not exist"),
        ("Tue, 14 Mar 2026 09:00:00 GMT", "not a day of that name"),
        ("Foo, 14 Mar 2026 09:00:00 GMT", "not a day of that name"),
        ("2026-03-17T09:00:00Z", "in the future"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "before the time of feeds"),
        ("0001-01-01T00:00:00Z", "before the time of feeds"),
    ],
)
def test_dates_that_may_be_wrong_are_none(text: str, reason: str) -> None:
    with pytest.raises(DateUnusable, match=reason):
        read_moment(text, now=NOW)


def test_a_clock_that_is_ahead_by_a_time_zone_makes_it_now() -> None:
    assert read_moment("2026-03-16T01:00:00Z", now=NOW) == NOW


@given(st.text(max_size=60))
def test_any_text_is_a_date_or_unusable(text: str) -> None:
    try:
        moment = read_moment(text, now=NOW)
    except DateUnusable:
        return
    assert moment <= NOW


@given(st.datetimes(datetime(1995, 1, 2), datetime(2026, 3, 14)), st.integers(-11, 13))
def test_every_moment_survives_being_written(moment: datetime, hours: int) -> None:
    aware = moment.replace(microsecond=0, tzinfo=UTC)
    local = aware.astimezone(tz=timezone(timedelta(hours=hours)))

    assert read_moment(local.isoformat(), now=NOW) == aware
    assert read_moment(local.strftime("%a, %d %b %Y %H:%M:%S %z"), now=NOW) == aware
