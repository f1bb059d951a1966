"""HTTP of the passes: a captcha answered here lets somebody without an account do one thing elsewhere (X20)."""

from typing import Any, Literal

from services.identity.api import Body, From, Id, UseCases
from services.identity.use_cases.sign_in import Answered
from shared.http.routes import Access, Router, access
from shared.kernel.clock import iso

router = Router("/v1")


class PassBody(Body):
    purpose: Literal["account-application"]
    captcha_id: Id
    captcha: Id


@router.post("/passes", status_code=201)
@access(Access.PUBLIC, "for who has no account yet; bounded by captcha and address")
async def give_pass(body: PassBody, use: UseCases, where: From) -> dict[str, Any]:
    given = await use.passes.give(body.purpose, Answered(body.captcha_id, body.captcha), where)
    return {"pass": given.text, "expires_at": iso(given.expires_at)}
