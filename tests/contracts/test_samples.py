"""Golden samples: what was stored or published once loads for ever (P9). A new form gets a new file beside the old."""

import importlib
from pathlib import Path

import orjson
import pytest

from deploy.contracts.catalogue import event_classes, topic_classes
from shared.kernel.registry import Registry

TESTS = Path(__file__).resolve().parents[1]
SAMPLES = TESTS / "contracts" / "samples"
STORING = sorted(path.parents[1].name for path in (TESTS.parent / "services").glob("*/domain/events.py"))
STORED = sorted(SAMPLES.glob("*/stored/*.json"))
PUBLIC = sorted(SAMPLES.glob("*/public/*.json"))
CONTRACTS = {contract.type_name(): contract for topic in topic_classes() for contract in event_classes(topic)}


def registry(service: str) -> Registry:
    found: Registry = importlib.import_module(f"services.{service}.domain.events").REGISTRY
    return found


def type_of(path: Path) -> str:
    return f"{path.parents[1].name}.{path.stem}"


@pytest.mark.rule("P9")
@pytest.mark.parametrize("path", STORED, ids=type_of)
def test_a_stored_fact_loads_for_ever_and_a_newer_one_with_more_fields_too(path: Path) -> None:
    data = orjson.loads(path.read_bytes())
    event = registry(path.parents[1].name).load_data(type_of(path), data | {"a_field_of_tomorrow": {"x": 1}})
    again = event.model_dump(mode="json", exclude={"personal"})
    assert {name: again[name] for name in data} == data


@pytest.mark.rule("P9")
@pytest.mark.parametrize("path", PUBLIC, ids=type_of)
def test_a_published_fact_loads_for_ever_and_a_newer_one_with_more_fields_too(path: Path) -> None:
    data = orjson.loads(path.read_bytes())
    event = CONTRACTS[type_of(path)].model_validate(data | {"a_field_of_tomorrow": {"x": 1}})
    again = event.model_dump(mode="json", exclude={"personal"})
    assert {name: again[name] for name in data} == data


@pytest.mark.rule("P9")
@pytest.mark.parametrize("service", STORING)
def test_every_stored_form_has_its_sample(service: str) -> None:
    assert registry(service).context == service
    assert {type_of(path) for path in STORED} >= set(registry(service).types())


@pytest.mark.rule("P9")
def test_every_published_form_has_its_sample() -> None:
    assert {type_of(path) for path in PUBLIC} >= set(CONTRACTS)
