"""`tuan up`: from nothing to a console one can sign in to."""

import typer

from deploy.cli.data import play, seed_stack
from deploy.cli.demo import show
from deploy.cli.machine import this_stack, told_in_one_sentence
from deploy.local.secrets import OPERATOR_LOGIN, OPERATOR_PASSWORD
from deploy.local.simulators.running import make_exchange_secrets, start_simulators
from shared.runtime.settings import Environment


def register(app: typer.Typer) -> None:
    """Adds this command to `tuan`."""
    app.command()(up)


def up() -> None:
    """Start Kafka, MongoDB, the relay and all services, wait until each is ready, and say where to look.

    A demonstration, which is the default, also gets the central operator and the demonstration province.
    """
    with told_in_one_sentence():
        stack = this_stack()
        demonstration = stack.settings()["TUAN_ENVIRONMENT"] == Environment.DEMONSTRATION
        if demonstration:
            make_exchange_secrets(stack.secrets)
        stack.start()
        if demonstration:
            seed_stack(stack)
            start_simulators(stack)
            play(stack)
            show(stack)
            return
        print(f"Console: {stack.url('web')}")
        print(f"`tuan seed` makes the central operator {OPERATOR_LOGIN}; password: {stack.secrets / OPERATOR_PASSWORD}")
