"""What happened to a person, in the words of their history."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from services.member.domain.events import (
    MembershipBegan,
    MembershipEnded,
    NumberReleased,
    PersonRecorded,
    PositionEnded,
    PositionGiven,
    RecordFilled,
)
from services.member.views import history, what_happened
from shared.kernel.envelope import Actor, Event

NAMES = {"branch-1": "遂昌县第一支部", "county": "团遂昌县委"}


@pytest.mark.rule("MEM-20")
@pytest.mark.parametrize(
    ("event", "said"),
    [
        (PersonRecorded(number_hash="n"), "录入个人资料"),
        (PersonRecorded(number_hash="n", import_id="import-1", row=7), "批量导入录入（表格第7行）"),
        (MembershipBegan(branch="branch-1"), "成为“遂昌县第一支部”的团员"),
        (
            MembershipEnded(branch="branch-1", cause="import_withdrawn"),
            "在“遂昌县第一支部”的团籍因撤回导入而结束",
        ),
        (PositionGiven(organization="county", position="委员"), "任“团遂昌县委”委员"),
        (PositionEnded(organization="county", position="委员", cause="import_withdrawn"), "不再担任“团遂昌县委”委员"),
        (RecordFilled(fields=("mobile",), missing=()), "补填资料"),
        (NumberReleased(number_hash="n", development_hash=None), "撤回录入，证件号码已释放"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Event) else "",
)
def test_every_change_is_said_with_why(event: Event, said: str) -> None:
    assert what_happened(event, NAMES) == said


@pytest.mark.rule("MEM-20")
def test_what_a_change_put_in_stands_beside_what_was_there_before() -> None:
    recorded: Any = SimpleNamespace(at=datetime(2026, 11, 22, tzinfo=UTC), actor=Actor("person-admin"))
    changed = RecordFilled(fields=("mobile",), missing=())
    entered = (recorded, PersonRecorded(number_hash="n"), {"mobile": "13800001234"})
    (change,) = history([entered, (recorded, changed, {"mobile": "13900005678"})], NAMES)[0]["changes"]
    assert (change["before"], change["after"]) == ("138****1234", "139****5678")
