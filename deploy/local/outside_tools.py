"""Programs of others that the tests drive: a browser with a Chinese font for the console, kcat for the public topics.

`python -m deploy.local.outside_tools` installs what is missing.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local.problems import SetUpProblem

_PACKAGES = ("chromium", "fonts-noto-cjk", "kcat")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_KCAT = ("kcat", "kafkacat")


def chromium() -> str:
    """The path of a Chromium; raises SetUpProblem if there is none."""
    return _found("TUAN_CHROMIUM", _BROWSERS, "Chromium and a Chinese font")


def kcat() -> str:
    """The path of a kcat; raises SetUpProblem if there is none."""
    return _found("TUAN_KCAT", _KCAT, "kcat")


def _found(setting: str, candidates: tuple[str, ...], what: str) -> str:
    named = os.environ.get(setting, "")
    for candidate in [named] if named else candidates:
        found = shutil.which(candidate)
        if found:
            return found
    message = (
        f"The tests need {what}: install it (on Debian: apt-get install {' '.join(_PACKAGES)}) "
        f"or set {setting} to the program's path."
    )
    raise SetUpProblem(message)


def install_outside_tools() -> None:
    """On Debian, as root, installs what is missing; elsewhere raises SetUpProblem if a program is."""
    dpkg = shutil.which("dpkg-query")
    if dpkg is None or os.geteuid() != 0 or not Path("/etc/debian_version").exists():
        chromium()
        kcat()
        return
    missing = [package for package in _PACKAGES if not _installed(dpkg, package)]
    if not missing:
        return
    sys.stdout.write(f"Programs for the tests: installing {' '.join(missing)}\n")
    sys.stdout.flush()
    apt = ["apt-get", "--quiet=2", "--yes", "--no-install-recommends"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for act in (["update"], ["install", *missing]):
        result = subprocess.run([*apt, *act], env=environment, capture_output=True, text=True, check=False)
        if result.returncode:
            message = f"apt-get {' '.join(act)} failed:\n{(result.stderr or result.stdout).strip()[-2000:]}"
            raise SetUpProblem(message)


def _installed(dpkg: str, package: str) -> bool:
    query = [dpkg, "--show", "--showformat=${db:Status-Status}", package]
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout == "installed"


if __name__ == "__main__":
    try:
        install_outside_tools()
    except SetUpProblem as problem:
        sys.exit(str(problem))
