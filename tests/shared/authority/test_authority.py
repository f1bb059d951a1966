"""What use cases get from authority, over the real copies."""

import random
from typing import Any

import pytest

from shared.authority.decide import Duty
from shared.authority.grants import Withdrawals
from shared.authority.projection import AuthorityScopes
from shared.authority.refusals import AuthorityTooOld, OutsideAuthority
from shared.authority.tree import Tree
from shared.authority.words import Replaced, Withdrawn
from shared.http.problem import body_of
from shared.http.tokens import Principal
from shared.kernel.envelope import Actor
from shared.testing.authority import Rights
from tests.shared.authority import oracle
from tests.shared.authority.test_decide import TREE, _random_tree

ADMIN = Principal("person-1", "s")
OPERATOR = Principal("operator-1", "s", central=True)


@pytest.fixture
async def seeded(rights: Rights) -> Rights:
    await rights.tree(TREE)
    await rights.administers("person-1", "county")
    return rights


@pytest.mark.rule("ADM-08")
async def test_own_and_direct_subordinates_may_be_written_and_the_refusal_names_who_could(seeded: Rights) -> None:
    authority = seeded.authority
    await authority.require_write(ADMIN, "county")
    await authority.require_write(ADMIN, "town")
    await authority.require_read(ADMIN, "branch")
    with pytest.raises(OutsideAuthority) as refused:
        await authority.require_write(ADMIN, "branch")
    assert refused.value.params == {
        "names": "branch、town",
        "names_en": "branch、town",
        "organizations": ["branch", "town"],
    }
    assert refused.value.advice() == "可由branch、town的管理员办理；如您在其他组织任职，请先切换组织。"
    assert await authority.may_write(ADMIN, "town")
    assert not await authority.may_write(ADMIN, "branch")


@pytest.mark.rule("X14")
@pytest.mark.rule("P12")
async def test_what_one_may_not_read_and_what_is_not_there_answer_alike(seeded: Rights) -> None:
    answers = []
    for scope in ("cousin", "other", "root", "absent", "", "$ne", "x" * 500):
        for require in (seeded.authority.require_read, seeded.authority.require_write):
            with pytest.raises(OutsideAuthority) as refused:
                await require(ADMIN, scope)
            answers.append(body_of(refused.value))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["params"]["organizations"] == []


@pytest.mark.rule("IDN-07")
async def test_acting_for_one_organization_narrows_and_never_widens(seeded: Rights) -> None:
    await seeded.administers("person-1", "other")
    authority = seeded.authority
    await authority.require_write(ADMIN, "other")
    await authority.require_write(ADMIN.acting_for("other"), "other")
    for acting, target in (("other", "county"), ("county", "other"), ("root", "root"), ("province", "county")):
        with pytest.raises(OutsideAuthority):
            await authority.require_write(ADMIN.acting_for(acting), target)


@pytest.mark.rule("IDN-08")
async def test_an_operator_is_known_by_the_token_alone(seeded: Rights) -> None:
    authority = seeded.authority
    await authority.require_write(OPERATOR, "province")
    for nobody in (ADMIN, Principal("operator-1", "s")):
        with pytest.raises(OutsideAuthority):
            await authority.require_write(nobody, "root")


@pytest.mark.rule("IDN-08", "P12")
def test_a_central_operator_acts_in_the_name_of_no_organization_whatever_the_request_says() -> None:
    assert OPERATOR.acting_for("other").actor == Actor("operator-1", None, central=True)
    assert ADMIN.acting_for("county").actor == Actor("person-1", "county")


@pytest.mark.rule("ADM-08")
async def test_of_several_scopes_one_is_enough_and_the_refusal_names_who_could_where_one_may_read(
    seeded: Rights,
) -> None:
    await seeded.authority.require_write_to_one(ADMIN, ("cousin", "town"))
    for scopes in (("branch", "cousin"), ("cousin", "branch")):
        with pytest.raises(OutsideAuthority) as refused:
            await seeded.authority.require_write_to_one(ADMIN, scopes)
        assert refused.value.params["organizations"] == ["branch", "town"]
    for scopes in ((), ("cousin", "other"), ("absent",)):
        with pytest.raises(OutsideAuthority) as refused:
            await seeded.authority.require_write_to_one(ADMIN, scopes)
        assert refused.value.params["organizations"] == []


async def test_work_that_outlives_its_request_asks_again_for_its_actor(seeded: Rights) -> None:
    authority = seeded.authority
    actor = Actor("person-1", "county")
    assert await authority.may_as(actor, "town")
    assert not await authority.may_as(actor, "town", Duty("own admins", lambda line: line.ids[:1]))
    assert not await authority.may_as(Actor("person-1", "other"), "town")
    assert not await authority.may_as(Actor("service:member"), "town")
    await authority.require_write_as(actor, "town")
    await seeded.nothing("person-1")
    assert not await authority.may_as(actor, "town")
    with pytest.raises(OutsideAuthority):
        await authority.require_write_as(actor, "town")
    seeded.age_seconds = 60
    with pytest.raises(AuthorityTooOld):
        await authority.may_as(actor, "town")


@pytest.mark.rule("IDN-08")
async def test_an_actor_is_a_central_operator_by_the_role_said_and_not_by_the_form_of_the_id(seeded: Rights) -> None:
    assert await seeded.authority.may_as(Actor("operator-1", central=True), "root")
    assert not await seeded.authority.may_as(Actor("operator-1"), "root")


