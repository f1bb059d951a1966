"""Who registers by a code, from both topics to the cadre: any order, twice, at once, cut off in the middle (ADM-04)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from services.member.domain.fields import Template
from services.member.domain.registrant import REGISTRANT, Ended, registrant_of
from services.member.reactions import Hears
from services.member.use_cases.people import People
from services.member.use_cases.places import OrganizationNotFound, Places
from services.member.use_cases.records import Person
from services.member.use_cases.registrants import Registrants
from services.member.use_cases.transfers import TransferredPeople
from shared.contracts.base import Contract
from shared.contracts.identity import AdminRegistrationRequested
from shared.contracts.member import (
    CadreAppointed,
    PostTaken,
    RegistrantAdmitted,
    RegistrantEntered,
    RegistrantRefused,
    RegistrantTurnedAway,
)
from shared.contracts.org import RegistrationCodeRedeemed, RegistrationCodeRefused, RegistrationLapsed
from shared.eventstore.conditions import Row
from shared.kernel import ids
from shared.kernel.envelope import Actor, Recorded, Request
from shared.kernel.refusals import SystemBusy
from shared.privacy.sealing import seal
from shared.privacy.vault import KeyReader, KeysMissing, Vault
from tests.member.conftest import BRANCHES, COUNTY, OTHER_COUNTY, Member, Pending, Rights, Tree
from tests.member.people import cadre_row, card, member_row

NUMBER = card(sequence="345")
TYPED = {"name": "赵一", "document_kind": "居民身份证", "number": NUMBER, "mobile": "13800007777"}
NOWHERE = "organization-00000000-0000-0000-0000-000000000999"


@dataclass
class Stand:
    """member with its reactions, and the vault that is identity's own."""

    member: Member
    intake: Vault
    secrets: Path
    numbers: Any = field(default_factory=lambda: count(1))

    def hears(self, people: People | None = None) -> Hears:
        """As another process would have it: with no memory of keys."""
        driver, database = self.member.store.driver, self.intake._database
        reader = KeyReader.from_directory(driver, database, self.secrets)
        return Hears(
            Registrants(self.member.store, people or self.member.people, reader), TransferredPeople(self.member.store)
        )

    async def requested(self, registration: str, **changes: str) -> Recorded:
        """What identity publishes, with its key in the vault."""
        key, row = self.intake.new_key(registration, self.member.clock.now())
        await self._write(row)
        fact = self.fact(AdminRegistrationRequested(registration=registration, code_hash="0"), registration)
        sealed = seal(key, registration, fact.event_id, TYPED | changes)
        return fact._replace(sealed=sealed)

    async def _write(self, row: Row) -> None:
        await self.member.store.driver.database(row.database)[row.collection].insert_one(dict(row.document))

    def redeemed(self, registration: str, organization: str = COUNTY) -> Recorded:
        return self.fact(RegistrationCodeRedeemed(organization=organization, registration=registration), organization)

    def fact(self, event: Contract, stream: str) -> Recorded:
        number, data = next(self.numbers), event.model_dump(mode="json", exclude={"personal"})
        event_id, actor = ids.event_id(f"{stream}-{number}", event.topic, 0), Actor("service:other")
        return Recorded(
            event_id, event.type_name(), stream, number, 0, self.member.clock.now(), actor, "", event_id, data
        )

    async def hear(self, *facts: Recorded) -> None:
        for fact in facts:
            await self.react(self.hears(), fact)

    @staticmethod
    async def react(hears: Hears, fact: Recorded) -> None:
        react = {
            AdminRegistrationRequested.type_name(): hears.admin_registration_requested,
            RegistrationCodeRedeemed.type_name(): hears.registration_code_redeemed,
            RegistrationCodeRefused.type_name(): hears.registration_code_refused,
            RegistrationLapsed.type_name(): hears.registration_lapsed,
        }[fact.type]
        await react([fact])

    async def told(self, kind: type[Contract]) -> list[dict[str, Any]]:
        commits = await self.member.store.commits.find({}).sort("at", 1).to_list(None)
        public = [entry for commit in commits for entry in commit["public"]]
        return [entry["data"] for entry in public if entry["type"] == kind.type_name()]

    async def entered(self) -> Sequence[Person]:
        """Everybody who was said to be entered, as their record stands."""
        return [await self.member.people.load(said["person"]) for said in await self.told(RegistrantAdmitted)]

    async def enter(self, template: Template = Template.MEMBERS, **changes: Any) -> str:
        """By an admin, at the form."""
        rows = {Template.MEMBERS: member_row(branch="", number=NUMBER, name="赵一"), Template.CADRES: cadre_row()}
        place = BRANCHES[0] if template is Template.MEMBERS else COUNTY
        request = Request(Actor("person-admin", place), f"enter-{next(self.numbers)}", "")
        return (await self.member.people.enter(request, place, template, rows[template] | changes)).stream


