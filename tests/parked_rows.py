"""The rows of the routes about parked records, alike for every service that has reactions (P5)."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from shared.contracts.base import Contract
from shared.kernel.envelope import Actor, Recorded
from shared.messaging.handling import Heard, Stuck
from shared.messaging.parking import Parking
from shared.messaging.wire import Position, headers_of, value_of
from tests.matrix import Asker, Row, Rule


def parked_rows(parking: Parking, event: Contract) -> list[Row]:
    """One record to retry and one to drop, each of `event` on a line of its own."""

    def parks(name: str) -> Callable[[Asker | None], Awaitable[object]]:
        data, at = event.model_dump(mode="json", exclude={"personal"}), datetime(2026, 11, 22, tzinfo=UTC)
        fact = Recorded(name, event.type_name(), name, 1, 0, at, Actor("service:other"), "", "", data)
        headers = headers_of("other", fact, Position(1, 1, 0), None)
        heard = Heard(event.topic, name, 0, 1, value_of(fact), headers, fact)

        async def park(asker: Asker | None) -> None:
            if asker is None:
                await parking.park({heard.line: Stuck(heard, ValueError())}, [heard])

        return park

    def asks(path: str, **more: Any) -> Callable[[], dict[str, Any]]:
        return lambda: {"url": f"/v1/parked{path}"} | more

    retry, drop = asks("/to-retry/retry"), asks("/to-drop/drop", json={"reason": "entered by hand"})
    return [
        Row("GET /v1/parked", Rule.OPERATOR, asks("")),
        Row("POST /v1/parked/{record}/retry", Rule.OPERATOR, retry, ready=parks("to-retry")),
        Row("POST /v1/parked/{record}/drop", Rule.OPERATOR, drop, ready=parks("to-drop")),
    ]
