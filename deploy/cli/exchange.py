"""`tuan exchange-keys`: new keys for the exchange with the systems of 北京, 广东 and 福建 (BEY-08)."""

import os
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from deploy.cli.deployment import OWN_USER, hand_over
from deploy.cli.machine import this_stack, told_in_one_sentence
from deploy.local.problems import SetUpProblem
from services.transfer.domain.events_of_exchange import OutsideSystem
from services.transfer.exchange.signing import MATCHING, OwnKeys, create_keys
from shared.privacy.secrets import create_secret


def register(app: typer.Typer) -> None:
    """Adds this command to `tuan`."""
    app.command("exchange-keys")(exchange_keys)


def exchange_keys(
    directory: Annotated[
        Path | None, typer.Argument(help="the keys of a deployment; without it, those of this machine's stack")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="only show the public keys that there are")] = False,
    matching: Annotated[
        str, typer.Option(help="make the secret of the reconciliation with this system, unless it is there")
    ] = "",
) -> None:
    """Make one more pair of keys; transfer announces it when it is started again, signed with the one before."""
    with told_in_one_sentence():
        os.umask(0o077)
        secrets = directory or this_stack().secrets
        if matching:
            _make_matching(secrets, matching)
            return
        keys = OwnKeys.from_directory(secrets).public if show else create_keys(secrets)
        hand_over(secrets, OWN_USER)
    for key in keys:
        print(f"{key.use}  {key.kid}  {key.x}")
    if not show:
        print(
            "-> back up the secrets, then restart transfer; the console's page of the exchange shows who took the keys"
        )


def _make_matching(secrets: Path, system: str) -> None:
    """Raises SetUpProblem. The secret itself is never printed: its file is handed over."""
    known = cast("tuple[str, ...]", get_args(OutsideSystem))
    if system not in known:
        raise SetUpProblem(f"There is no system {system}; there are {', '.join(known)}.")
    made = create_secret(secrets, f"{MATCHING}.{system}")
    hand_over(secrets, OWN_USER)
    print(f"{secrets / f'{MATCHING}.{system}'} {'was made' if made else 'was there'}: hand a copy over in person")
