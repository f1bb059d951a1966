"""IDN-04, X01: the first password, with a code from an admin, over HTTP."""

import asyncio
from datetime import timedelta

import pytest

from shared.authority.projection import AuthorityGrants
from shared.contracts.member import PostTaken
from tests.identity.conftest import CODE_LIFE, PASSWORD, START, Identity, Person, uid

NUMBER = "110101200103070018"


@pytest.fixture
async def person(identity: Identity) -> Person:
    """A member of the branch `branch`, entered by an admin."""
    entered = Person(uid("person", "member"), NUMBER)
    await identity.enter(entered)
    return entered


@pytest.mark.rule("IDN-04", "X01")
async def test_initial_password_and_code_set_a_password_which_then_signs_in(
    identity: Identity, admin: Person, person: Person
) -> None:
    done = await identity.activate(person, await identity.code_for(person, admin))
    assert done.status_code == 201
    assert (await identity.token(done.json()["session"])).json()["principal"] == person.id
    assert (await identity.sign_in(person.number, PASSWORD)).status_code == 201


@pytest.mark.rule("IDN-04")
@pytest.mark.parametrize("change", [str.lower, lambda c: f" {c[:4]}-{c[4:]} "])
async def test_a_code_is_taken_as_people_type_it(identity: Identity, admin: Person, person: Person, change) -> None:
    code = await identity.code_for(person, admin)
    assert (await identity.activate(person, change(code))).status_code == 201


@pytest.mark.rule("IDN-04", "X01")
async def test_the_initial_password_is_worth_nothing_without_a_code_and_never_signs_in(
    identity: Identity, person: Person
) -> None:
    assert (await identity.activate(person, "ABCDEFGH")).json()["code"] == "activation_refused"
    assert (await identity.sign_in(person.number, person.initial)).json()["code"] == "sign_in_refused"


@pytest.mark.rule("IDN-04", "X01")
async def test_after_the_activation_neither_initial_password_nor_code_works_again(
    identity: Identity, admin: Person, person: Person
) -> None:
    code = await identity.code_for(person, admin)
    await identity.activate(person, code)
    again = await identity.activate(person, code, "kettle grammar violet other")
    assert again.json()["code"] == "activation_refused"
    assert (await identity.sign_in(person.number, person.initial)).json()["code"] == "sign_in_refused"
    assert (await identity.sign_in(person.number, PASSWORD)).status_code == 201


@pytest.mark.rule("IDN-04", "X18")
async def test_whatever_does_not_fit_the_answer_is_the_same_and_shows_nothing_of_the_person(
    identity: Identity, admin: Person, person: Person
) -> None:
    code = await identity.code_for(person, admin)
    answers = [
        await identity.activate(person, "WRONGCOD"),
        await identity.activate(person, code, initial_password="12345678"),
        await identity.activate(Person("", "110101200103079999"), code),
        await identity.activate(admin, code),
        await identity.activate(person, code, document_kind="护照"),
    ]
    bodies = [{k: v for k, v in a.json().items() if k != "correlation"} for a in answers]
    assert {a.status_code for a in answers} == {401}
    assert bodies[0]["code"] == "activation_refused"
    assert all(body == bodies[0] for body in bodies)
    for personal in (person.name, person.number, person.mobile, person.id):
        assert personal not in answers[0].text


@pytest.mark.rule("IDN-04", "X01")
@pytest.mark.parametrize("wrong", ["code", "initial_password"])
async def test_five_wrong_tries_burn_the_code_and_a_new_one_mends_it(
    identity: Identity, admin: Person, person: Person, wrong: str
) -> None:
    code = await identity.code_for(person, admin)
    for _ in range(5):
        assert (await identity.activate(person, **{"code": code, wrong: "WRONGCOD"})).json()[
            "code"
        ] == "activation_refused"
    assert (await identity.activate(person, code)).json()["code"] == "activation_refused"
    assert (await identity.activate(person, await identity.code_for(person, admin))).status_code == 201


@pytest.mark.rule("IDN-04", "X01")
async def test_the_fifth_try_of_the_last_second_counts(identity: Identity, admin: Person, person: Person) -> None:
    code = await identity.code_for(person, admin)
    for _ in range(4):
        assert (await identity.activate(person, "WRONGCOD")).status_code == 401
    identity.clock.move(CODE_LIFE - timedelta(seconds=1))
    assert (await identity.activate(person, code)).status_code == 201


@pytest.mark.rule("IDN-04", "X01")
async def test_of_twenty_guesses_at_once_no_more_than_five_are_judged(
    identity: Identity, admin: Person, person: Person
) -> None:
    await identity.code_for(person, admin)
    await asyncio.gather(*(identity.activate(person, "WRONGCOD") for _ in range(20)))
    row = await identity.parts.codes._rows.find_one({"_id": person.id})
    assert row["tries"] == 5


