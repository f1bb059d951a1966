"""`tuan`: the operator's command. `tuan run` is also how each process of the system is started."""

import importlib
from typing import Annotated

import typer

from deploy.cli import doctor, machine
from deploy.local.stack import RELAY, Part
from shared.runtime.service import Role
from shared.runtime.settings import Settings

app = typer.Typer(
    help="The membership platform on this machine: start it, look after it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def run(
    service: Annotated[Part, typer.Argument(help="which part of the system this process is")],
    role: Annotated[Role, typer.Option(help="on one machine all; in production each role runs alone")] = Role.ALL,
) -> None:
    """Run one part of the system in this process, with the settings TUAN_* of the environment."""
    module = "shared.messaging.relay_app" if service == RELAY else f"services.{service}.app"
    importlib.import_module(module).run(Settings(), role)


machine.register(app)
doctor.register(app)

if __name__ == "__main__":
    app()
