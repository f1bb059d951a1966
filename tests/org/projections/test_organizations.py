from datetime import UTC, datetime

import pytest

from services.org.domain.events import (
    REGISTRY,
    AdminAppointed,
    AdminRevoked,
    Category,
    OrganizationInformationChanged,
    OrgEvent,
    SubordinatesReordered,
)
from services.org.names import grams, grams_asked, name_key, spellings
from services.org.projections.organizations import Organizations
from shared.kernel.envelope import Actor, Recorded
from tests.org.samples import COUNTY, PROVINCE, ROOT, facts

SCHOOL = "organization-school"


def recorded(*events: OrgEvent) -> list[Recorded]:
    return [
        Recorded(
            event_id=str(version),
            type=REGISTRY.type_of(event),
            stream=SCHOOL,
            version=version,
            index=0,
            at=datetime(2026, 11, version, tzinfo=UTC),
            actor=Actor("person-a", COUNTY),
            correlation="",
            causation="",
            data=event.model_dump(mode="json", exclude={"personal"}),
        )
        for version, event in enumerate(events, start=1)
    ]


def folded(*events: OrgEvent) -> dict:
    projection = Organizations({"organizations_v7": None, "copies": None})
    document = None
    for event in recorded(*events):
        document = projection.evolve(document, event, SCHOOL)
    assert document is not None
    return document


HISTORY = (
    facts(Category.COMMITTEE, sector="5"),
    AdminAppointed(person="person-b"),
    AdminAppointed(person="person-c"),
    OrganizationInformationChanged(
        category=Category.COMMITTEE,
        branch_kind=facts().branch_kind,
        information=facts(full_name="共青团遂昌县第一中学委员会", short_name="遂昌一中团委").information,
        missing=("sector",),
    ),
    SubordinatesReordered(subordinates=("organization-x", "organization-y")),
    AdminRevoked(person="person-b", cause="revoked"),
)


@pytest.mark.rule("ORG-06", "ORG-08", "ADM-05")
def test_the_document_shows_what_happened() -> None:
    document = folded(*HISTORY)
    assert (document["full_name"], document["missing"]) == ("共青团遂昌县第一中学委员会", ["sector"])
    assert (document["superior"], document["ancestors"]) == (COUNTY, [ROOT, PROVINCE, COUNTY])
    assert [(a["person"], a["by"]) for a in document["admins"]] == [("person-c", COUNTY)]
    assert document["sequence"] == ["organization-x", "organization-y"]
    assert "育才" not in document["search"]
    assert "育才" not in document["grams"]


@pytest.mark.rule("TRF-18")
@pytest.mark.parametrize(
    ("name", "whole", "initials"),
    [
        ("妙高街道团工委", "miaogaojiedaotuangongwei", "mgjdtgw"),
        ("团重庆市委", "tuanchongqingshiwei", "tcqsw"),
        ("乐清市Ａ栋 团支部", "yueqingshiadongtuanzhibu", "yqsadtzb"),
        ("朝阳区支行团委", "chaoyangquzhihangtuanwei", "cyqzhtw"),
    ],
)
def test_a_name_is_spelled_as_it_is_read(name: str, whole: str, initials: str) -> None:
    assert spellings(name) == (whole, initials)
    document = folded(facts(short_name=name))
    assert document["spelled"] == f"{whole}\n{initials}"
    assert {initials[:3], whole[-3:]} <= set(document["letters"])


def test_replayed_it_is_the_same_document() -> None:
    assert folded(*HISTORY) == folded(*HISTORY)


def test_a_type_of_a_newer_release_leaves_the_document_as_it_is() -> None:
    document = folded(facts())
    (event,) = recorded(facts())
    unknown = event._replace(type="org.OrganizationSplit.v1")
    assert Organizations({"organizations_v7": None, "copies": None}).evolve(document, unknown, SCHOOL) == document


def test_events_in_an_impossible_order_stop_the_read_model_instead_of_guessing() -> None:
    with pytest.raises(ValueError, match="AdminAppointed does not fit"):
        folded(AdminAppointed(person="person-b"))


@pytest.mark.rule("ORG-22")
@pytest.mark.parametrize("part", ["育才", "（1）班", "(1)班", "高一 ", "ＧＡＯ", "遂昌县育才中学高一(1)班"])
def test_every_part_of_a_name_is_among_the_pairs_it_is_looked_up_by(part: str) -> None:
    name = "共青团遂昌县育才中学高一（1）班Gao支部"
    assert set(grams_asked(part)) <= set(grams(name))
    assert (name_key(part) in name_key(name)) is True


def test_a_part_of_one_character_has_no_pair() -> None:
    assert grams_asked("育") == []
    assert grams_asked("育才中") == ["才中", "育才"]
