"""The public tools that read Dockerfile, compose file and chart, in a virtual environment of their own.

They weigh some hundred megabytes, so only who asks for one gets them: `.local/packaging`, by deploy/image/tools.lock.
"""

import hashlib
import subprocess
import sys
from collections.abc import Sequence

from deploy.local.exclusive import one_at_a_time
from deploy.local.problems import SetUpProblem
from deploy.local.servers import CHECKOUT

LOCK = CHECKOUT / "deploy" / "image" / "tools.lock"
HOME = CHECKOUT / ".local" / "packaging"


def tool(name: str) -> str:
    """The path of one of their programs (`python` for their libraries). Raises SetUpProblem."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    stamp = HOME / ".installed-lock"
    with one_at_a_time(HOME.with_name("packaging-lock")):
        if not (stamp.exists() and stamp.read_text() == wanted):
            _made([sys.executable, "-m", "venv", "--clear", str(HOME)])
            _made([str(HOME / "bin" / "pip"), "install", "--quiet", "--require-hashes", "--requirement", str(LOCK)])
            stamp.write_text(wanted)
    return str(HOME / "bin" / name)


def _made(command: Sequence[str]) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SetUpProblem(f"The tools that read the packaging could not be installed:\n{result.stderr[-2000:]}")
