"""`tuan exchange-keys`: new keys for the exchange with the systems of 北京, 广东 and 福建 (BEY-08)."""

import typer

from deploy.cli.machine import this_stack, told_in_one_sentence
from services.transfer.exchange.signing import OwnKeys, create_keys


def register(app: typer.Typer) -> None:
    """Adds this command to `tuan`."""
    app.command("exchange-keys")(exchange_keys)


def exchange_keys(
    show: bool = typer.Option(False, "--show", help="only show the public keys that there are"),
) -> None:
    """Make one more pair of keys; transfer announces it when it is started again, signed with the one before."""
    with told_in_one_sentence():
        stack = this_stack()
        keys = OwnKeys.from_directory(stack.secrets).public if show else create_keys(stack.secrets)
    for key in keys:
        print(f"{key.use}  {key.kid}  {key.x}")
    if not show:
        print(
            "-> back up the secrets, then restart transfer; the console's page of the exchange shows who took the keys"
        )
