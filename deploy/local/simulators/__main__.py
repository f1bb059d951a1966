"""`python -m deploy.local.simulators`: the three systems as one process, at TUAN_PORT_BASE + their offset."""

from datetime import UTC, datetime, timedelta

import uvicorn

from deploy.local.ports import Ports
from deploy.local.simulators.server import application, provinces
from deploy.local.stack import SIMULATORS
from shared.runtime.settings import Settings


def main() -> None:
    """Runs until it is stopped; the clock is that of the services."""
    settings = Settings()
    ahead = timedelta(seconds=settings.clock_offset_seconds)
    systems = provinces(settings.secrets_dir, lambda: datetime.now(UTC) + ahead)
    uvicorn.run(
        application(systems), host="127.0.0.1", port=Ports(settings.port_base).of(SIMULATORS), log_level="warning"
    )


if __name__ == "__main__":
    main()
