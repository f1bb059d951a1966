"""`tuan demo`: who can sign in to the demonstration, and where."""

import json
from typing import Annotated

import typer

from deploy.cli.machine import this_stack, told_in_one_sentence

SHOWN_ROLES = 8


def register(app: typer.Typer) -> None:
    """Adds this command to `tuan`."""
    app.command()(demo)


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="for scripts: addresses, log-ins, captchas")] = False,
) -> None:
    """Where the demonstration is and who can sign in."""
    from deploy.local.seeding.demonstration import described  # noqa: PLC0415 - `tuan run` must not load every service

    with told_in_one_sentence():
        found = described(this_stack())
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return
    print(f"Console: {found['console']}    captcha: {found['captcha']}")
    for account in found["accounts"][:SHOWN_ROLES]:
        print(f"{account['role']}  {account['organization_name']}  {account['login']}  {account['password']}")
