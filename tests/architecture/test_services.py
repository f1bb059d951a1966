"""A service is whole: whatever goes by a service's name knows each of them (CONTRIBUTING, "A service")."""

import re

import pytest

from deploy.contracts.catalogue import composed
from shared.http.routes import declarations
from shared.messaging.reactions import Reactions
from shared.runtime.parts import PARTS, SOURCES
from shared.runtime.service import Service
from tests.architecture.tree import ROOT

FOLDERS = sorted(path.parent.name for path in (ROOT / "services").glob("*/app.py"))


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    return composed()


def test_every_folder_of_a_service_is_a_part_that_is_started_and_every_part_has_its_folder() -> None:
    assert set(SOURCES) <= set(FOLDERS) <= set(PARTS), "shared/runtime/parts.py lists the parts"


def test_a_service_bears_its_own_name_in_everything_it_runs(services: dict[str, Service]) -> None:
    """A name left over from the service it was copied from would share its consumer groups and leases."""
    wrong = [
        f"{name}: {bears}"
        for name, service in services.items()
        for bears in (service.name, *(loop.name for loop in service.loops))
        if bears.partition(".")[0] != name
    ]
    assert not wrong, "\n".join(wrong)


def test_who_reacts_shows_operators_what_is_parked(services: dict[str, Service]) -> None:
    reacting = {n for n, service in services.items() if any(isinstance(loop, Reactions) for loop in service.loops)}
    showing = {
        n for n, service in services.items() if any(path == "/v1/parked" for _, path, _ in declarations(service.app))
    }
    assert reacting == showing


@pytest.mark.parametrize("name", SOURCES)
def test_the_routes_of_a_service_are_asked_by_everybody(name: str) -> None:
    """P12: a route without a row is red, where there is a matrix."""
    matrix = ROOT / "tests" / name / "test_matrix.py"
    assert matrix.exists(), f"{matrix} is missing"
    assert ".assert_complete()" in matrix.read_text("utf-8")


@pytest.mark.parametrize("name", FOLDERS)
def test_a_service_has_a_page_about_itself_and_a_line_in_both_front_pages(name: str) -> None:
    pages = [
        page
        for page in ("README.md", "README.zh-CN.md")
        if f"| `services/{name}/` |" not in (ROOT / page).read_text("utf-8")
    ]
    assert not pages, f"no line about services/{name}/ in {', '.join(pages)}"
    assert (ROOT / "services" / name / "README.md").exists()


def _owned(name: str) -> set[str]:
    """The patterns of CODEOWNERS under which what belongs to a service's team lies."""
    there = {
        f"/services/{name}/": f"services/{name}",
        f"/tests/{name}/": f"tests/{name}",
        f"/docs/api/{name}.json": f"docs/api/{name}.json",
        f"/docs/events/{name}.*": f"docs/events/{name}.*",
        f"/shared/contracts/{name}.py": f"shared/contracts/{name}.py",
        f"/tests/contracts/samples/{name}/": f"tests/contracts/samples/{name}",
    }
    return {pattern for pattern, where in there.items() if any(ROOT.glob(where))}


def test_what_a_service_consists_of_belongs_to_its_team() -> None:
    lines = re.findall(r"^(\S+)\s+(@.+)$", (ROOT / "CODEOWNERS").read_text("utf-8"), re.MULTILINE)
    owners = {pattern: who.split() for pattern, who in lines}
    teams = {name: f"@tuan/{name}" for name in FOLDERS} | {"relay": "@tuan/platform"}
    wrong = [p for name, team in teams.items() for p in sorted(_owned(name)) if owners.get(p) != [team]]
    assert not wrong, "not, or not rightly, in CODEOWNERS:\n" + "\n".join(wrong)
    storing = {f"@tuan/{name}" for name in SOURCES}
    assert storing <= set(owners["/docs/decisions/0001-*"]), "the stored form binds every team that stores"
