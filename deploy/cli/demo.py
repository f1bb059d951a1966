"""`tuan demo`: who can sign in to the demonstration, and where."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from deploy.cli.machine import this_stack, told_in_one_sentence
from deploy.local.stack import Stack

OF_THE_EXAMPLES = "职业中专委员会"
"""How the name ends of the committee whose members stand in examples/."""


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
    """Prints the console's address, one log-in of each role, and the one that can upload what lies in examples/.

    Raises SetUpProblem where there is no demonstration.
    """
    found = _described(stack)
    print(f"Console: {found['console']}    captcha: {found['captcha']}")
    for account in worth_showing(found["accounts"]):
        print(f"{account['role']}  {account['organization_name']}  {account['login']}  {account['password']}")
    print("All log-ins: tuan demo --json")


def worth_showing(accounts: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """The first account of each role, in their order, then the one of the examples."""
    first = {account["role"]: account for account in reversed(accounts)}
    shown = [account for account in accounts if account is first[account["role"]]]
    uploads = [a for a in accounts if a["organization_name"].endswith(OF_THE_EXAMPLES) and a not in shown]
    return shown + uploads


def _described(stack: Stack) -> dict[str, Any]:
    from deploy.local.seeding.demonstration import described  # noqa: PLC0415 - `tuan run` must not load every service

    return described(stack)
