"""Golden samples of what identity publishes (P9)."""

from pathlib import Path

import orjson
import pytest

from shared.contracts.identity import RegistrationEvent

PUBLIC = sorted((Path(__file__).parents[1] / "contracts" / "samples" / "identity" / "public").glob("*.json"))
CONTRACTS = {c.type_name(): c for c in RegistrationEvent.__subclasses__()}


@pytest.mark.rule("P9")
@pytest.mark.parametrize("path", PUBLIC, ids=lambda p: p.stem)
def test_a_published_fact_loads_for_ever_and_a_newer_one_with_more_fields_too(path: Path) -> None:
    data = orjson.loads(path.read_bytes())
    event = CONTRACTS[f"identity.{path.stem}"].model_validate(data | {"a_field_of_tomorrow": {"x": 1}})
    again = event.model_dump(mode="json", exclude={"personal"})
    assert {name: again[name] for name in data} == data


@pytest.mark.rule("P9")
def test_every_form_has_its_sample() -> None:
    assert {f"identity.{p.stem}" for p in PUBLIC} >= set(CONTRACTS)
