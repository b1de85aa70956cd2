"""A backend that keeps failing is left alone, and tried again by one caller."""

from __future__ import annotations

import pytest

from assistant.backends.circuit import CircuitBreaker, CircuitOpen


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock) -> CircuitBreaker:
    return CircuitBreaker(failures=3, reset_after_s=10, clock=clock)


def lets_through(breaker: CircuitBreaker) -> bool:
    try:
        breaker.check()
    except CircuitOpen:
        return False
    return True


def test_failures_in_a_row_open_it_and_a_success_between_them_does_not(breaker):
    for outcome in (breaker.fail, breaker.fail, breaker.succeed, breaker.fail, breaker.fail):
        outcome()
    assert lets_through(breaker)
    breaker.fail()
    assert not lets_through(breaker)


def test_after_a_while_exactly_one_call_tries(breaker, clock):
    for _ in range(3):
        breaker.fail()
    clock.now = 10
    assert [lets_through(breaker) for _ in range(5)] == [True, False, False, False, False]


def test_a_success_closes_it_and_a_failure_opens_it_again(breaker, clock):
    for _ in range(3):
        breaker.fail()
    clock.now = 10
    assert lets_through(breaker)
    breaker.fail()
    clock.now = 19
    assert not lets_through(breaker)
    clock.now = 20
    assert lets_through(breaker)
    breaker.succeed()
    assert [lets_through(breaker) for _ in range(3)] == [True, True, True]


def test_a_try_that_never_ended_does_not_keep_it_open_for_ever(breaker, clock):
    for _ in range(3):
        breaker.fail()
    clock.now = 10
    assert lets_through(breaker)
    clock.now = 20
    assert lets_through(breaker)
