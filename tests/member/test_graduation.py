"""GRD-04: in a graduate branch those who stay on, and teachers, are marked by who may write there."""

import pytest

from shared.contracts.org import BecameGraduateBranch, GraduateBranchRestored
from tests.member.people import card
from tests.member.test_api import ADMIN, BRANCH, OTHER, STRANGER, SUPERIOR, World, person, world

__all__ = ["world"]
PATH = f"/v1/organizations/{BRANCH}/graduation-exclusions"


async def listed(world: World, by: str = ADMIN) -> dict[str, str | None]:
    rows = (await world.get(f"/v1/organizations/{BRANCH}/members", by)).json()["items"]
    return {row["person"]: row["graduation"] for row in rows}


@pytest.mark.rule("GRD-03", "GRD-04")
async def test_members_of_a_graduate_branch_are_graduates_but_for_those_marked(world: World) -> None:
    first = await world.enter()
    second = await world.enter(number=card(sequence="002"), development_number="202233000002")
    assert await listed(world) == {first: None, second: None}
    await world.feed.hear(BecameGraduateBranch(branch=BRANCH, year=2026, month=6), stream=BRANCH)
    assert await listed(world) == {first: "graduate", second: "graduate"}
    body = {"people": [first, second, person(99)], "kind": "staying_on"}
    answer = (await world.send("POST", PATH, body)).json()
    assert [each["refused"] and each["refused"]["code"] for each in answer["items"]] == [None, None, "person_not_found"]
    assert answer["stream"] == second
    assert (await world.send("POST", PATH, {"people": [first], "kind": "teacher"}, by=SUPERIOR)).status_code == 200
    assert await listed(world) == {first: "teacher", second: "staying_on"}
    history = (await world.get(f"/v1/people/{first}/history")).json()["items"]
    assert history[0]["what"] == "标记为教师，不计入2026年毕业生"
    await world.send("POST", PATH, {"people": [first]})
    assert await listed(world) == {first: "graduate", second: "staying_on"}
    await world.feed.hear(GraduateBranchRestored(branch=BRANCH, year=2026), stream=BRANCH)
    assert await listed(world) == {first: None, second: None}
    await world.feed.hear(BecameGraduateBranch(branch=BRANCH, year=2027, month=6), stream=BRANCH)
    assert await listed(world) == {first: "graduate", second: "graduate"}


@pytest.mark.rule("GRD-03", "GRD-04")
async def test_a_record_says_that_somebody_graduates_and_when_or_that_they_stay(world: World) -> None:
    who = await world.enter()

    async def said(by: str = ADMIN) -> tuple[str | None, int | None]:
        shown = (await world.get(f"/v1/people/{who}", by)).json()
        return shown["graduation"], shown["graduated"]

    assert await said() == (None, None)
    await world.feed.hear(BecameGraduateBranch(branch=BRANCH, year=2026, month=6), stream=BRANCH)
    assert [await said(by) for by in (ADMIN, SUPERIOR, who)] == [("graduate", 2026)] * 3
    await world.send("POST", PATH, {"people": [who], "kind": "staying_on"})
    assert await said() == ("staying_on", 2026)
    await world.feed.hear(GraduateBranchRestored(branch=BRANCH, year=2026), stream=BRANCH)
    await world.feed.hear(BecameGraduateBranch(branch=BRANCH, year=2027, month=6), stream=BRANCH)
    assert await said() == ("graduate", 2027), "a mark is of one year"


@pytest.mark.rule("GRD-04")
async def test_outside_a_graduate_branch_nobody_is_marked(world: World) -> None:
    who = await world.enter()
    answer = await world.send("POST", PATH, {"people": [who], "kind": "teacher"})
    assert (answer.status_code, answer.json()["code"]) == (422, "no_graduate_branch")


@pytest.mark.rule("GRD-04", "ADM-08")
async def test_who_may_not_write_to_the_branch_marks_nobody(world: World) -> None:
    who = await world.enter()
    await world.feed.hear(BecameGraduateBranch(branch=BRANCH, year=2026, month=6), stream=BRANCH)
    await world.feed.hear(BecameGraduateBranch(branch=OTHER, year=2026, month=6), stream=OTHER)
    refused = await world.send("POST", PATH, {"people": [who], "kind": "teacher"}, by=STRANGER)
    assert (refused.status_code, refused.json()["code"]) == (403, "outside_authority")
    elsewhere = f"/v1/organizations/{OTHER}/graduation-exclusions"
    (only,) = (await world.send("POST", elsewhere, {"people": [who], "kind": "teacher"}, by=STRANGER)).json()["items"]
    assert only["refused"]["code"] == "person_not_found"
    assert await listed(world) == {who: "graduate"}
