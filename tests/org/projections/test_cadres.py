import pytest

from services.org.projections.cadres import Secretary
from shared.contracts.member import CadreAppointed, CadrePositionEnded, RecordCompletenessChanged
from tests.org.conftest import World, person

A, B = person(1), person(2)


def appointed(who: str, organization: str, position: str, missing: tuple[str, ...] = ()) -> CadreAppointed:
    return CadreAppointed(person=who, organization=organization, position=position, missing=missing)


@pytest.mark.rule("ORG-20")
async def test_one_person_is_secretary_of_several_organizations(world: World) -> None:
    for organization in ("organization-x", "organization-y"):
        await world.feed.hear(appointed(A, organization, "书记"), stream=A)
    found = await world.parts.cadres.secretaries(["organization-x", "organization-y", "organization-z"])
    assert found == {o: Secretary(A, mobile_filled=True) for o in ("organization-x", "organization-y")}


@pytest.mark.rule("ORG-20")
async def test_a_secretary_is_who_holds_that_very_position_there(world: World) -> None:
    await world.feed.hear(appointed(A, "organization-x", "书记"), stream=A)
    await world.feed.hear(appointed(A, "organization-y", "副书记"), stream=A)
    found = await world.parts.cadres.secretaries(["organization-x", "organization-y"])
    assert found == {"organization-x": Secretary(A, mobile_filled=True)}


@pytest.mark.rule("ORG-20")
async def test_the_secretary_s_mobile_counts_from_the_moment_it_is_filled(world: World) -> None:
    await world.feed.hear(appointed(A, "organization-x", "书记", ("mobile",)), stream=A)
    await world.feed.hear(RecordCompletenessChanged(person=A, missing=()), stream=A)
    found = await world.parts.cadres.secretaries(["organization-x"])
    assert found == {"organization-x": Secretary(A, mobile_filled=True)}


@pytest.mark.rule("ORG-20")
async def test_of_two_secretaries_the_elder_counts_until_the_position_ends(world: World) -> None:
    await world.feed.hear(appointed(B, "organization-x", "书记"), stream=B)
    await world.feed.hear(appointed(A, "organization-x", "书记", ("mobile",)), stream=A)
    assert (await world.parts.cadres.secretaries(["organization-x"]))["organization-x"].person == B
    ended = CadrePositionEnded(person=B, organization="organization-x", position="书记", cause="changed")
    await world.feed.hear(ended, stream=B)
    assert await world.parts.cadres.secretaries(["organization-x"]) == {
        "organization-x": Secretary(A, mobile_filled=False)
    }


@pytest.mark.rule("ADM-04")
async def test_a_cadre_is_one_as_long_as_one_position_is_left(world: World) -> None:
    for position in ("书记", "组织委员"):
        await world.feed.hear(appointed(A, "organization-x", position), stream=A)
    ended = [
        CadrePositionEnded(person=A, organization="organization-x", position=p, cause="x") for p in ("书记", "组织委员")
    ]
    await world.feed.hear(ended[0], stream=A)
    assert await world.parts.cadres.of("organization-x") == [A]
    await world.feed.hear(ended[1], stream=A)
    assert await world.parts.cadres.of("organization-x") == []


async def test_a_record_of_somebody_without_a_position_is_not_copied(world: World) -> None:
    await world.feed.hear(RecordCompletenessChanged(person=A, missing=("mobile",)), stream=A)
    assert await world.parts.cadres.collection.count_documents({}) == 0
