"""Which worker runs which tests, and in what order, so that all of them end at about the same time."""

import pytest
from xdist.scheduler import LoadScopeScheduling

ON_ONE_SYSTEM = {"stack": ("tests/deploy/test_whole_stack.py", "tests/e2e/"), "faults": ("tests/faults/",)}
ON_THEIR_OWN = tuple(
    f"tests/faults/test_{name}.py"
    for name in ("republish", "restore", "every_stop", "registrants", "parked_stops", "lapsed_registration")
)
"""Of the folders above, what starts its own system or needs none: shared out among the workers."""
EACH_ALONE = "tests/web/browser/test_looks.py"
LONGEST = (
    *ON_ONE_SYSTEM["stack"],
    *ON_ONE_SYSTEM["faults"],
    EACH_ALONE,
    "tests/deploy/packaging/",
    "tests/relay/",
    "tests/web/browser/",
    "tests/shared/projections/test_runner.py",
    "tests/deploy/rebuilding/",
    "tests/stats/test_hours.py",
    "tests/member/test_matrix.py",
    "tests/identity/test_activation.py",
    "tests/deploy/acls/",
    "tests/deploy/backup/",
    "tests/transfer/test_matrix.py",
    "tests/org/test_matrix.py",
    "tests/identity/test_matrix.py",
)
"""What a worker runs for longer than the rest of the folder it is in, the longest first; the shorter ones fill the end."""
LEAVE_MUCH = ("tests/faults/test_batch_kills.py", "tests/faults/test_kills.py")
"""Last of those that share a system: others search, or count anew, all that was left before them."""


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Of several workers one runs a file, and one all that share a system, in their order: the first find it empty.

    The looks of pages are shared out among all, test by test: together they are the longest file.
    """

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def scope_of(nodeid: str) -> str:
    file = nodeid.partition("::")[0]
    if file == EACH_ALONE:
        return nodeid
    shared = (scope for scope, begins in ON_ONE_SYSTEM.items() if file.startswith(begins) and file not in ON_THEIR_OWN)
    return next(shared, file)


def place_of(item: pytest.Item) -> tuple[int, int]:
    """Where in `LONGEST` a test's file stands, or behind all of it; and then where in `LEAVE_MUCH`, or before it."""
    return _begins(item, LONGEST, len(LONGEST)), _begins(item, LEAVE_MUCH, -1)


def _begins(item: pytest.Item, names: tuple[str, ...], otherwise: int) -> int:
    return next((at for at, begins in enumerate(names) if item.nodeid.startswith(begins)), otherwise)
