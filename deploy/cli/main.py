"""`tuan`: the operator's command. `tuan run` is also how each process of the system is started."""

import inspect
import os
import sys
from typing import Annotated, TypeVar

import typer
from pydantic import ValidationError

from deploy.cli import acls, backup, data, demo, deployment, doctor, exchange, machine, parked, rebuild, up
from deploy.local.servers import block_in_use
from deploy.roots import root_of, settings_of
from shared.runtime.parts import PARTS
from shared.runtime.service import Role
from shared.runtime.settings import Deployment

S = TypeVar("S", bound=Deployment)
REFUSED = 2
"""Exit code of a process that was not told what it needs, or something that production refuses."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback(help="The membership platform on this machine: start it, look after it.")
def begin() -> None:
    """Every command goes to what runs of this checkout, at the block of ports it was started on."""
    if base := block_in_use(machine.HOME):
        os.environ.setdefault("TUAN_PORT_BASE", base)


def _known(part: str) -> str:
    if part not in PARTS:
        raise typer.BadParameter(f"there are {', '.join(PARTS)}")
    return part


@app.command()
def run(
    service: Annotated[str, typer.Argument(help=f"which part this process is: {', '.join(PARTS)}", callback=_known)],
    role: Annotated[Role, typer.Option(help="on one machine all; in production each role runs alone")] = Role.ALL,
) -> None:
    """Run one part of the system in this process, with the settings TUAN_* of the environment."""
    start = root_of(service).run
    shared_out = "role" in inspect.signature(start).parameters  # the console and the relay have one role only
    raise typer.Exit(start(_told(settings_of(service)), **({"role": role} if shared_out else {})) or 0)


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
exchange.register(app)
rebuild.register(app)
backup.register(app)
demo.register(app)
deployment.register(app)
acls.register(app)

if __name__ == "__main__":
    app()
