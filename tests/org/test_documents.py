import io

import pytest
from PIL import Image

from services.org.domain.documents import DOCUMENT_BYTES_MAX
from tests.org.conftest import World, person
from tests.org.test_api import CLASS_1, OTHER, SCHOOL, SCHOOL_ADMIN, TOWN_ADMIN, info, school_of

OTHER_SCHOOL = {"full_name": "共青团北京市明德中学委员会", "short_name": "明德中学团委", "sector": "5"}
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def picture(form: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(target, form)
    return target.getvalue()


async def upload(world: World, name: str, content: bytes, by: str = SCHOOL_ADMIN, key: str = "upload-0001"):
    headers = world.issuer.headers(by, key=key)
    return await world.client.post("/v1/approval-documents", files={"file": (name, content)}, headers=headers)


@pytest.mark.rule("ORG-05")
@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("批复.pdf", PDF, "批复.pdf"),
        ("a.png", picture("JPEG"), "a.jpg"),
        ("../../x/扫描件.exe", picture("PNG"), "扫描件.png"),
    ],
)
async def test_a_document_is_taken_by_its_content_and_named_for_it(
    world: World, name: str, content: bytes, kept: str
) -> None:
    answer = await upload(world, name, content)
    assert (answer.status_code, answer.json()["file_name"]) == (201, kept)


@pytest.mark.rule("ORG-05", "P13")
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "approval_document_of_other_kind"),
        (b"MZ\x90\x00 program", "approval_document_of_other_kind"),
        (b"<html><script>alert(1)</script></html>", "approval_document_of_other_kind"),
        (PDF[:-8], "approval_document_of_other_kind"),
        (picture("PNG")[:-6], "approval_document_of_other_kind"),
        (picture("JPEG")[:-2], "approval_document_of_other_kind"),
        (PDF.replace(b"endobj", b"x" * DOCUMENT_BYTES_MAX), "approval_document_too_large"),
        (b"x" * (DOCUMENT_BYTES_MAX + 128 * 1024), "body_too_large"),
    ],
)
async def test_another_kind_a_broken_or_too_large_file_is_refused(world: World, content: bytes, code: str) -> None:
    answer = await upload(world, "批复.pdf", content)
    assert answer.json()["code"] == code


@pytest.mark.rule("ORG-05", "ADM-08")
async def test_the_document_is_an_attachment_for_those_who_may_read_the_organization(world: World) -> None:
    _, school = await school_of(world)
    document = (await upload(world, "关于成立的批复.pdf", PDF)).json()["document_id"]
    path = f"/v1/approval-documents/{document}"
    assert (await world.get(path, SCHOOL_ADMIN)).status_code == 403
    fields = info(SCHOOL, approval_document=document, approval_date="2026-11-02")
    assert (await world.put(f"/v1/organizations/{school}/information", fields, SCHOOL_ADMIN)).status_code == 200
    card = (await world.get(f"/v1/organizations/{school}", TOWN_ADMIN)).json()
    assert card["approval"] == {"date": "2026-11-02", "document_id": document, "file_name": "关于成立的批复.pdf"}
    found = await world.get(path, TOWN_ADMIN)
    assert (found.content, found.headers["content-type"]) == (PDF, "application/pdf")
    assert found.headers["content-disposition"].startswith("attachment;")
    assert found.headers["x-content-type-options"] == "nosniff"
    denied = await world.get(path, OTHER)
    absent = await world.get(path[:-1] + "0", OTHER)
    assert (denied.status_code, denied.json() | {"correlation": ""}) == (403, absent.json() | {"correlation": ""})


@pytest.mark.rule("ORG-05")
async def test_a_form_that_names_no_uploaded_document_is_refused(world: World) -> None:
    _, school = await school_of(world)
    fields = info(SCHOOL, approval_document="00000000-0000-4000-8000-000000000009")
    answer = await world.put(f"/v1/organizations/{school}/information", fields, SCHOOL_ADMIN)
    assert answer.json()["code"] == "approval_document_unknown"


@pytest.mark.rule("X13", "ORG-05")
async def test_naming_a_document_that_somebody_else_uploaded_opens_it_to_nobody(world: World) -> None:
    """Who may read a card may read its document: so a foreign id in one's own form must not be believed."""
    city, school = await school_of(world)
    document = (await upload(world, "批复.pdf", PDF)).json()["document_id"]
    named = info(SCHOOL, approval_document=document, approval_date="2026-11-02")
    path = f"/v1/organizations/{school}/information"
    assert (await world.put(path, named, TOWN_ADMIN)).json()["code"] == "approval_document_unknown"
    assert (await world.put(path, named, SCHOOL_ADMIN)).status_code == 200
    for edition, phone in ((2, "010-81234567"), (3, "010-81234568")):
        again = named | {"edition": edition, "phone": phone}
        assert (await world.put(path, again, TOWN_ADMIN)).status_code == 200
    other = await world.establish(city, TOWN_ADMIN, **OTHER_SCHOOL)
    await world.admin(OTHER, other, TOWN_ADMIN)
    stolen = info(OTHER_SCHOOL, approval_document=document, approval_date="2026-11-02")
    answer = await world.put(f"/v1/organizations/{other}/information", stolen, OTHER)
    assert (answer.status_code, answer.json()["code"]) == (422, "approval_document_unknown")
    new = CLASS_1 | {"superior": other, "approval_document": document, "approval_date": "2026-11-02"}
    assert (await world.post("/v1/organizations", new, OTHER)).json()["code"] == "approval_document_unknown"
    assert (await world.get(f"/v1/approval-documents/{document}", OTHER)).status_code == 403


@pytest.mark.rule("P2")
async def test_one_key_means_one_file(world: World) -> None:
    first, again = await upload(world, "a.pdf", PDF), await upload(world, "a.pdf", PDF)
    assert first.json() == again.json()
    assert (await upload(world, "a.pdf", PDF + b"\n%%EOF")).json()["code"] == "idempotency_key_reused"
    assert (await upload(world, "a.pdf", PDF, by=person(9))).json() != first.json()


@pytest.mark.rule("ORG-05")
async def test_only_a_document_that_a_form_took_is_kept_for_good(world: World) -> None:
    document = (await upload(world, "a.pdf", PDF)).json()["document_id"]
    files = world.parts.database["approval_documents"]
    assert "expires_at" in await files.find_one({"_id": document})
    assert not await world.parts.documents.keep(document, OTHER)
    assert "expires_at" in await files.find_one({"_id": document})
    assert await world.parts.documents.keep(document, SCHOOL_ADMIN)
    assert "expires_at" not in await files.find_one({"_id": document})
    indexes = await files.index_information()
    assert [i["expireAfterSeconds"] for i in indexes.values() if "expireAfterSeconds" in i] == [0]
