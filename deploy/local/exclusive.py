"""Of several processes of a checkout one installs; the others wait, and find it there."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def one_at_a_time(cache: Path) -> Iterator[None]:
    """`make up` and `make test` may start at the same moment and share the cache."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
