"""Golden samples: what was stored or published once loads for ever (P9). A new form gets a new file beside the old."""

from pathlib import Path

import orjson
import pytest

from services.org.domain.events import REGISTRY, OrganizationEstablished
from services.org.published import publish
from shared.contracts import org as public
from shared.contracts.org import OrgEvent, RightWithdrawn

SAMPLES = Path(__file__).parents[1] / "contracts" / "samples" / "org"
STORED = sorted((SAMPLES / "stored").glob("*.json"))
PUBLIC = sorted((SAMPLES / "public").glob("*.json"))
CONTRACTS = {c.type_name(): c for c in (*OrgEvent.__subclasses__(), RightWithdrawn)}


@pytest.mark.rule("P9")
@pytest.mark.parametrize("path", STORED, ids=lambda p: p.stem)
def test_a_stored_fact_loads_for_ever(path: Path) -> None:
    data = orjson.loads(path.read_bytes())
    event = REGISTRY.load_data(f"org.{path.stem}", data)
    again = event.model_dump(mode="json", exclude={"personal"})
    assert {name: again[name] for name in data} == data


@pytest.mark.rule("P9")
@pytest.mark.parametrize("path", PUBLIC, ids=lambda p: p.stem)
def test_a_published_fact_loads_for_ever_and_a_newer_one_with_more_fields_too(path: Path) -> None:
    data = orjson.loads(path.read_bytes())
    contract = CONTRACTS[f"org.{path.stem}"]
    event = contract.model_validate(data | {"a_field_of_tomorrow": {"x": 1}})
    again = event.model_dump(mode="json", exclude={"personal"})
    assert {name: again[name] for name in data} == data


@pytest.mark.rule("P9")
def test_every_form_has_its_sample() -> None:
    assert {f"org.{p.stem}" for p in STORED} >= set(REGISTRY.types())
    assert {f"org.{p.stem}" for p in PUBLIC} >= set(CONTRACTS)


@pytest.mark.rule("P11")
def test_what_is_published_of_an_organization_is_its_directory_data_without_contacts() -> None:
    data = orjson.loads((SAMPLES / "stored" / "OrganizationEstablished.v1.json").read_bytes())
    (event,) = publish(OrganizationEstablished.model_validate(data), "organization-1", 1)
    assert isinstance(event, public.OrganizationEstablished)
    text = event.model_dump_json()
    for value in ("phone", "email", "address", "contact"):
        assert data["information"][value] not in text
