"""Talent-exchange centres: a province says from when on leavers without work may go there (TRF-19)."""

from datetime import date

import pytest

from tests.transfer.conftest import COMMITTEE_ADMIN, IN, IN_ADMIN, OUT, OUT_ADMIN, PROVINCE, SCHOOL, World
from tests.transfer.test_rules import DAY, FAR, FAR_ADMIN, PROVINCE_ADMIN, TODAY, provinces

__all__ = ["provinces"]


@pytest.mark.rule("TRF-19", "ADM-08")
async def test_a_province_allows_talent_exchange_centres_for_what_is_started_after_it(world: World) -> None:
    who = await world.enter()
    said = {"reason": "leaving_after_graduation", "situation": "no_work_yet", "place": "talent_centre"}

    async def starts(by: str, path: str, **more: str) -> tuple[int, str]:
        answer = await world.send(path, {"to": IN} | more, by)
        return answer.status_code, answer.json().get("code", "")

    async def allows(day: date, by: str, place: str = PROVINCE, *, allowed: bool = True) -> tuple[int, str]:
        body = {"allowed": allowed, "effective_from": day.isoformat()}
        answer = await world.send(f"organizations/{place}/talent-centre", body, by)
        return answer.status_code, answer.json().get("code", "")

    async def offered(branch: str) -> list[str]:
        lists = (await world.get(f"reference/transfers?organization={branch}", OUT_ADMIN)).json()
        return next(list(each["places"]) for each in lists["situations"] if each["code"] == "no_work_yet")

    out = f"organizations/{OUT}/transfers-out"
    assert await starts(OUT_ADMIN, out, person=who, **said) == (400, "place_does_not_fit")
    assert await allows(TODAY, COMMITTEE_ADMIN) == (403, "outside_authority")
    assert await allows(TODAY, PROVINCE_ADMIN, SCHOOL) == (422, "not_a_provincial_body")
    assert await allows(TODAY - DAY, PROVINCE_ADMIN) == (400, "period_starts_in_the_past")
    assert (await allows(TODAY + DAY, PROVINCE_ADMIN))[0] == 201
    assert await starts(OUT_ADMIN, out, person=who, **said) == (400, "place_does_not_fit")
    assert await offered(OUT) == ["floating_of_home"]
    world.clock.move(DAY)
    assert await offered(OUT) == ["floating_of_home", "talent_centre"]
    assert await offered(FAR) == ["floating_of_home"]
    works = said | {"reason": "work_with_organization"}
    assert await starts(OUT_ADMIN, out, person=who, **works) == (400, "works_so_not_home")
    other = said | {"situation": "accepted_by_school"}
    assert await starts(who, "me/transfers", **other) == (400, "place_does_not_fit")
    assert (await starts(who, "me/transfers", **said))[0] == 201
    shown = (await world.get(f"organizations/{IN}/talent-centre", IN_ADMIN)).json()
    assert (shown["today"], [each["by"] for each in shown["history"]]) == (True, [PROVINCE_ADMIN])
    assert (await allows(TODAY + 2 * DAY, PROVINCE_ADMIN, allowed=False))[0] == 201
    world.clock.move(DAY)
    assert await offered(OUT) == ["floating_of_home"]


@pytest.mark.rule("TRF-19", "ADM-08")
async def test_the_province_of_who_starts_it_says_whether_centres_are_allowed_and_since_when_is_read_there(
    world: World,
) -> None:
    for day, allowed in ((TODAY, True), (TODAY + DAY, False)):
        body = {"allowed": allowed, "effective_from": day.isoformat()}
        assert (await world.send(f"organizations/{PROVINCE}/talent-centre", body, PROVINCE_ADMIN)).status_code == 201
    shown = (await world.get(f"organizations/{OUT}/talent-centre", OUT_ADMIN)).json()
    assert (shown["today"], [each["allowed"] for each in shown["history"]]) == (True, [False, True])
    assert (await world.get(f"organizations/{OUT}/talent-centre", FAR_ADMIN)).status_code == 403
    said = {"reason": "leaving_after_graduation", "place": "talent_centre"}
    for path, by, more, code in (
        (f"organizations/{OUT}/transfers-out", OUT_ADMIN, {"person": await world.enter(), "to": FAR}, ""),
        ("me/transfers", await world.enter(), {"to": FAR}, ""),
        (f"organizations/{IN}/transfers-in", IN_ADMIN, {"ticket": "none"}, "ticket_over"),
        (f"organizations/{FAR}/transfers-in", FAR_ADMIN, {"ticket": "none"}, "place_does_not_fit"),
    ):
        answer = await world.send(path, said | more, by)
        assert answer.json().get("code", "") == code, (path, answer.text)