@pytest.mark.rule("IDN-04", "X01")
async def test_of_ten_activations_at_once_one_sets_the_password(
    identity: Identity, admin: Person, person: Person
) -> None:
    code = await identity.code_for(person, admin)
    passwords = [f"kettle grammar violet {word}" for word in ("owl", "elk", "yew", "fig", "ivy")]
    answers = await asyncio.gather(*(identity.activate(person, code, p) for p in passwords))
    done = [p for p, a in zip(passwords, answers, strict=True) if a.status_code == 201]
    assert len(done) == 1
    works = [p for p in passwords if (await identity.sign_in(person.number, p)).status_code == 201]
    assert works == done


@pytest.mark.rule("IDN-04")
async def test_a_code_dies_after_the_hours_of_the_setting_and_when_a_new_one_is_made(
    identity: Identity, admin: Person, person: Person
) -> None:
    old = await identity.code_for(person, admin)
    new = await identity.code_for(person, admin)
    assert (await identity.activate(person, old)).json()["code"] == "activation_refused"
    identity.clock.move(CODE_LIFE)
    late = (await identity.activate(person, new)).json()
    assert (late["code"], "激活码过期或输错 5 次即作废" in late["way_out"]) == ("activation_refused", True)


@pytest.mark.rule("IDN-04", "X01")
async def test_after_thirty_days_a_code_is_what_makes_the_initial_password_work_again(
    identity: Identity, admin: Person, person: Person
) -> None:
    identity.clock.move(timedelta(days=60))
    assert (await identity.activate(person, "ABCDEFGH")).json()["code"] == "activation_refused"
    assert (await identity.activate(person, await identity.code_for(person, admin))).status_code == 201


@pytest.mark.rule("X02", "IDN-04")
@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("too short", "password_too_short"),
        ("password12345678", "password_too_common"),
        ("x" * 10 + "violet harbour kettle " * 12, "password_too_long"),
        ("kettle 1030700 violet grammar", "password_from_own_data"),
        ("kettle 13900001111 violet", "password_from_own_data"),
        ("欧阳测试 kettle violet grammar", "password_from_own_data"),
    ],
)
async def test_a_new_password_that_is_refused_costs_neither_the_code_nor_a_try(
    identity: Identity, admin: Person, person: Person, password: str, refusal: str
) -> None:
    code = await identity.code_for(person, admin)
    for _ in range(6):
        answer = await identity.activate(person, code, password)
        assert (answer.json()["code"], answer.json()["field"]) == (refusal, "new_password")
    assert (await identity.activate(person, code)).status_code == 201


@pytest.mark.rule("X02", "IDN-04")
async def test_what_is_wrong_with_a_password_tells_a_stranger_nothing_of_the_person_on_file(
    identity: Identity, person: Person
) -> None:
    """The phone on file is looked at only after the code was right."""
    answer = await identity.activate(person, "WRONGCOD", f"kettle {person.mobile} violet")
    assert answer.json()["code"] == "activation_refused"


@pytest.mark.rule("IDN-04")
async def test_a_code_is_shown_once_even_if_the_request_is_repeated(
    identity: Identity, admin: Person, person: Person
) -> None:
    headers = await identity.headers(admin)
    first = await identity.ask_code(person.id, headers, key="one-and-the-same")
    again = await identity.ask_code(person.id, headers, key="one-and-the-same")
    assert (again.status_code, again.json()["code"]) == (409, "code_shown_before")
    assert len(first.json()["code"]) == 8
    assert (await identity.activate(person, first.json()["code"])).status_code == 201


@pytest.mark.rule("IDN-04", "P11")
async def test_no_code_password_or_initial_password_is_stored_in_clear(
    identity: Identity, admin: Person, person: Person
) -> None:
    code = await identity.code_for(person, admin)
    await identity.activate(person, code)
    database = identity.driver.database(identity.parts.settings.database("identity"))
    for name in await database.list_collection_names():
        stored = str(await database[name].find().to_list(None))
        for secret in (code, PASSWORD, person.number, person.initial, person.mobile):
            assert secret not in stored, name
    commits = str(await database["commits"].find().to_list(None))
    for personal in (person.name, "argon2", identity.number_hash(person)):
        assert personal not in commits


