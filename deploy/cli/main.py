"""`tuan`: the operator's command. `tuan run` is also how each process of the system is started."""

import importlib
from typing import Annotated, get_type_hints

import typer

from deploy.cli import data, demo, doctor, machine, up
from deploy.local.stack import RELAY, Part
from shared.messaging import relay_process
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
    if service == RELAY:
        raise typer.Exit(relay_process.main(Settings()))
    root = importlib.import_module(f"services.{service}.app")
    wants = get_type_hints(root.run)  # each service declares the settings it reads; the console has one role only
    root.run(wants["settings"](), **({"role": role} if "role" in wants else {}))


up.register(app)
machine.register(app)
data.register(app)
doctor.register(app)
demo.register(app)

if __name__ == "__main__":
    app()