@pytest.mark.rule("ADM-08")
async def test_a_duty_is_required_like_any_other_right(seeded: Rights) -> None:
    duty = Duty("everything above", lambda line: line.ids[1:])
    await seeded.authority.require_duty(ADMIN, duty, "branch")
    with pytest.raises(OutsideAuthority):
        await seeded.authority.require_duty(ADMIN, duty, "county")


@pytest.mark.rule("P6")
async def test_commands_stop_at_sixty_seconds_and_reading_at_fifteen_minutes(seeded: Rights) -> None:
    authority = seeded.authority
    for age, commands, reading in (
        (59.9, True, True),
        (60.0, False, True),
        (899.9, False, True),
        (900.0, False, False),
        (float("inf"), False, False),
    ):
        seeded.age_seconds = age
        assert await authority.may_write(ADMIN, "town") is commands
        for require, open_ in ((authority.require_write, commands), (authority.require_read, reading)):
            if open_:
                await require(ADMIN, "town")
            else:
                with pytest.raises(AuthorityTooOld):
                    await require(ADMIN, "town")


@pytest.mark.rule("P6")
async def test_a_withdrawal_newer_than_the_grant_wins_and_an_older_one_does_not(seeded: Rights) -> None:
    authority = seeded.authority
    seeded.withdrawals.note(Withdrawn("person-1", "county", 1))
    assert await authority.may_write(ADMIN, "county")
    seeded.withdrawals.note(Withdrawn("person-1", "county", 5))
    seeded.withdrawals.note(Withdrawn("person-1", "county", 3))
    assert not await authority.may_write(ADMIN, "county")
    assert not await authority.may_read(ADMIN, "county")
    await seeded.nothing("person-1")
    await seeded.administers("person-1", "county", version=6)
    assert await authority.may_write(ADMIN, "county")


@pytest.mark.rule("P6", "ORG-17")
async def test_a_place_newer_than_the_copy_wins_and_an_older_one_does_not(seeded: Rights) -> None:
    authority, other = seeded.authority, Principal("person-9", "s")
    await seeded.administers("person-9", "other")
    seeded.withdrawals.note_place(Replaced("town", "other", 1))
    assert await authority.may_write(ADMIN, "town")
    seeded.withdrawals.note_place(Replaced("town", "other", 5))
    seeded.withdrawals.note_place(Replaced("town", "county", 3))
    assert not await authority.may_write(ADMIN, "town")
    assert not await authority.may_read(ADMIN, "branch")
    assert await authority.may_write(other, "town")
    assert await authority.may_read(other, "branch")


@pytest.mark.rule("P12")
async def test_decisions_over_the_stored_copies_equal_the_oracle(rights: Rights, database: Any) -> None:
    """The same comparison as without a database: this one covers the walk, the cache's keys and the queries."""
    rng = random.Random(7)
    for round_ in range(12):
        tree = _random_tree(rng)
        named = {f"{round_}-{s}": (None if up is None else f"{round_}-{up}") for s, up in tree.items()}
        await rights.tree(named)
        places = [*named, f"{round_}-absent"]
        for i in range(8):
            person = f"person-{round_}-{i}"
            administers = set(rng.sample(places, min(len(places), rng.choice([0, 1, 2]))))
            holds = set(rng.sample(places, min(len(places), rng.choice([0, 1]))))
            await rights.administers(person, *administers)
            await rights.holds(person, *holds)
            central = rng.random() < 0.15
            principal = Principal(person, "s", central=central)
            for scope in places:
                written = await rights.authority.may_write(principal, scope)
                read = await rights.authority.may_read(principal, scope)
                assert written == oracle.allowed(named, administers, holds, central, scope, "write"), (named, person)
                assert read == oracle.allowed(named, administers, holds, central, scope, "read"), (named, person)


async def test_the_tree_answers_paths_and_subordinates(seeded: Rights, database: Any) -> None:
    tree = seeded.authority.tree
    assert [s.id for s in await tree.path("branch")] == ["root", "province", "county", "town", "branch"]
    assert await tree.path("absent") == ()
    assert [s.id for s in await tree.subordinates(["root", "province"], 10)] == [
        "county",
        "sibling",
        "other",
        "province",
    ]
    assert len(await tree.subordinates(["root", "province"], 3)) == 3
    assert set(await tree.nodes(["town", "absent", "root"])) == {"town", "root"}
    lines = await tree.lines(["branch", "cousin", "absent"])
    assert {k: v.ids for k, v in lines.items()} == {
        "branch": ("branch", "town", "county", "province", "root"),
        "cousin": ("cousin", "sibling", "province", "root"),
        "absent": (),
    }


async def test_no_query_of_the_tree_scans(seeded: Rights, database: Any) -> None:
    await AuthorityScopes(database).prepare()
    collection = AuthorityScopes(database).collection
    plan = await collection.find({"superior": {"$in": ["root"]}}).sort([("superior", 1), ("_id", 1)]).explain()
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
    assert "SORT'" not in str(plan["queryPlanner"]["winningPlan"])


async def test_a_walk_of_many_lines_takes_one_query_a_level(seeded: Rights, database: Any) -> None:
    tree = Tree(database, Withdrawals())
    asked: list[int] = []
    nodes = tree.nodes

    async def counted(ids: Any) -> Any:
        asked.append(len(ids))
        return await nodes(ids)

    tree.nodes = counted  # type: ignore[method-assign]
    await tree.lines(TREE)
    assert len(asked) <= 6