@pytest.mark.rule("IDN-04", "ADM-08")
async def test_a_code_is_given_by_an_admin_of_where_the_person_belongs_and_by_nobody_else(
    identity: Identity, admin: Person, person: Person
) -> None:
    other = Person(uid("person", "other"), "110101199303070011")
    await identity.enter(other, branch=uid("organization", "elsewhere"))
    await identity.make_active(other)
    await identity.appoint(other.id, uid("organization", "elsewhere"))
    for asked in (person.id, uid("person", "nobody"), other.id[:-1] + "x"):
        refused = await identity.ask_code(asked, await identity.headers(other))
        assert (refused.status_code, refused.json()["code"]) == (403, "outside_authority")
        assert "branch" not in refused.text
    assert (await identity.ask_code(person.id, {})).status_code == 401
    assert (await identity.ask_code(person.id, await identity.headers(admin))).status_code == 201


@pytest.mark.rule("IDN-04", "ADM-08")
async def test_the_superiors_admin_gives_codes_too_and_one_further_up_only_reads_and_is_told_who_could(
    identity: Identity, admin: Person
) -> None:
    """`admin` stands in `branch`; below it come a school and its class."""
    school = await identity.establish("school", uid("organization", "branch"))
    group = await identity.establish("class", school)
    near, far = (Person(uid("person", f"{n}"), f"1101012001030700{n}") for n in (34, 42))
    await identity.enter(near, branch=school)
    await identity.enter(far, branch=group)
    headers = await identity.headers(admin)
    assert (await identity.ask_code(near.id, headers)).status_code == 201
    refused = await identity.ask_code(far.id, headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "outside_authority")
    assert refused.json()["params"]["organizations"] == [group, school]
    seen = await identity.http.get(f"/v1/people/{far.id}/account", headers=headers)
    assert seen.json()["state"] == "inactive"


@pytest.mark.rule("IDN-04", "IDN-08")
async def test_a_cadre_sees_how_an_account_stands_and_gives_no_code(identity: Identity, person: Person) -> None:
    cadre = Person(uid("person", "cadre"), "110101199303070011")
    await identity.enter(cadre)
    await identity.make_active(cadre)
    event = PostTaken(person=cadre.id, organization=uid("organization", "branch"), position="书记")
    await identity.apply(AuthorityGrants(identity.database), identity.fact(event, cadre.id))
    headers = await identity.headers(cadre)
    assert (await identity.http.get(f"/v1/people/{person.id}/account", headers=headers)).status_code == 200
    assert (await identity.ask_code(person.id, headers)).json()["code"] == "outside_authority"


@pytest.mark.rule("IDN-04")
async def test_a_code_is_not_given_on_a_token_whose_session_has_ended(
    identity: Identity, admin: Person, person: Person
) -> None:
    headers = await identity.headers(admin)
    await identity.http.delete("/v1/sessions", headers=headers)
    assert (await identity.ask_code(person.id, headers)).json()["code"] == "session_ended"


@pytest.mark.rule("IDN-04")
async def test_an_activated_account_gets_no_code(identity: Identity, admin: Person, person: Person) -> None:
    await identity.activate(person, await identity.code_for(person, admin))
    answer = await identity.ask_code(person.id, await identity.headers(admin))
    assert (answer.status_code, answer.json()["code"]) == (409, "account_already_activated")


@pytest.mark.rule("IDN-04")
async def test_an_admin_sees_how_an_account_stands(identity: Identity, admin: Person, person: Person) -> None:
    async def account() -> dict[str, str]:
        answer = await identity.http.get(f"/v1/people/{person.id}/account", headers=await identity.headers(admin))
        return answer.json()

    assert (await account())["state"] == "inactive"
    await identity.activate(person, await identity.code_for(person, admin))
    active = await account()
    assert active["state"] == "active"
    assert active["activated_at"] == active["last_sign_in_at"] == START.strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    for _ in range(5):
        await identity.sign_in(person.number, "violet harbour kettle wrong")
    assert (await account())["state"] == "locked"


@pytest.mark.rule("X01")
async def test_known_numbers_with_their_last_eight_characters_give_no_session(identity: Identity) -> None:
    """The attack of somebody who has a list of numbers: 40 here, each tried both ways."""
    people = [Person(uid("person", f"p{i}"), f"1101012002030{i:05}") for i in range(40)]
    await identity.enter(*people)
    codes = set()
    for start in range(0, 40, 20):
        some = people[start : start + 20]
        identity.clock.move(timedelta(minutes=15))
        answers = await asyncio.gather(
            *(identity.sign_in(p.number, p.initial) for p in some),
            *(identity.activate(p, "AAAAAAAA") for p in some),
        )
        codes |= {a.json()["code"] for a in answers}
    assert codes == {"sign_in_refused", "activation_refused"}
    assert await identity.parts.sessions._rows.count_documents({}) == 0
