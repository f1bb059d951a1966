"""`tuan demo`: who can sign in to the demonstration, and where."""

import json
from typing import Annotated, Any

import typer

from deploy.cli.machine import this_stack, told_in_one_sentence
from deploy.local.stack import Stack

SHOWN_ROLES = 8


def register(app: typer.Typer) -> None:
    """Adds this command to `tuan`."""
    app.command()(demo)


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="for scripts: addresses, log-ins, captchas")] = False,
) -> None:
    """Where the demonstration is and who can sign in."""
    with told_in_one_sentence():
        stack = this_stack()
        if as_json:
            print(json.dumps(_described(stack), ensure_ascii=False, indent=1))
            return
        show(stack)


def show(stack: Stack) -> None:
    """Prints the console's address and one log-in of each kind. Raises SetUpProblem where there is no demonstration."""
    found = _described(stack)
    print(f"Console: {found['console']}    captcha: {found['captcha']}")
    for account in found["accounts"][:SHOWN_ROLES]:
        print(f"{account['role']}  {account['organization_name']}  {account['login']}  {account['password']}")


def _described(stack: Stack) -> dict[str, Any]:
    from deploy.local.seeding.demonstration import described  # noqa: PLC0415 - `tuan run` must not load every service

    return described(stack)
