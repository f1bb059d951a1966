"""`tuan`: the operator's command. `tuan run` is also how each process of the system is started."""

import importlib
import sys
from typing import Annotated, TypeVar, get_type_hints

import typer
from pydantic import ValidationError

from deploy.cli import backup, data, demo, deployment, doctor, machine, parked, rebuild, up
from deploy.local.stack import Part
from shared.runtime.service import Role
from shared.runtime.settings import Deployment

S = TypeVar("S", bound=Deployment)
REFUSED = 2
"""Exit code of a process that was not told what it needs, or something that production refuses."""

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
    root = importlib.import_module(f"services.{service}.app")
    # Each declares the settings it reads; the console and the relay have one role only.
    wants = get_type_hints(root.run)
    raise typer.Exit(root.run(_told(wants["settings"]), **({"role": role} if "role" in wants else {})) or 0)


def _told(kind: type[S]) -> S:
    """The settings of the environment; what is missing or refused ends the command in a sentence each."""
    try:
        return kind()
    except ValidationError as refused:
        for error in refused.errors(include_url=False, include_input=False):
            setting = "".join(f"TUAN_{str(part).upper()}: " for part in error["loc"])
            print(f"{setting}{error['msg'].removeprefix('Value error, ')}", file=sys.stderr)
        raise typer.Exit(REFUSED) from refused


up.register(app)
machine.register(app)
data.register(app)
doctor.register(app)
parked.register(app)
rebuild.register(app)
backup.register(app)
demo.register(app)
deployment.register(app)

if __name__ == "__main__":
    app()
