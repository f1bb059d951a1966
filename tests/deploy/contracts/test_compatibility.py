"""Published forms only grow: each way of breaking one is planted here and found."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.contracts.__main__ import ASYNCAPI, broken_promises, main, out_of_date, write
from deploy.contracts.compatibility import breaks

Document = dict[str, Any]
MADE = "org.OrganizationEstablished.v1"


def _payload(document: Document, type_: str = MADE) -> Document:
    return document["components"]["messages"][type_]["payload"]


def _field(document: Document, name: str) -> Document:
    return _payload(document)["properties"][name]


def _remove_event(d: Document) -> None:
    del d["components"]["messages"][MADE], d["channels"]["org.events.v1"]["messages"][MADE]


def _move_event(d: Document) -> None:
    channels = d["channels"]
    channels["member.events.v1"]["messages"][MADE] = channels["org.events.v1"]["messages"].pop(MADE)


def _remove_field(d: Document) -> None:
    del _payload(d)["properties"]["region"]


def _rename_field(d: Document) -> None:
    fields = _payload(d)["properties"]
    fields["district"] = fields.pop("region")


def _require_a_new_field(d: Document) -> None:
    _payload(d)["properties"]["founded"] = {"type": "string"}
    _payload(d)["required"].append("founded")


def _require_an_old_field(d: Document) -> None:
    _payload(d)["required"].append("region")


def _loosen(d: Document) -> None:
    _payload(d)["required"].remove("full_name")


def _narrow_type(d: Document) -> None:
    _field(d, "superior")["anyOf"] = [{"type": "string"}]


def _change_type(d: Document) -> None:
    _field(d, "order")["type"] = "string"


def _narrow_values(d: Document) -> None:
    _field(d, "category")["enum"].remove("branch")


def _widen_values(d: Document) -> None:
    """A reader of yesterday refuses a value it does not know."""
    _field(d, "category")["enum"].append("alliance")


def _bound(d: Document) -> None:
    _field(d, "order")["maximum"] = 10


def _change_default(d: Document) -> None:
    """Old records without the field would say something else than when they were published."""
    _field(d, "branch_kind")["default"] = "graduate"


def _seal_less(d: Document) -> None:
    sealed = _payload(d, "member.PersonIdentified.v1")["properties"]["sealed"]
    sealed["x-sealed-values"].remove("mobile")


BREAKS: list[tuple[Callable[[Document], None], str]] = [
    (_remove_event, f"{MADE} is gone"),
    (_move_event, "moved from org.events.v1 to member.events.v1"),
    (_remove_field, "the field region is gone"),
    (_rename_field, "the field region is gone"),
    (_require_a_new_field, "the field founded is required now"),
    (_require_an_old_field, "the field region is required now"),
    (_loosen, "the field full_name was always there"),
    (_narrow_type, "the field superior was"),
    (_change_type, "the field order was"),
    (_narrow_values, "the field category was"),
    (_widen_values, "the field category was"),
    (_bound, "the field order was"),
    (_change_default, "the field branch_kind was"),
    (_seal_less, "the field sealed was"),
]


@pytest.mark.rule("BEY-15")
@pytest.mark.parametrize(("plant", "sentence"), BREAKS, ids=[plant.__name__ for plant, _ in BREAKS])
def test_a_planted_break_is_found_and_named(
    generated: dict[str, str], asyncapi: Document, plant: Callable[[Document], None], sentence: str
) -> None:
    plant(asyncapi)
    (found,) = breaks(json.loads(generated[ASYNCAPI]), asyncapi)
    assert sentence in found


def test_what_may_happen_is_no_break(generated: dict[str, str], asyncapi: Document) -> None:
    """A new event, a new field with a default, other words for people, another order of values."""
    _payload(asyncapi)["properties"]["motto"] = {"type": "string", "default": ""}
    _field(asyncapi, "category")["enum"].reverse()
    _field(asyncapi, "category")["description"] = "otherwise"
    messages = asyncapi["components"]["messages"]
    messages["org.OrganizationRenowned.v1"] = messages[MADE]
    asyncapi["channels"]["org.events.v1"]["messages"]["org.OrganizationRenowned.v1"] = {}
    assert breaks(json.loads(generated[ASYNCAPI]), asyncapi) == []


def _git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.invalid"]
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


def test_a_break_is_found_in_the_history_though_the_checked_in_file_was_changed_with_it(
    tmp_path: Path, generated: dict[str, str], asyncapi: Document
) -> None:
    """Without the history a break and its file in one commit would pass."""
    write(generated, tmp_path)
    _git(tmp_path, "init", "-q")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-qm", "published")
    _remove_field(asyncapi)
    spoilt = json.dumps(asyncapi)
    (tmp_path / ASYNCAPI).write_text(spoilt)
    _git(tmp_path, "commit", "-qam", "broken in silence")
    (found,) = broken_promises(spoilt, tmp_path)
    assert "the field region is gone" in found
    assert f"{ASYNCAPI} of " in found


def test_the_command_writes_nothing_that_breaks_a_promise(
    tmp_path: Path, generated: dict[str, str], asyncapi: Document, capsys: pytest.CaptureFixture[str]
) -> None:
    _payload(asyncapi)["properties"]["promised"] = {"type": "string"}
    write(generated | {ASYNCAPI: json.dumps(asyncapi)}, tmp_path)
    assert main([], tmp_path) == 1
    assert "the field promised is gone" in capsys.readouterr().err
    assert json.loads((tmp_path / ASYNCAPI).read_text()) == asyncapi


def test_the_check_names_what_is_missing_changed_or_left_over(tmp_path: Path, generated: dict[str, str]) -> None:
    write(generated, tmp_path)
    assert out_of_date(generated, tmp_path) == []
    (tmp_path / "docs/api/org.json").write_text("{}")
    (tmp_path / "docs/api/dues.json").write_text("{}")
    (tmp_path / "docs/events/README.md").unlink()
    assert out_of_date(generated, tmp_path) == ["docs/api/dues.json", "docs/api/org.json", "docs/events/README.md"]
    write(generated, tmp_path)
    assert out_of_date(generated, tmp_path) == []
