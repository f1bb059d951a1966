"""Programs of others that the tests drive: a browser with a Chinese font for the console, kcat for the public topics,
Prometheus with its promtool for alerts and dashboards.

`python -m deploy.local.outside_tools` installs what is missing.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local.problems import SetUpProblem
from deploy.local.servers import CHECKOUT

_PACKAGES = ("chromium-headless-shell", "fonts-noto-cjk", "kcat")
_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = ("--no-sandbox", "--js-flags=--no-opt --no-maglev")
"""A page of a test lives for seconds: what the optimizing compilers gain there is less than they take."""
_KCAT = ("kcat", "kafkacat")
_UNPACKED = CHECKOUT / ".local" / "prometheus"
_PROMETHEUS = ("prometheus", "promtool")


def chromium() -> str:
    """The path of a Chromium; raises SetUpProblem if there is none. The one without windows takes a sixth less CPU."""
    return _found("TUAN_CHROMIUM", _BROWSERS, "Chromium and a Chinese font")


def kcat() -> str:
    """The path of a kcat; raises SetUpProblem if there is none."""
    return _found("TUAN_KCAT", _KCAT, "kcat")


def promtool() -> str:
    """The path of a promtool; raises SetUpProblem if there is none."""
    return _found("TUAN_PROMTOOL", ("promtool", str(_UNPACKED / "usr" / "bin" / "promtool")), "promtool of Prometheus")


def prometheus() -> str:
    """The path of a Prometheus; raises SetUpProblem if there is none."""
    return _found("TUAN_PROMETHEUS", ("prometheus", str(_UNPACKED / "usr" / "bin" / "prometheus")), "Prometheus")


def _found(setting: str, candidates: tuple[str, ...], what: str) -> str:
    named = os.environ.get(setting, "")
    for candidate in [named] if named else candidates:
        found = shutil.which(candidate)
        if found:
            return found
    message = (
        f"The tests need {what}: install it (on Debian, as root: python -m deploy.local.outside_tools) "
        f"or set {setting} to the program's path."
    )
    raise SetUpProblem(message)


def install_outside_tools() -> None:
    """On Debian, as root, installs what is missing; elsewhere raises SetUpProblem if a program is."""
    dpkg = shutil.which("dpkg-query")
    if dpkg is None or os.geteuid() != 0 or not Path("/etc/debian_version").exists():
        chromium()
        kcat()
        promtool()
        prometheus()
        return
    _unpack_prometheus()
    missing = [package for package in _PACKAGES if not _installed(dpkg, package)]
    if not missing:
        return
    sys.stdout.write(f"Programs for the tests: installing {' '.join(missing)}\n")
    sys.stdout.flush()
    _apt(["update"])
    _apt(["install", *missing])


def _unpack_prometheus() -> None:
    """Of Debian's package of Prometheus the programs alone: installed, the package would start a server."""
    try:
        promtool()
        prometheus()
    except SetUpProblem:
        sys.stdout.write("Programs for the tests: unpacking Prometheus\n")
        sys.stdout.flush()
        _UNPACKED.mkdir(parents=True, exist_ok=True)
        _apt(["update"])
        _apt(["download", "prometheus"], _UNPACKED)
        (package,) = _UNPACKED.glob("prometheus_*.deb")
        inside = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], capture_output=True, check=True).stdout
        programs = [f"./usr/bin/{program}" for program in _PROMETHEUS]
        subprocess.run(["tar", "--extract", "--directory", _UNPACKED, *programs], input=inside, check=True)
        package.unlink()


def _apt(act: list[str], where: Path = CHECKOUT) -> None:
    command = ["apt-get", "--quiet=2", "--yes", "--no-install-recommends", *act]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    result = subprocess.run(command, env=environment, cwd=where, capture_output=True, text=True, check=False)
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
