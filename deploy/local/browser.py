"""The browser and the fonts that the console's tests drive: `python -m deploy.local.browser`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local.problems import SetUpProblem

_PACKAGES = ("chromium", "fonts-noto-cjk")
_CANDIDATES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """The path of a Chromium; raises SetUpProblem if there is none."""
    named = os.environ.get("TUAN_CHROMIUM", "")
    for candidate in [named] if named else _CANDIDATES:
        found = shutil.which(candidate)
        if found:
            return found
    message = (
        "The console's tests need Chromium and a Chinese font: install both (on Debian: apt-get install "
        f"{' '.join(_PACKAGES)}) or set TUAN_CHROMIUM to the browser's path."
    )
    raise SetUpProblem(message)


def install_browser() -> None:
    """On Debian, as root, installs what is missing; elsewhere raises SetUpProblem if the browser is."""
    dpkg = shutil.which("dpkg-query")
    if dpkg is None or os.geteuid() != 0 or not Path("/etc/debian_version").exists():
        chromium()
        return
    missing = [package for package in _PACKAGES if not _installed(dpkg, package)]
    if not missing:
        return
    sys.stdout.write(f"Browser for the tests: installing {' '.join(missing)}\n")
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
        install_browser()
    except SetUpProblem as problem:
        sys.exit(str(problem))
