"""The workbooks under examples/ do what their names say, and are as `python examples/make.py` writes them today."""

import importlib.util
from pathlib import Path

import pytest

from services.member.domain.fields import Template
from services.member.workbooks.template import SHEETS
from services.member.workbooks.template_files import write_template
from tests.member.people import Place, members
from tests.member.workbooks.books import parts_of, read

EXAMPLES = Path(__file__).parents[3] / "examples"
WRITTEN_WHEN = "docProps/core.xml"

pytestmark = pytest.mark.rule("MEM-09")


@pytest.fixture(scope="module")
def make():
    spec = importlib.util.spec_from_file_location("examples_make", EXAMPLES / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def school(make):
    places = [Place(f"organization-{at}", name, "branch", "浙江省") for at, name in enumerate(make.BRANCHES)]
    return members(own=Place("organization-school", "示例学校", "committee", "浙江省"), branches=tuple(places))


def same(content, path):
    parts, kept = parts_of(content), parts_of(path.read_bytes())
    return {name: data for name, data in parts.items() if name != WRITTEN_WHEN} == {
        name: data for name, data in kept.items() if name != WRITTEN_WHEN
    }


def test_the_good_workbook_has_no_fault_and_no_warning(make):
    content = (EXAMPLES / "团员-可直接导入.xlsx").read_bytes()
    _, rows = read(content, school(make))
    assert len(rows) == 60
    assert [row.row for row in rows if row.judged.faults or row.judged.warnings] == []
    assert same(make.write(map(make.person, range(60)), remarks=False), EXAMPLES / "团员-可直接导入.xlsx")


def test_the_faulty_workbook_has_thirty_kinds_of_faults_and_no_good_row(make):
    path = EXAMPLES / "团员-各种错误.xlsx"
    _, rows = read(path.read_bytes(), school(make))
    assert all(row.judged.faults for row in rows)
    assert len({fault.code for row in rows for fault in row.judged.faults}) >= 30
    assert len(rows) == len(make.FAULTS)
    assert same(make.write(make.faulty(), remarks=True), path)


@pytest.mark.parametrize("template", list(Template))
def test_the_templates_are_those_the_system_hands_out(make, template):
    assert same(write_template(template, make.COMMITTEE), EXAMPLES / f"模板-{SHEETS[template]}.xlsx")
