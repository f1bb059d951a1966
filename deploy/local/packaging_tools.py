"""The public tools that read Dockerfile, compose file and chart, in a virtual environment of their own.

They weigh some hundred megabytes, so only who asks for one gets them: `.local/packaging`, by deploy/image/tools.lock.
"""

import hashlib
import shutil
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
            uv, python = _uv(), str(HOME / "bin" / "python")
            _made([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(HOME)])
            _made([uv, "pip", "sync", "--quiet", "--require-hashes", str(LOCK), "--python", python])
            stamp.write_text(wanted)
    return str(HOME / "bin" / name)


def _uv() -> str:
    """What installed .venv; with pip the same takes four times as long."""
    found = shutil.which("uv") or shutil.which(CHECKOUT / ".local" / "uv" / "bin" / "uv")
    if found is None:
        raise SetUpProblem("There is no uv here: remove .venv/.installed-lock and run make install, which fetches it.")
    return found


def _made(command: Sequence[str]) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SetUpProblem(f"The tools that read the packaging could not be installed:\n{result.stderr[-2000:]}")
