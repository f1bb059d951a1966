"""Golden samples: what was stored or published once loads for ever (P9). A new form gets a new file beside the old."""

from pathlib import Path

import orjson
import pytest

from services.member.domain.events import REGISTRY
from shared.contracts.member import IdentityEvent, MemberEvent, PostEvent, RegistrationEvent

SAMPLES = Path(__file__).parents[1] / "contracts" / "samples" / "member"
STORED = sorted((SAMPLES / "stored").glob("*.json"))
PUBLIC = sorted((SAMPLES / "public").glob("*.json"))
TOPICS = (MemberEvent, PostEvent, RegistrationEvent, IdentityEvent)
CONTRACTS = {c.type_name(): c for topic in TOPICS for c in topic.__subclasses__()}


@pytest.mark.rule("P9")
@pytest.mark.parametrize("path", STORED, ids=lambda p: p.stem)
def test_a_stored_fact_loads_for_ever(path: Path) -> None:
    data = orjson.loads(path.read_bytes())
    event = REGISTRY.load_data(f"member.{path.stem}", data | {"a_field_of_tomorrow": 1})
    again = event.model_dump(mode="json", exclude={"personal"})
    assert {name: again[name] for name in data} == data


@pytest.mark.rule("P9")
@pytest.mark.parametrize("path", PUBLIC, ids=lambda p: p.stem)
def test_a_published_fact_loads_for_ever_and_a_newer_one_with_more_fields_too(path: Path) -> None:
    data = orjson.loads(path.read_bytes())
    event = CONTRACTS[f"member.{path.stem}"].model_validate(data | {"a_field_of_tomorrow": {"x": 1}})
    again = event.model_dump(mode="json", exclude={"personal"})
    assert {name: again[name] for name in data} == data


@pytest.mark.rule("P9")
def test_every_form_has_its_sample() -> None:
    assert {f"member.{p.stem}" for p in STORED} >= set(REGISTRY.types())
    assert {f"member.{p.stem}" for p in PUBLIC} >= set(CONTRACTS)
