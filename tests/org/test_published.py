"""What leaves org says no more than it should (P11)."""

from pathlib import Path

import orjson
import pytest

from services.org.domain.events import OrganizationEstablished
from services.org.published import publish
from shared.contracts import org as public

ESTABLISHED = Path(__file__).parents[1] / "contracts" / "samples" / "org" / "stored" / "OrganizationEstablished.v1.json"


@pytest.mark.rule("P11")
def test_what_is_published_of_an_organization_is_its_directory_data_without_contacts() -> None:
    data = orjson.loads(ESTABLISHED.read_bytes())
    (event,) = publish(OrganizationEstablished.model_validate(data), "organization-1", 1)
    assert isinstance(event, public.OrganizationEstablished)
    text = event.model_dump_json()
    for value in ("phone", "email", "address", "contact"):
        assert data["information"][value] not in text