@pytest.fixture
async def stand(member: Member, swept_namespace: str, secrets_dir: Path) -> Stand:
    intake = Vault.from_directory(member.store.driver, f"{swept_namespace}intake", secrets_dir)
    await intake.prepare()
    return Stand(member, intake, secrets_dir)


@pytest.mark.rule("ADM-04", "IDN-02", "MEM-24")
@pytest.mark.parametrize("first", ["request", "clearance"])
async def test_who_redeemed_a_code_is_a_cadre_of_the_organization_whichever_topic_comes_first(
    stand: Stand, first: str
) -> None:
    facts = [await stand.requested("registration-1"), stand.redeemed("registration-1")]
    await stand.hear(*(facts if first == "request" else facts[::-1]))
    (person,) = await stand.entered()
    assert person.known is not None
    assert person.record is not None
    assert (person.known.positions, person.known.branch) == ({(COUNTY, "工作人员")}, None)
    assert (person.record.name, person.record.number, person.record.mobile) == ("赵一", NUMBER, "13800007777")
    said = {"registration": "registration-1", "organization": COUNTY, "person": person.id}
    assert await stand.told(RegistrantAdmitted) == await stand.told(RegistrantEntered) == [said]
    (cadre,) = await stand.told(CadreAppointed)
    assert await stand.told(PostTaken) == [{"person": person.id, "organization": COUNTY, "position": "工作人员"}]
    assert (cadre["person"], cadre["missing"]) == (person.id, ["political_status", "ethnicity", "education"])


@pytest.mark.rule("P2", "ADM-04")
async def test_everything_delivered_twice_alone_and_at_once_enters_one_person_once(stand: Stand) -> None:
    facts = [await stand.requested("registration-1"), stand.redeemed("registration-1")]
    await asyncio.gather(*(stand.hear(fact) for fact in facts for _ in range(4)))
    await stand.hear(*facts, *facts[::-1])
    assert len(await stand.told(RegistrantAdmitted)) == 1
    assert len(await stand.told(CadreAppointed)) == 1
    assert await stand.member.store.database["claims"].count_documents({}) == 1


@pytest.mark.rule("MEM-23", "ADM-04")
async def test_what_the_registration_did_not_ask_is_filled_in_afterwards_and_then_nothing_lacks(stand: Stand) -> None:
    await stand.hear(
        await stand.requested("registration-1", document_kind="护照", number="E12345678"),
        stand.redeemed("registration-1"),
    )
    (person,) = await stand.entered()
    fields = {"birth_date": "1990-01-01", "political_status": "中共党员", "ethnicity": "汉族", "education": "本科"}
    request = Request(Actor("person-admin", COUNTY), "fill-1", "")
    await stand.member.people.fill(request, person.id, fields)
    filled = await stand.member.people.load(person.id)
    assert filled.known is not None
    assert filled.record is not None
    assert filled.known.missing == ()
    assert str(filled.record.birth_date) == "1990-01-01"


@pytest.mark.rule("ADM-04", "ADM-06", "MEM-24")
async def test_a_registered_member_of_that_name_and_number_gets_a_position_and_nothing_else(stand: Stand) -> None:
    person = await stand.enter()
    before = await stand.member.people.load(person)
    await stand.hear(await stand.requested("registration-1", mobile="13900000000"), stand.redeemed("registration-1"))
    (after,) = await stand.entered()
    assert after.known is not None
    assert (after.id, after.record, after.known.branch) == (person, before.record, BRANCHES[0])
    assert after.known.positions == {(COUNTY, "工作人员")}


@pytest.mark.rule("ADM-04", "MEM-24")
async def test_a_cadre_of_the_organization_keeps_the_position_they_hold(stand: Stand) -> None:
    person = await stand.enter(Template.CADRES, number=NUMBER, name="赵一", positions="书记")
    await stand.hear(await stand.requested("registration-1"), stand.redeemed("registration-1"))
    (after,) = await stand.entered()
    assert after.known is not None
    assert (after.id, after.version, after.known.positions) == (person, 1, {(COUNTY, "书记")})


@pytest.mark.rule("ADM-04", "MEM-10", "IDN-06")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "钱二"}, "number_already_registered"),
        ({"number": NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")}, "number_check_digit"),
        ({"mobile": "123"}, "mobile_malformed"),
        ({"number": card("20200101")}, "too_young"),
    ],
)
async def test_a_number_of_somebody_else_and_what_a_form_would_not_take_is_refused_once_and_leaves_nothing(
    stand: Stand, changes: dict[str, str], reason: str
) -> None:
    person = await stand.enter()
    rows = await stand.member.store.database["claims"].count_documents({})
    facts = [await stand.requested("registration-1", **changes), stand.redeemed("registration-1")]
    await stand.hear(*facts, *facts)
    said = {"registration": "registration-1", "organization": COUNTY, "reason": reason}
    assert await stand.told(RegistrantTurnedAway) == await stand.told(RegistrantRefused) == [said]
    assert (await stand.told(RegistrantAdmitted), await stand.told(CadreAppointed)) == ([], [])
    assert await stand.member.store.database["claims"].count_documents({}) == rows
    assert (await stand.member.people.load(person)).version == 1


