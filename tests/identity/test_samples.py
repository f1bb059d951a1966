"""Golden samples: what was stored once loads for ever (P9). A new form gets a new file beside the old."""

from pathlib import Path

import orjson
import pytest

from services.identity.domain.events import REGISTRY

STORED = sorted((Path(__file__).parents[1] / "contracts" / "samples" / "identity" / "stored").glob("*.json"))


@pytest.mark.rule("P9")
@pytest.mark.parametrize("path", STORED, ids=lambda p: p.stem)
def test_a_stored_fact_loads_for_ever_and_a_newer_one_with_more_fields_too(path: Path) -> None:
    data = orjson.loads(path.read_bytes())
    event = REGISTRY.load_data(f"identity.{path.stem}", data | {"a_field_of_tomorrow": {"x": 1}})
    again = event.model_dump(mode="json", exclude={"personal"})
    assert {name: again[name] for name in data} == data


@pytest.mark.rule("P9")
def test_every_form_has_its_sample() -> None:
    assert {f"identity.{p.stem}" for p in STORED} >= set(REGISTRY.types())
