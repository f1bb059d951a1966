"""IDN-07, IDN-08: who one is and where one stands."""

import pytest

from services.identity.domain.passwords import PasswordTooShort
from shared.contracts import member, org
from tests.identity.conftest import PASSWORD, Identity, Person, uid


@pytest.mark.rule("IDN-07", "IDN-08")
async def test_a_person_with_several_organizations_sees_each_once_with_the_highest_role(identity: Identity) -> None:
    county = await identity.establish("某县团委", uid("organization", "city"), category=org.Category.LEADING_BODY)
    school = await identity.establish("某校团委", county, category=org.Category.COMMITTEE)
    branch = uid("organization", "branch")
    person = Person(uid("person", "p"), "110101200103070018")
    await identity.enter(person, branch=branch)
    for organization, position in ((school, "副书记"), (branch, "书记"), (county, "委员")):
        event = member.CadreAppointed(person=person.id, organization=organization, position=position)
        await identity.apply(identity.parts.standings, identity.fact(event, person.id))
    await identity.appoint(person.id, school)
    session = await identity.make_active(person)
    me = (await identity.http.get("/v1/me", headers=await identity.bearer(session))).json()
    assert (me["principal"], me["kind"], me["name"]) == (person.id, "person", person.name)
    assert [(s["short_name"], s["role"]) for s in me["standings"]] == [
        ("某校团委", "admin"),
        *sorted([("某县团委", "cadre"), ("branch", "cadre")], key=lambda s: uid("organization", s[0])),
    ]
    assert {s["category"] for s in me["standings"]} == {"leading_body", "committee", "branch"}


@pytest.mark.rule("IDN-07")
async def test_what_has_ended_is_not_among_the_standings(identity: Identity) -> None:
    branch = uid("organization", "branch")
    person = Person(uid("person", "p"), "110101200103070018")
    await identity.enter(person, branch=branch)
    held = member.CadreAppointed(person=person.id, organization=branch, position="书记")
    again = member.CadreAppointed(person=person.id, organization=branch, position="组织委员")
    ended = member.CadrePositionEnded(person=person.id, organization=branch, position="书记", cause="x")
    standings = identity.parts.standings
    for event in (held, again, ended):
        await identity.apply(standings, identity.fact(event, person.id))
    assert await standings.roles(person.id) == {branch: "cadre"}
    last = member.CadrePositionEnded(person=person.id, organization=branch, position="组织委员", cause="x")
    await identity.apply(standings, identity.fact(last, person.id))
    assert await standings.roles(person.id) == {branch: "member"}
    await identity.appoint(person.id, branch)
    assert await standings.is_admin(person.id)
    revoked = org.AdminRevoked(organization=branch, person=person.id)
    await identity.apply(standings, identity.fact(revoked, branch))
    left = member.MembershipEnded(person=person.id, branch=branch, cause="import_withdrawn")
    await identity.apply(standings, identity.fact(left, person.id))
    assert await standings.roles(person.id) == {}
    assert not await standings.is_admin(person.id)


@pytest.mark.rule("IDN-07", "TRF-22")
async def test_a_member_who_moved_stands_in_the_new_branch_and_in_no_other(identity: Identity) -> None:
    old, new = uid("organization", "old branch"), uid("organization", "new branch")
    who, standings = uid("person", "p"), identity.parts.standings
    entered = member.MemberEntered(person=who, branch=old)
    moved = member.MemberMoved(person=who, from_branch=old, to_branch=new, transfer="transfer-1")
    for event in (entered, moved, moved):
        await identity.apply(standings, identity.fact(event, who))
    assert await standings.roles(who) == {new: "member"}


@pytest.mark.rule("ADM-05")
async def test_a_revoked_admin_keeps_account_and_position(identity: Identity) -> None:
    branch = uid("organization", "branch")
    person = Person(uid("person", "p"), "110101200103070018")
    await identity.enter(person, branch=branch)
    session = await identity.make_active(person)
    held = member.CadreAppointed(person=person.id, organization=branch, position="书记")
    await identity.apply(identity.parts.standings, identity.fact(held, person.id))
    await identity.appoint(person.id, branch)
    revoked = org.AdminRevoked(organization=branch, person=person.id)
    await identity.apply(identity.parts.standings, identity.fact(revoked, branch))
    me = (await identity.http.get("/v1/me", headers=await identity.bearer(session))).json()
    assert [(s["organization"], s["role"]) for s in me["standings"]] == [(branch, "cadre")]
    assert (await identity.sign_in(person.number, PASSWORD)).status_code == 201


@pytest.mark.rule("IDN-07")
async def test_a_renamed_organization_shows_its_new_name(identity: Identity) -> None:
    root = uid("organization", "root")
    event = org.OrganizationInformationChanged(
        organization=root, category=org.Category.LEADING_BODY, full_name="新全称", short_name="新名"
    )
    await identity.apply(identity.parts.organizations, identity.fact(event, root))
    found = await identity.parts.organizations.root()
    assert (found.full_name, found.short_name) == ("新全称", "新名")


@pytest.mark.rule("IDN-08")
async def test_a_central_operator_stands_at_the_root_and_the_token_says_so(identity: Identity) -> None:
    root = uid("organization", "root")
    headers = await identity.operator()
    me = (await identity.http.get("/v1/me", headers=headers)).json()
    assert (me["kind"], me["name"]) == ("operator", "centre")
    assert [(s["organization"], s["role"]) for s in me["standings"]] == [(root, "operator")]


@pytest.mark.rule("IDN-08")
async def test_an_operator_is_seeded_once_and_keeps_the_first_password(identity: Identity) -> None:
    seed = identity.parts.operators.seed
    assert await seed("centre", PASSWORD)
    assert not await seed("centre", "copper lantern willow bridge")
    answer = await identity.sign_in("Centre ", PASSWORD, document_kind="操作员")
    assert answer.status_code == 201
    with pytest.raises(PasswordTooShort):
        await seed("other", "short")
    with pytest.raises(ValueError, match="login"):
        await seed("  ", PASSWORD)
