"""How long wrong tries lock, and that operators are named by their login."""

from datetime import timedelta

import pytest

from services.identity.domain.events import OperatorAppointed
from services.identity.domain.operator import OPERATOR, AppointOperator, appoint_operator, operator_of
from services.identity.domain.sign_in import lock_after

MINUTE = timedelta(minutes=1)


@pytest.mark.rule("IDN-09", "X06")
@pytest.mark.parametrize(
    ("wrong", "locked"),
    [
        (0, timedelta()),
        (4, timedelta()),
        (5, MINUTE),
        (6, 2 * MINUTE),
        (8, 8 * MINUTE),
        (9, 15 * MINUTE),
        (10, 15 * MINUTE),
        (49, 15 * MINUTE),
        (50, timedelta(days=1)),
        (99, timedelta(days=1)),
        (100, timedelta(days=30)),
        (1_000, timedelta(days=30)),
    ],
)
def test_the_fifth_wrong_try_locks_and_each_further_one_longer(wrong: int, locked: timedelta) -> None:
    assert lock_after(wrong) == locked


@pytest.mark.rule("IDN-08")
def test_an_operator_is_appointed_once_per_login() -> None:
    events = appoint_operator(AppointOperator(login="centre"), OPERATOR.initial)
    assert events == [OperatorAppointed(login="centre")]
    assert appoint_operator(AppointOperator(login="centre"), OPERATOR.fold(events)) == []
    assert operator_of("centre") != operator_of("other")
