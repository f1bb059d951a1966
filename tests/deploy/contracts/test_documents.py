"""The checked-in files are today's, the public tools read them, and they say what the edge does."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.contracts.__main__ import ASYNCAPI, ROUTES, out_of_date
from deploy.contracts.catalogue import TopicEntry, types
from deploy.contracts.linting import ContractsRefused, parsed_messages, spectral


@pytest.mark.rule("BEY-14")
def test_the_checked_in_files_are_those_of_the_code(generated: dict[str, str], checkout: Path) -> None:
    assert out_of_date(generated, checkout) == []


def test_spectral_finds_nothing_in_any_of_them(checkout: Path) -> None:
    spectral([checkout / ASYNCAPI, *sorted((checkout / ROUTES).glob("*.json"))])


def test_spectral_would_find_a_mistake(tmp_path: Path, generated: dict[str, str]) -> None:
    document = json.loads(generated[f"{ROUTES}/org.json"])
    next(iter(document["paths"].values()))["get"] = {"responses": {}}
    (tmp_path / "org.json").write_text(json.dumps(document))
    with pytest.raises(ContractsRefused, match="oas3-schema"):
        spectral([tmp_path / "org.json"])


def test_the_parser_of_asyncapi_reads_every_event(checkout: Path, catalogue: list[TopicEntry]) -> None:
    assert sorted(parsed_messages(checkout / ASYNCAPI)) == sorted(types(catalogue))


def test_the_parser_of_asyncapi_would_find_a_mistake(tmp_path: Path, asyncapi: dict[str, Any]) -> None:
    asyncapi["channels"]["org.events.v1"]["messages"]["x"] = {"$ref": "#/components/messages/nothing"}
    (tmp_path / "spoilt.json").write_text(json.dumps(asyncapi))
    with pytest.raises(ContractsRefused, match="nothing"):
        parsed_messages(tmp_path / "spoilt.json")


@pytest.mark.rule("P12")
def test_every_route_says_who_may_and_asks_for_a_token_unless_it_is_public(generated: dict[str, str]) -> None:
    for path in (path for path in generated if path.startswith(ROUTES)):
        for item in json.loads(generated[path])["paths"].values():
            for operation in item.values():
                assert operation["x-access-about"]
                assert (operation["x-access"] == "public") == ("security" not in operation)


def test_a_refusal_is_announced_in_the_form_of_the_edge_and_not_in_the_framework_s(generated: dict[str, str]) -> None:
    document = generated[f"{ROUTES}/member.json"]
    assert "HTTPValidationError" not in document
    problem = json.loads(document)["components"]["schemas"]["Problem"]
    assert {"code", "rule", "title", "detail_en", "way_out", "errors"} <= set(problem["required"])
