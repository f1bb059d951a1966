"""A system of its own for each test, as the readers' tests have it."""

from tests.shared.messaging.conftest import system

__all__ = ["system"]
