"""HTTP of imports: upload, progress, verdicts, failed rows, cancel, withdraw, templates (MEM-09, MEM-27)."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import File, Form, Query, Response, UploadFile

from services.member import views
from services.member.domain.events import RowVerdict
from services.member.domain.fields import Template
from services.member.domain.imports import ImportNotFound
from services.member.parts import NOT_FOUND_SECONDS, Member, Parts
from services.member.use_cases.duties import importing, withdrawing
from services.member.use_cases.loaded_import import Import
from services.member.workbooks.limits import FILE_BYTES
from services.member.workbooks.refusals import WorkbookTooLarge
from services.member.workbooks.template_files import write_template
from shared.http.answers import XLSX, download
from shared.http.auth import CurrentPrincipal
from shared.http.commands import CommandRequest, with_content
from shared.http.consistency import AskedReadAfter, shown
from shared.http.pace import even_pace
from shared.http.paging import CursorText, Limit, Page
from shared.http.routes import Access, Router, access
from shared.http.tokens import Principal
from shared.kernel.clock import iso

UPLOAD_BYTES_MAX = FILE_BYTES + 64 * 1024
VerdictFilter = Literal["failed", "warning", "imported", "unchanged", "unprocessed"]
NEWEST_FAILURES = 5
MATCHES = {
    "failed": ("failed",),
    "warning": ("imported_with_warning",),
    "imported": ("imported", "imported_with_warning", "position_added"),
    "unchanged": ("unchanged",),
    "unprocessed": ("unprocessed",),
}


router = Router("/v1")


async def visible(parts: Member, principal: Principal, import_id: str) -> Import:
    """The import, for who may read its organization; for all others there is none (X14)."""
    async with even_pace(NOT_FOUND_SECONDS):
        loaded = await parts.imports.load(import_id)
        if not await parts.authority.may_read(principal, loaded.received.organization):
            raise ImportNotFound
        return loaded


@router.post("/imports", status_code=202, max_body_size=UPLOAD_BYTES_MAX)
@access(Access.DUTY, "the own admins of the organization uploaded for; its superior's for a branch (MEM-03, MEM-24)")
async def upload(
    request: CommandRequest,
    parts: Parts,
    principal: CurrentPrincipal,
    organization: Annotated[str, Form(max_length=64)],
    template: Annotated[Template, Form()],
    file: Annotated[UploadFile, File()],
) -> dict[str, Any]:
    await parts.authority.require_duty(principal, importing(template), organization)
    content = await file.read(FILE_BYTES + 1)
    if len(content) > FILE_BYTES:
        raise WorkbookTooLarge(field="file")
    hashed = with_content(request, {"organization": organization, "template": template.value}, content)
    received = await parts.imports.receive(hashed, organization, template, file.filename or "", content)
    return views.answer(received.answer) | {"joined": received.joined}


@router.get("/imports")
@access(Access.READ, "the organization whose imports are listed")
async def list_imports(
    parts: Parts, principal: CurrentPrincipal, organization: str, limit: Limit = 20, cursor: CursorText = None
) -> Page[dict[str, Any]]:
    await parts.authority.require_read(principal, organization)
    list_id = ["imports", organization]
    before = parts.cursors.read(list_id, cursor)
    found = await parts.import_list.of([organization], limit + 1, before[0] if before else None)
    following = parts.cursors.write(list_id, [found[limit - 1]["uploaded_at"]]) if len(found) > limit else None
    return Page(items=[views.import_line(d) for d in found[:limit]], next=following)


@router.get("/imports/{import_id}")
@access(Access.READ, "the organization of the import")
async def one_import(
    parts: Parts, principal: CurrentPrincipal, import_id: str, after: AskedReadAfter
) -> dict[str, Any]:
    loaded = await visible(parts, principal, import_id)
    fresh = await shown(await parts.import_list.current(), after)
    document = await (await parts.import_list.current()).find_one({"_id": import_id})
    line = views.import_line(document) if document else {"id": import_id, "state": "received", "rows": None}
    names = await parts.places.names([loaded.received.organization])
    newest = loaded.failed[-NEWEST_FAILURES:][::-1]
    who = await told(parts, principal, loaded, newest)
    return line | {
        "organization_name": names.get(loaded.received.organization, ""),
        "cancel_cause": loaded.cancel_cause,
        "newest_failures": [views.row_line(v, who) for v in newest],
        "fresh": fresh and document is not None,
        "as_of": iso(parts.imports.now()),
    }


@router.get("/imports/{import_id}/rows")
@access(Access.READ, "the organization of the import")
async def rows(
    parts: Parts,
    principal: CurrentPrincipal,
    import_id: str,
    verdict: VerdictFilter = "failed",
    reason: Annotated[str, Query(max_length=80)] = "",
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Page[dict[str, Any]]:
    loaded = await visible(parts, principal, import_id)
    list_id = ["rows", import_id, verdict, reason]
    after = parts.cursors.read(list_id, cursor)
    all_of_them = [
        v
        for v in loaded.verdicts
        if v.verdict in MATCHES[verdict] and (not reason or reason in map(views.reason_of, views.said_of(v)))
    ]
    found = [v for v in all_of_them if v.row > after[0]] if after else all_of_them
    following = parts.cursors.write(list_id, [found[limit - 1].row]) if len(found) > limit else None
    who = await told(parts, principal, loaded, found[:limit])
    return Page(items=[views.row_line(v, who) for v in found[:limit]], next=following, total=len(all_of_them))


@router.get("/imports/{import_id}/reasons")
@access(Access.READ, "the organization of the import")
async def reasons(
    parts: Parts, principal: CurrentPrincipal, import_id: str, verdict: VerdictFilter = "failed"
) -> Page[dict[str, Any]]:
    loaded = await visible(parts, principal, import_id)
    return Page(items=views.reasons(v for v in loaded.verdicts if v.verdict in MATCHES[verdict]), next=None)


async def told(
    parts: Member, principal: Principal, loaded: Import, shown_rows: Sequence[RowVerdict]
) -> dict[int, tuple[str, str]]:
    """Whom rows are about, for those who could also download them: they may be nobody of this organization."""
    if not await parts.authority.may_write(principal, loaded.received.organization):
        return {}
    return await parts.imports.who(loaded, {v.row for v in shown_rows})


@router.get("/imports/{import_id}/failed-rows.xlsx")
@access(Access.WRITE, "the organization of the import: the workbook holds people's data in clear")
async def failed_rows(parts: Parts, principal: CurrentPrincipal, import_id: str) -> Response:
    loaded = await visible(parts, principal, import_id)
    await parts.authority.require_write(principal, loaded.received.organization)
    return download(await parts.imports.failed_rows(loaded), XLSX, "导入失败的行.xlsx")


@router.post("/imports/{import_id}/cancel")
@access(Access.WRITE, "the organization of the import")
async def cancel(request: CommandRequest, parts: Parts, principal: CurrentPrincipal, import_id: str) -> dict[str, Any]:
    await writable(parts, principal, import_id)
    return views.answer(await parts.imports.cancel(request, import_id))


@router.post("/imports/{import_id}/withdrawal")
@access(Access.DUTY, "the uploader, or the superior of the organization of the import (MEM-27)")
async def withdraw(
    request: CommandRequest, parts: Parts, principal: CurrentPrincipal, import_id: str
) -> dict[str, Any]:
    loaded = await visible(parts, principal, import_id)
    duty = withdrawing(principal.id, loaded.uploader.principal)
    await parts.authority.require_duty(principal, duty, loaded.received.organization)
    return views.answer(await parts.imports.request_withdrawal(request, import_id))


@router.post("/imports/{import_id}/withdrawal/confirm")
@access(Access.WRITE, "the organization of the import")
async def confirm(request: CommandRequest, parts: Parts, principal: CurrentPrincipal, import_id: str) -> dict[str, Any]:
    await writable(parts, principal, import_id)
    return views.answer(await parts.imports.confirm_withdrawal(request, import_id))


@router.post("/imports/{import_id}/withdrawal/cancel")
@access(Access.DUTY, "who asked for the withdrawal, or the superior of the organization of the import (MEM-27)")
async def call_off(
    request: CommandRequest, parts: Parts, principal: CurrentPrincipal, import_id: str
) -> dict[str, Any]:
    loaded = await visible(parts, principal, import_id)
    asked = loaded.withdrawing[0] if loaded.withdrawing else loaded.uploader
    duty = withdrawing(principal.id, asked.principal)
    await parts.authority.require_duty(principal, duty, loaded.received.organization)
    return views.answer(await parts.imports.call_off_withdrawal(request, import_id))


async def writable(parts: Member, principal: Principal, import_id: str) -> None:
    loaded = await visible(parts, principal, import_id)
    await parts.authority.require_write(principal, loaded.received.organization)


@router.get("/templates/{template}.xlsx")
@access(Access.SIGNED_IN, "an empty form")
async def empty_template(
    principal: CurrentPrincipal,  # noqa: ARG001 - signed in, nothing more
    template: Template,
    category: Annotated[str, Query(max_length=32)] = "branch",
) -> Response:
    name = "导入下级团支部团员团干部.xlsx" if template is Template.MEMBERS else "导入本级团干部.xlsx"
    return download(write_template(template, category), XLSX, name)
