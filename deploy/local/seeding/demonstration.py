"""The demonstration of one stack: played once, then described to who wants to try it."""

import json
import os
from collections.abc import Callable
from typing import Any

from deploy.local.problems import SetUpProblem
from deploy.local.secrets import OPERATOR_LOGIN, OPERATOR_PASSWORD
from deploy.local.seeding.client import Door
from deploy.local.seeding.play import Account, Played, Province
from deploy.local.seeding.province import PROVINCE
from deploy.local.stack import Stack
from services.org.app import seed as seed_tree
from services.org.settings import OrgSettings
from shared.runtime.parts import SOURCES
from shared.runtime.settings import Environment

OPERATOR_KIND = "操作员"
PLAYED = "demo.json"


async def play_demonstration(stack: Stack, say: Callable[[str], None]) -> Played | None:
    """Plays the province on a running, seeded stack and keeps who can sign in; None if it was played before.

    Raises SetUpProblem for a deployment that is no demonstration.
    """
    settings = _demonstration(stack)
    path = stack.directory / PLAYED
    if path.exists():
        return None
    os.environ.update(settings)
    tree = await seed_tree(OrgSettings(), [PROVINCE])
    password = (stack.secrets / OPERATOR_PASSWORD).read_text("ascii").strip()
    door = Door({name: stack.url(name) for name in SOURCES}, settings["TUAN_CAPTCHA_ANSWER"])
    try:
        operator = await door.sign_in(OPERATOR_LOGIN, password, OPERATOR_KIND)
        played = await Province(door, operator, tree.divisions, say).play()
    finally:
        await door.http.aclose()
    central = Account("中央操作员", tree.root, "团中央", "中央操作员", OPERATOR_LOGIN, password, OPERATOR_KIND)
    played.accounts.insert(0, central)
    path.write_text(json.dumps(played.as_json(), ensure_ascii=False, indent=1))
    path.chmod(0o600)
    return played


def described(stack: Stack) -> dict[str, Any]:
    """What a script needs to use a demonstration as a person would. Raises SetUpProblem where there is none."""
    settings = _demonstration(stack)
    path = stack.directory / PLAYED
    if not path.exists():
        raise SetUpProblem("There is no demonstration province yet: run `make up`, or `tuan seed --demo`.")
    played = json.loads(path.read_text())
    return {
        "console": stack.url("web"),
        "services": {name: stack.url(name) for name in SOURCES},
        "kafka": settings["TUAN_KAFKA"],
        "mongo": settings["TUAN_MONGO_URL"],
        "captcha": settings["TUAN_CAPTCHA_ANSWER"],
        "accounts": played["accounts"],
    }


def _demonstration(stack: Stack) -> dict[str, str]:
    settings = stack.settings()
    if settings["TUAN_ENVIRONMENT"] == Environment.PRODUCTION:
        raise SetUpProblem("This deployment is set to production; only a demonstration has a demonstration province.")
    return settings