@pytest.mark.rule("P4", "ADM-04")
async def test_one_number_registered_for_many_organizations_at_once_is_one_person_with_a_position_in_each(
    stand: Stand,
) -> None:
    places = [*BRANCHES, COUNTY, OTHER_COUNTY]
    facts = []
    for place in places:
        facts += [await stand.requested(f"registration-{place}"), stand.redeemed(f"registration-{place}", place)]
    await asyncio.gather(*(stand.hear(fact) for fact in facts))
    people = await stand.entered()
    assert {p.id for p in people} == {people[0].id}
    assert people[0].known is not None
    titles = dict.fromkeys(BRANCHES, "其他委员") | {COUNTY: "工作人员", OTHER_COUNTY: "工作人员"}
    assert people[0].known.positions == set(titles.items())
    assert await stand.told(RegistrantTurnedAway) == []


@pytest.mark.rule("P8", "ADM-03")
@pytest.mark.parametrize("over", ["refused", "lapsed"])
async def test_a_registration_that_is_over_enters_nobody_whatever_comes_afterwards(stand: Stand, over: str) -> None:
    ended = {
        "refused": stand.fact(RegistrationCodeRefused(registration="registration-1"), "redemption-1"),
        "lapsed": stand.fact(RegistrationLapsed(organization=COUNTY, registration="registration-1"), COUNTY),
    }[over]
    facts = [await stand.requested("registration-1"), stand.redeemed("registration-1")]
    await stand.hear(facts[1], ended, facts[0], facts[1], ended)
    assert (await stand.told(RegistrantAdmitted), await stand.told(CadreAppointed)) == ([], [])
    commits = await stand.member.store.load(registrant_of("registration-1"))
    assert REGISTRANT.fold(e for c in commits for e in c.events) == Ended()


@pytest.mark.rule("P11", "P8", "ADM-04")
async def test_of_a_registration_whose_key_was_destroyed_nobody_is_entered_and_org_is_told(stand: Stand) -> None:
    facts = [await stand.requested("registration-1"), stand.redeemed("registration-1")]
    await stand.hear(facts[0])
    await stand.intake.destroy(["registration-1"], stand.member.clock.now())
    await stand.hear(facts[1])
    (said,) = await stand.told(RegistrantTurnedAway)
    assert said["reason"] == "registration_over"
    assert await stand.told(CadreAppointed) == []


@pytest.mark.rule("P2", "ADM-04")
async def test_cut_off_after_the_entry_the_next_process_says_what_was_entered(stand: Stand) -> None:
    """Fails if what becomes of a registrant is lost with the process that entered them."""
    facts = [await stand.requested("registration-1"), stand.redeemed("registration-1")]
    await stand.hear(facts[0])

    class CutOff(People):
        async def register(self, *args: Any) -> Any:
            await super().register(*args)
            raise ConnectionError

    places = Places(Tree(), Rights(), Pending())
    with pytest.raises(ConnectionError):
        await stand.react(stand.hears(CutOff(stand.member.records, places, stand.member.clock)), facts[1])
    assert len(await stand.told(CadreAppointed)) == 1
    assert await stand.told(RegistrantAdmitted) == []
    await stand.hear(facts[1])
    assert len(await stand.entered()) == len(await stand.told(CadreAppointed)) == 1


@pytest.mark.rule("P5", "ADM-04")
async def test_what_the_copies_do_not_know_yet_is_waited_for_and_a_missing_key_is_an_error(stand: Stand) -> None:
    with pytest.raises(SystemBusy) as waits:
        await stand.hear(await stand.requested("registration-1"), stand.redeemed("registration-1", NOWHERE))
    assert isinstance(waits.value.__cause__, OrganizationNotFound)
    lost = await stand.requested("registration-2")
    await stand.member.store.driver.database(stand.intake._database)["keys"].delete_one({"_id": "registration-2"})
    with pytest.raises(KeysMissing):
        await stand.hear(lost, stand.redeemed("registration-2"))
    assert (await stand.told(RegistrantAdmitted), await stand.told(RegistrantTurnedAway)) == ([], [])


@pytest.mark.rule("P11", "ADM-04")
async def test_what_was_typed_lies_in_clear_nowhere_in_members_database(stand: Stand) -> None:
    facts = [await stand.requested("registration-1"), stand.redeemed("registration-1")]
    await stand.hear(*facts, await stand.requested("registration-2", name="孙三"))
    for name in await stand.member.store.database.list_collection_names():
        for document in await stand.member.store.database[name].find({}).to_list(None):
            for secret in ("赵一", "孙三", NUMBER, "13800007777"):
                assert secret not in str(document), name
